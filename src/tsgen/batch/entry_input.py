"""GluonTS entries of Python as an input, beside files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from tsgen.errors import DataError

from .locations import InputFile, Source
from .tasks import entry_blocks

__all__ = ["EntryInput", "Input", "input_of"]


@dataclass(frozen=True, eq=False)
class EntryInput:
    """Entries of an iterable: a list, or any GluonTS dataset; see `Source`.

    Attributes:
        entries: They are read twice, and the second time they are the same.
    """

    entries: Iterable[Any]

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"The {type(self.entries).__name__} of entries"

    def check(self) -> None:
        """Refuse what is no iterable of entries, or can be read once only.

        Raises:
            DataError: It is.
        """
        given = self.entries
        if isinstance(given, pd.DataFrame) or not isinstance(given, Iterable):
            raise DataError(
                f"A {type(given).__name__} is no input; give a path, an address, or GluonTS "
                "entries."
            )
        if isinstance(given, Iterator):
            raise DataError(
                f"A {type(given).__name__} can be read once only; give a list, or a GluonTS "
                "dataset."
            )

    def files(self) -> list[InputFile]:
        """Return what tells these entries from others."""
        return [self._file]

    @cached_property
    def _file(self) -> InputFile:
        digest, size = hashlib.sha256(), 0
        for block in entry_blocks(self.entries):
            for text in block.table["entry"]:
                digest.update(text.encode())
                size += len(text)
        return InputFile("entries", size, digest.hexdigest())

    def fetched(self, folder: Path) -> Iterable[Any]:
        """Return the entries; nothing is copied."""
        return self.entries


Input = Source | EntryInput


def input_of(given: Any) -> Input:
    """Return the input of a path, an address, or entries."""
    return Source(str(given)) if isinstance(given, str | Path) else EntryInput(given)

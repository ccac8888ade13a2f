"""GluonTS entries in files, one after another: for more of them than memory holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..parquet import PARQUET
from ..reading import reading
from .folder import ENTRY_SUFFIXES, entry_files, is_of_tsgen, read_entry_file, stated_freq

__all__ = ["EntryStream", "stream_entries"]


@dataclass(frozen=True)
class EntryStream:
    """Raw entries, as their files have them.

    Attributes:
        files: Where they are, in order.
        freq: What the folder says, or None.
    """

    files: tuple[Path, ...]
    freq: str | None = None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for file in self.files:
            with reading(file):
                yield from read_entry_file(file)


def stream_entries(path: Path) -> EntryStream | None:
    """Return the entries of a file or folder, or None if it holds tables.

    A folder that `write_series` made counts as one of tables: it has names that entries lack.

    Raises:
        DataError: It cannot be read.
    """
    if not path.is_dir():
        whole = path.name.endswith(ENTRY_SUFFIXES) and _has_lists(path)
        return EntryStream((path,)) if whole else None
    if is_of_tsgen(path):
        return None
    files = entry_files(path)
    if not files or not all(_has_lists(file) for file in files):
        return None
    return EntryStream(tuple(files), stated_freq(path))


def _has_lists(file: Path) -> bool:
    """Return whether targets are lists; in Parquet they may be numbers, of a long table."""
    import pyarrow.parquet as pq
    import pyarrow.types as pt

    if not file.name.endswith(PARQUET):
        return True
    with reading(file):
        schema = pq.read_schema(file)
    return "target" in schema.names and bool(pt.is_list(schema.field("target").type))

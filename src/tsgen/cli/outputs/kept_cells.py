"""Cells of a study that are kept beside its output until it is done."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tsgen.errors import OutputError, TrainingInterruptedError
from tsgen.interruption import exit_code_of
from tsgen.storage import holds_ours

__all__ = ["beside_cells", "check_kept", "remove_cells"]

_OF_A_CHOICE = re.compile(r"[0-9a-f]{16}(\.npy)?|seed\.txt")
"""Losses, trained models and the seed; see `tsgen.curation.choosing.Cells`."""


def check_kept(folder: Path) -> None:
    """Refuse a place where a verb keeps what it has finished, before any work is done.

    Raises:
        OutputError: It has no name of its own, is a file, or a model, run or dataset.
    """
    if folder.name in {"", ".."}:
        raise OutputError(f"'{folder}' has no name of its own; name the folder to keep cells in.")
    if folder.exists() and (not folder.is_dir() or holds_ours(folder)):
        raise OutputError(f"{folder} holds something else; name a folder of its own for cells.")


@contextmanager
def beside_cells(place: Path) -> Iterator[None]:
    """Say with a failure inside the block that the finished cells are kept, and how to go on.

    Raises:
        TrainingInterruptedError: Ctrl-C or SIGTERM.
    """
    kept = f"Finished cells are kept in {place}; the same command goes on from there."
    try:
        yield
    except Exception as error:
        error.add_note(kept)
        raise
    except KeyboardInterrupt as error:
        number = exit_code_of(error) - 128
        raise TrainingInterruptedError(kept, checkpoint=str(place), signal=number) from None


def remove_cells(place: Path) -> None:
    """Remove the cells in a folder, and the folder unless something else is in it."""
    with suppress(OSError):
        for cell in place.iterdir():
            if cell.suffix == ".json" or _OF_A_CHOICE.fullmatch(cell.name):
                shutil.rmtree(cell) if cell.is_dir() else cell.unlink()
        place.rmdir()

"""Results at a path: written whole or not at all, where nothing of somebody else is lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tsgen.errors import OutputError
from tsgen.interruption import interruption, signals_wait

from .exchange import replace_with
from .locks import locked
from .workplaces import PREVIOUS, sweep, workplace

__all__ = ["claimed", "free_place", "signature", "write_atomically"]

_HEADERS = ("model.json", "result.json")
"""Name a model's and a run's other files, with their digests."""

_DATASET = {"tsgen.json", "metadata.json", "train"}
_PAGES = ".html"
_PATIENCE = 10.0
"""Seconds to wait for another process that writes the same path."""


def free_place(path: Path, *, overwrite: bool) -> None:
    """Raise OutputError unless a result may be put at `path`.

    Overwriting replaces a file, an empty folder, or a folder of which tsgen wrote everything; any
    other folder stays, so that a slip of the keyboard cannot cost a home directory.
    """
    if path.name in {"", ".."}:
        raise OutputError(f"'{path}' has no name of its own; name the file or folder to make.")
    if not path.exists():
        return
    if not overwrite:
        raise OutputError(
            f"{path} exists already; choose another name or allow overwriting (--overwrite)."
        )
    if not path.is_dir():
        return
    ours = _written_by_tsgen(path)
    others = (p.name for p in path.iterdir() if p.name not in ours and p.suffix != _PAGES)
    if found := min(others, default=None):
        raise OutputError(
            f"{path} is a folder with other content ({found}), which tsgen does not overwrite; "
            "choose another name or delete it yourself."
        )


def _written_by_tsgen(folder: Path) -> set[str]:
    """Return the names in a folder that its header says tsgen wrote there."""
    if (folder / "tsgen.json").is_file():
        return _DATASET
    for header in _HEADERS:
        try:
            sums = json.loads((folder / header).read_text(encoding="utf-8"))["sha256"]
            return {header, *(Path(name).parts[0] for name in sums)}
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return set()


def signature(path: Path) -> tuple[int, int] | None:
    """Return what changes when something is put at a path; None where nothing is."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns


@contextmanager
def claimed(path: str | Path, *, wait: float = 0.0) -> Iterator[None]:
    """Keep other processes from writing to `path` inside the block; see `locked`.

    What killed runs left beside it is removed.

    Raises:
        OutputError: Another process holds the lock, or nothing can be written there.
    """
    path = Path(path)
    with locked(path, wait=wait) as new:
        if new:
            sweep(path.parent, mine=path)
        yield


@contextmanager
def write_atomically(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary place beside `path`; move it to `path` only if the block succeeds.

    The block writes a file or makes a folder at the place it is given. An older `path` survives any
    failure, and is there at every moment. What killed runs left beside it is removed. Ctrl-C and
    SIGTERM wait for the end of the last move.

    Raises:
        OutputError: `path` exists and `overwrite` is False, another process is writing it, or the
            disk refused the write.
    """
    path = Path(path)
    free_place(path, overwrite=overwrite)
    with claimed(path, wait=_PATIENCE), _told_as_output_errors(path):
        free_place(path, overwrite=overwrite)
        with workplace(path) as place:
            yield place / path.name
            with signals_wait() as waiting:
                replace_with(place / path.name, path, place / PREVIOUS)
                shutil.rmtree(place, ignore_errors=True)
            if waiting.number is not None:
                raise interruption(waiting.number)


@contextmanager
def _told_as_output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{path} could not be written: {error.strerror or error}. "
            "Free some space or choose another place; nothing that was there has changed."
        ) from error

"""The hidden folders in which results are made, and what killed runs left of them."""

from __future__ import annotations

import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tsgen.errors import OutputError, TsgenWarning
from tsgen.interruption import interruption, signals_wait

from .locks import locked

__all__ = ["PREVIOUS", "older_content", "sweep", "workplace"]

PREVIOUS = "previous"
"""Where an older folder is while it steps aside."""

_NAME = re.compile(r"\.(?P<output>.+)\.tsgen-[a-z0-9_]{8}")


@contextmanager
def workplace(path: Path) -> Iterator[Path]:
    """Give a hidden folder beside `path`, whose lock is held; it is removed at the end."""
    with signals_wait() as waiting:  # between a folder that is made and a name for it
        place = Path(tempfile.mkdtemp(prefix=f".{path.name}.tsgen-", dir=path.parent))
    try:
        if waiting.number is not None:
            raise interruption(waiting.number)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def sweep(folder: str | Path, *, mine: Path | None = None) -> None:
    """Remove the hidden folders that killed runs left in `folder`.

    Only those that look as `workplace` makes them are touched, and only while their output's lock
    is free, so that their owner is gone. A folder that was stepping aside is put back.

    Args:
        folder: Where to look.
        mine: The output whose lock the caller has just taken.

    Warns:
        TsgenWarning: An older output was put back.
    """
    for place, path in _left_in(Path(folder)):
        if mine is not None and path.name == mine.name:
            _clear(place, path)
            continue
        with suppress(OutputError), locked(path) as new:
            if new:
                _clear(place, path)


def older_content(path: Path) -> Path | None:
    """Return where a killed run left what `path` was, if it is absent."""
    places = [place / PREVIOUS for place, output in _left_in(path.parent) if output == path]
    return next((place for place in places if place.exists()), None)


def _left_in(folder: Path) -> list[tuple[Path, Path]]:
    """Return the hidden folders in a folder, each with the output it belongs to."""
    places = []
    with suppress(OSError):
        for place in sorted(folder.iterdir()):
            match = _NAME.fullmatch(place.name)
            if match and not place.is_symlink() and place.is_dir():
                content = {part.name for part in place.iterdir()}
                if content <= {match["output"], PREVIOUS}:
                    places.append((place, folder / match["output"]))
    return places


def _clear(place: Path, path: Path) -> None:
    if (place / PREVIOUS).exists() and not path.exists():
        (place / PREVIOUS).rename(path)
        warnings.warn(
            f"{path} is back: a run was killed while it replaced it, on a file system that cannot "
            "exchange two folders in one step.",
            TsgenWarning,
            stacklevel=2,
        )
    shutil.rmtree(place, ignore_errors=True)

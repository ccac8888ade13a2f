"""Results at a path: written whole or not at all, where nothing of somebody else is lost."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tsgen.errors import ModelFormatError, OutputError
from tsgen.interruption import interruption, signals_wait

from .digests import ADVICE, check_digests, check_files, files_in
from .exchange import replace_with
from .locks import locked
from .workplaces import PREVIOUS, sweep, workplace

__all__ = ["claimed", "free_place", "holds_ours", "signature", "write_atomically", "write_text"]

_EARLIER = {
    "result.json": {"result.json", "table.csv", "arrays.npz", "page.html"},
    "tsgen.json": {"tsgen.json", "metadata.json", "train/data.json.gz"},
}
"""Headers whose first format did not list every file, and the files there could be."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")

_HEADERS = ("model.json", *_EARLIER)
_PATIENCE = 10.0
"""Seconds to wait for another process that writes the same path."""


def free_place(path: Path, *, overwrite: bool) -> None:
    """Raise OutputError unless a result may be put at `path`.

    Overwriting replaces a file, an empty folder, or a folder of which tsgen wrote everything, and
    nothing was changed since; any other folder stays, so that a slip of the keyboard cannot cost a
    home directory.
    """
    if path.name in {"", ".."}:
        raise OutputError(f"'{path}' has no name of its own; name the file or folder to make.")
    if path.name == "-":
        raise OutputError("'-' would be a file of that name; name the file or folder to make.")
    if "\0" in str(path):
        raise OutputError(f"The name {str(path)!r} has a NUL character; choose another one.")
    try:
        there = path.exists()
    except OSError as error:  # the name is too long
        raise OutputError(f"{str(path)[:100]} cannot be written: {error.strerror}.") from None
    if not there:
        _refuse_dead_link(path)
        return
    if not (path.is_file() or path.is_dir()):
        raise OutputError(
            f"{path} is a pipe or a device, which tsgen does not replace; name a file."
        )
    if not overwrite:
        raise OutputError(
            f"{path} exists already; choose another name or allow it with overwrite=True."
        )
    if path.is_dir() and (foreign := _not_ours(path)):
        raise OutputError(
            f"{path} is a folder with {foreign}, which tsgen does not overwrite; choose another "
            "name or delete it yourself."
        )


def _refuse_elsewhere(path: Path) -> None:
    """Refuse "s3://shop/x" and "~/x", which would be folders here called "s3:" and "~"."""
    first = Path(path.parts[0])
    if first.exists() or path == first:
        return
    if _SCHEME.fullmatch(first.name):
        there = f"{first}//{path.relative_to(first)}"
        raise OutputError(
            f"{there} is an address elsewhere, where `tsgen batch` alone "
            "writes; name a place on this machine, and copy the result there."
        )
    if first.name.startswith("~"):
        raise OutputError(
            f"{path} would lie in a folder called '{first}'; write the home directory out, as "
            "Path(...).expanduser() does."
        )


def _refuse_dead_link(path: Path) -> None:
    if path.is_symlink():
        raise OutputError(
            f"{path} is a link to {path.readlink()}, where nothing is; delete it, or choose "
            "another name."
        )


def _not_ours(folder: Path) -> str:
    """Return what lies in a folder that is not as tsgen wrote it, or an empty text."""
    try:
        names = files_in(folder)
        empty = [p.name for p in folder.iterdir() if p.is_dir() and not any(p.iterdir())]
    except ModelFormatError as error:
        return f"other content ({_without_advice(error)})"
    header = next((name for name in _HEADERS if name in names), None)
    listed = _listed(folder, header) if header else set()
    if others := [name for name in [*names, *empty] if name not in listed]:
        return f"other content ({others[0]})"
    return _changed(folder, header) if header else ""


def _listed(folder: Path, header: str) -> set[str]:
    """Return the files that a header says tsgen wrote."""
    content = _content(folder / header)
    sums = content.get("sha256", {})
    if header in sums or (header == "model.json" and sums):
        return {header, *sums}
    if header in _EARLIER and content.get("format") == 1:
        return _EARLIER[header]
    return set()


def _changed(folder: Path, header: str) -> str:
    """Return which file is no longer as its digest says, or an empty text."""
    content = _content(folder / header)
    sums = content.get("sha256", {})
    try:
        if header in sums:
            check_digests(folder, header, content)
        else:
            check_files(folder, sums)
    except ModelFormatError as error:
        return f"content that was changed since ({_without_advice(error)})"
    return ""


def _without_advice(error: ModelFormatError) -> str:
    """Return what is wrong with a folder that is not to be read, but to be replaced."""
    return str(error).removesuffix(ADVICE).rstrip(" .")


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    sums = content.get("sha256", {}) if isinstance(content, dict) else None
    return content if isinstance(sums, dict) else {}


def holds_ours(folder: Path) -> bool:
    """Return whether a folder has a header of tsgen's: a model, a run or a dataset."""
    return any((folder / header).is_file() for header in _HEADERS)


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
        OutputError: Another process holds the lock, nothing can be written there, or it is an
            address elsewhere.
    """
    path = Path(path)
    _refuse_elsewhere(path)  # before folders on the way are made
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
    with claimed(path, wait=_PATIENCE), _as_output_errors(path):
        free_place(path, overwrite=overwrite)
        with workplace(path) as place:
            yield place / path.name
            with signals_wait() as waiting:
                replace_with(place / path.name, path, place / PREVIOUS)
                shutil.rmtree(place, ignore_errors=True)
            if waiting.number is not None:
                raise interruption(waiting.number)


def write_text(path: str | Path, text: str, *, overwrite: bool = False) -> None:
    """Write a file of text, whole or not at all; see `write_atomically`.

    Raises:
        OutputError: As there.
    """
    with write_atomically(path, overwrite=overwrite) as file:
        file.write_text(text, encoding="utf-8")


@contextmanager
def _as_output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{path} could not be written: {error.strerror or error}. "
            "Free some space or choose another place; nothing that was there has changed."
        ) from error

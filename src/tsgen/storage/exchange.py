"""Putting a finished file or folder where an older one may be, with no moment of nothing."""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Callable
from pathlib import Path

from tsgen.errors import OutputError

__all__ = ["replace_with"]

_HERE = -100  # AT_FDCWD: paths are relative to the working directory
_EXCHANGE = 2  # RENAME_EXCHANGE


def replace_with(fresh: Path, path: Path, previous: Path) -> None:
    """Put `fresh` at `path`; what was there is at `fresh` or at `previous` afterwards.

    A folder is exchanged by one system call (Linux, `renameat2`). Where the file system has none,
    the older folder steps aside to `previous` for a moment; whoever is killed in that moment leaves
    it there, and `workplaces.sweep` puts it back.

    Raises:
        OutputError: One is a file and the other a folder.
    """
    if path.exists() and path.is_dir() != fresh.is_dir():
        kinds = ("folder", "file") if path.is_dir() else ("file", "folder")
        raise OutputError(f"{path} is a {kinds[0]}, the result a {kinds[1]}; choose another name.")
    if not path.is_dir():
        fresh.replace(path)
    elif not _exchanged(fresh, path):
        _step_aside(fresh, path, previous)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; return False where that is not possible."""
    call = _renameat2()
    names = os.fsencode(one), os.fsencode(other)
    return call is not None and call(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0


@functools.cache
def _renameat2() -> Callable[..., int] | None:
    try:
        call = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return call


def _step_aside(fresh: Path, path: Path, previous: Path) -> None:
    """Put `fresh` at `path`, and the old `path` back if that fails."""
    try:
        path.rename(previous)
        fresh.rename(path)
    except BaseException:
        if previous.exists() and not path.exists():
            previous.rename(path)
        raise

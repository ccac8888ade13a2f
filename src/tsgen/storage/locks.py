"""One run to one output: a lock beside it, which dies with its owner."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tsgen.errors import OutputError, TsgenWarning

__all__ = ["locked"]

_PREFIX = ".tsgen-lock-"
_STEP = 0.05

_held: dict[Path, int] = {}
"""How many blocks of this process hold the lock of a path."""

_files: dict[Path, int | None] = {}
"""The open lock files of this process; None where the file system has no locks."""

_guard = threading.Lock()


@contextmanager
def locked(path: str | Path, *, wait: float = 0.0) -> Iterator[bool]:
    """Keep other processes from writing to `path` inside the block; folders on the way are made.

    The lock is that of the open file `.tsgen-lock-NAME` beside it: the system frees it when its
    owner ends, however it ends, and a file that a killed run left is taken over. A process may
    hold the lock of one path several times.

    Args:
        path: The file or folder to be written.
        wait: Seconds to wait for another process.

    Yields:
        Whether the lock is new to this process, and not one that it holds already.

    Raises:
        OutputError: Another process holds the lock, or nothing can be written there.
    """
    path = Path(os.path.abspath(path))
    made: list[Path] = []
    with _guard:
        new = path not in _held
        if new:
            made = _make_parents(path)
            _files[path] = _acquire(path, time.monotonic() + wait)
        _held[path] = _held.get(path, 0) + 1
    try:
        yield new
    finally:
        with _guard:
            _held[path] -= 1
            if not _held[path]:
                del _held[path]
                _release(path, _files.pop(path))
        for folder in made:
            with suppress(OSError):  # something is in it now
                folder.rmdir()


def _make_parents(path: Path) -> list[Path]:
    """Make the folders on the way; return those that were absent, the innermost first."""
    absent = [folder for folder in path.parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        file = next(folder for folder in path.parents if folder.exists())
        raise OutputError(f"{path} cannot be written: {file} is a file, no folder.") from None
    except OSError as error:
        raise _unwritable(path, error) from error
    return absent


def _acquire(path: Path, deadline: float) -> int | None:
    """Return the locked file of a path."""
    file = path.with_name(_PREFIX + path.name)
    while True:
        try:
            number = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(number, 1000).decode(errors="replace")
            os.close(number)
            if time.monotonic() > deadline:
                raise _in_use(path, owner) from None
            time.sleep(_STEP)
            continue
        except OSError as error:
            os.close(number)
            file.unlink(missing_ok=True)
            warnings.warn(
                f"{path.parent} has no locks ({error.strerror}): nothing keeps a second run from "
                f"writing to {path.name} at the same time.",
                TsgenWarning,
                stacklevel=2,
            )
            return None
        if _is_still(file, number):
            _sign(number)
            return number
        os.close(number)  # its owner removed it in between


def _is_still(file: Path, number: int) -> bool:
    try:
        return os.path.samestat(os.stat(file), os.fstat(number))
    except OSError:
        return False


def _sign(number: int) -> None:
    """Write who holds the lock; a full disk cannot keep anybody from having it."""
    owner = {"process": os.getpid(), "host": socket.gethostname()}
    with suppress(OSError):
        os.ftruncate(number, 0)
        os.pwrite(number, json.dumps(owner).encode(), 0)


def _release(path: Path, number: int | None) -> None:
    if number is not None:
        with suppress(OSError):
            path.with_name(_PREFIX + path.name).unlink()
        os.close(number)


def _in_use(path: Path, owner: str) -> OutputError:
    try:
        facts = json.loads(owner)
        who = f"process {facts['process']} on {facts['host']}"
    except (ValueError, KeyError, TypeError):
        who = "a process that has just begun"
    return OutputError(
        f"{path} is being written by another run ({who}); wait for its end, or choose another name."
    )


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {error.strerror or error}.")

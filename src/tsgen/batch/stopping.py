"""What is left of a batch that stops: finished partitions, and a word of them."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tsgen.errors import OutputError, TooLargeError, TrainingInterruptedError, TsgenError
from tsgen.interruption import exit_code_of
from tsgen.memory import lacks_memory

__all__ = ["in_our_words", "resumable"]


_FULL = re.compile(rf"errno ({errno.ENOSPC}|{errno.EDQUOT})\b", re.IGNORECASE)


@contextmanager
def resumable(work: Path) -> Iterator[None]:
    """Say with what stops the block what `work` holds, and how to go on.

    A folder that the block has made goes with an error, unless a partition is finished.

    Args:
        work: The folder OUTPUT.batch.

    Raises:
        TrainingInterruptedError: Ctrl-C or SIGTERM after the input was split.
        OutputError: The disk is full.
        TooLargeError: Memory gave out.
    """
    fresh = not work.exists()
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as error:
        if not (work / "batch.json").is_file():
            raise
        raise TrainingInterruptedError(
            _kept(work), checkpoint=str(work), signal=exit_code_of(error) - 128
        ) from None
    except Exception as error:
        if fresh and not _finished(work):
            shutil.rmtree(work, ignore_errors=True)
        kept = f" {_kept(work)}" if work.exists() else ""
        if isinstance(error, TsgenError):
            error.args = (f"{error}{kept}",)
            raise
        ours = in_our_words(error, work)
        if ours is None:
            raise
        ours.args = (f"{ours}{kept}",)
        raise ours from error


def in_our_words(error: Exception, work: Path) -> TsgenError | None:
    """Return what a full disk, or too little memory, is to be called; None of another error.

    Args:
        error: In the words of the system.
        work: The folder OUTPUT.batch.
    """
    if _is_full(error):
        return OutputError(
            f"{work} could not be written: no space is left. Free some space, or choose another "
            "place for the output."
        )
    if lacks_memory(error):
        return TooLargeError("There is not enough memory for a partition; use more partitions.")
    return None


def _kept(work: Path) -> str:
    return (
        f"{_finished(work)} partitions are finished and kept in {work}; the same call goes on from "
        "there."
    )


def _is_full(error: Exception) -> bool:
    """Return whether a disk is full: Arrow says so in words alone."""
    numbers = (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, OSError) and (
        error.errno in numbers or _FULL.search(str(error)) is not None
    )


def _finished(work: Path) -> int:
    return len(list(work.glob("results/*.parquet")))

"""What is left of a batch that stops: finished partitions, and a word of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tsgen.errors import TrainingInterruptedError, TsgenError
from tsgen.interruption import exit_code_of

__all__ = ["resumable"]


@contextmanager
def resumable(work: Path) -> Iterator[None]:
    """Say with an interruption inside the block what `work` holds, and how to go on.

    A folder that the block has made goes with an error, unless a partition is finished.

    Args:
        work: The folder OUTPUT.batch.

    Raises:
        TrainingInterruptedError: Ctrl-C or SIGTERM after the input was split.
    """
    fresh = not work.exists()
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as error:
        if not (work / "batch.json").is_file():
            raise
        raise TrainingInterruptedError(
            f"{_finished(work)} partitions are finished and kept in {work}; the same call goes on "
            "from there.",
            checkpoint=str(work),
            signal=exit_code_of(error) - 128,
        ) from None
    except TsgenError:
        if fresh and not _finished(work):
            shutil.rmtree(work, ignore_errors=True)
        raise


def _finished(work: Path) -> int:
    return len(list(work.glob("results/*.parquet")))

"""Partitions on the processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from tsgen.errors import DataError
from tsgen.memory import keep_limit, limit_asked

from ..partitions import Partition
from ..work import Done, PartitionWork

__all__ = ["on_processes"]


def on_processes(work: PartitionWork, partitions: Sequence[Partition], jobs: int) -> Iterator[Done]:
    """See `Engine`; one job works in this process.

    Raises:
        DataError: A worker was killed; what is finished is kept.
    """
    if jobs == 1:
        yield from map(work, partitions)
        return
    context = multiprocessing.get_context("spawn")
    workers = min(jobs, len(partitions))
    asked = limit_asked()
    share = None if asked is None else asked // workers
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(share,)
    ) as pool:
        futures = [pool.submit(work, partition) for partition in partitions]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool:
            raise DataError(
                "A worker was killed, perhaps for want of memory: give less memory or fewer jobs, "
                "so that partitions are smaller. Finished partitions are kept; the same command "
                "goes on."
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(limit: int | None) -> None:
    """Prepare a worker: its share of the memory that was asked for, and its end."""
    keep_limit(limit)
    _end_with_parent()


def _end_with_parent() -> None:
    """Let this process end when the one that started it does, be it killed.

    A worker would otherwise wait for ever for work that nobody sends.
    """
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()

"""Partitions on the processes of this machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from tsgen.errors import DataError

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
    with ProcessPoolExecutor(min(jobs, len(partitions)), mp_context=context) as pool:
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

"""What an engine is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from tsgen.errors import DataError

from ..partitions import Partition
from ..work import Done, PartitionWork

__all__ = ["TRIES", "Engine", "worker_lost"]

TRIES = 4
"""How often a cluster begins a partition whose worker it loses; Spark's own number."""


def worker_lost(engine: str) -> DataError:
    """Return what is wrong when a cluster has lost a partition's worker so often."""
    return DataError(
        f"{engine} lost the worker of a partition {TRIES} times, perhaps for want of memory: use "
        "more partitions, so that each is smaller."
    )


class Engine(Protocol):
    """Works on partitions in any order, several at a time."""

    def __call__(
        self, work: PartitionWork, partitions: Sequence[Partition], jobs: int
    ) -> Iterator[Done]:
        """Yield each partition when its result is on disk.

        Args:
            work: What is to be done with one; the model is loaded once a worker.
            partitions: What is still to be done.
            jobs: Workers at a time.
        """
        ...

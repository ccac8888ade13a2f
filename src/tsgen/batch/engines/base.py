"""What an engine is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ..partitions import Partition
from ..work import Done, PartitionWork

__all__ = ["Engine"]


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

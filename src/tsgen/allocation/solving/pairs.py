"""Pairs of users and campaigns: read in blocks, never held all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tsgen.arrays import AnyArray, Indices
from tsgen.errors import DataError

__all__ = ["Block", "DensePairs", "PairBlocks", "row_blocks"]


@dataclass(frozen=True, eq=False)
class Block:
    """What some users (r) would bring to the campaigns (m).

    Attributes:
        engagements: (r, m) float32 expected engagements.
        values: (r, m) float32, what the objective counts; -inf where the pair is not allowed.
        costs: (r, m) float64 cost of the contact.
    """

    engagements: AnyArray
    values: AnyArray
    costs: AnyArray


class PairBlocks(Protocol):
    """All pairs of n users and m campaigns, readable in parts."""

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and campaigns."""
        ...

    def block(self, rows: Indices) -> Block:
        """Return the pairs of the users at `rows`, as new arrays."""
        ...


@dataclass(frozen=True, eq=False)
class DensePairs:
    """Pairs in memory, for small problems and tests.

    Args:
        values: (n, m), -inf where a pair is not allowed.
        costs: (n, m), or anything that broadcasts to it.

    Raises:
        DataError: A value is NaN, or a cost is negative or not finite.
    """

    values: AnyArray
    costs: AnyArray | float = 0.0

    def __post_init__(self) -> None:
        costs = np.asarray(self.costs, np.float64)
        if np.isnan(self.values).any() or not np.isfinite(costs).all() or (costs < 0).any():
            raise DataError("Values must be numbers or -inf, and costs finite and at least 0.")

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and campaigns."""
        return self.values.shape[0], self.values.shape[1]

    def block(self, rows: Indices) -> Block:
        """Return the pairs of the users at `rows`; engagements are the values."""
        values = np.asarray(self.values[rows], np.float32)
        costs = np.broadcast_to(np.asarray(self.costs, np.float64), self.shape)[rows]
        return Block(np.maximum(values, 0), values, costs)


def row_blocks(shape: tuple[int, int], numbers: int) -> Iterator[Indices]:
    """Yield the rows in order, in parts of at most `numbers` pairs (one row at least)."""
    n, m = shape
    step = max(numbers // max(m, 1), 1)
    for begin in range(0, n, step):
        yield np.arange(begin, min(begin + step, n))

"""Lists selected anew among drawn users: what a list of other customers like these would hold.

A user drawn k times is k users with one score, and takes k places. A list of a fixed size then ends
earlier or later in the order of the scores; only the best few per cent of the candidates can be
listed in any draw, so only these are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Indices, Integers, Mask
from tsgen.scores import ScoreBlocks, top_rows

from ..ranked import ranked_hits

__all__ = ["ReselectedPrecision", "first_weights", "reach_of"]


def first_weights(weights: Array, size: int) -> Array:
    """Return how much of each weight is within the first `size`, along the last axis.

    Args:
        weights: (..., K) times that each of K users, best first, was drawn.
        size: Places of the list.
    """
    before = np.cumsum(weights, axis=-1) - weights
    return np.asarray(np.clip(size - before, 0, weights))


def reach_of(size: int, most: int) -> int:
    """Return how many of the best users can be listed in a draw: six standard deviations more."""
    return min(size + int(6 * np.sqrt(size)) + 20, most)


@dataclass(frozen=True, eq=False)
class ReselectedPrecision:
    """The share of the listed pairs that occur, lists of users for each item selected anew.

    Attributes:
        users: (m, K) best users of each item, best first, -1 where there are fewer.
        hits: (m, K) whether the pair occurs.
        size: Users of a list.
        scores: (m, K) of the pairs, -inf where there are fewer.
    """

    users: Integers
    hits: Mask
    size: int
    scores: Array

    @classmethod
    def of(
        cls,
        scores: ScoreBlocks,
        targets: sp.csr_array,
        size: int,
        *,
        exclude: sp.csr_array | None = None,
    ) -> ReselectedPrecision:
        """Look at the best users of each item.

        Args:
            scores: (n, m).
            targets: (n, m) sparse.
            size: Users of a list.
            exclude: (n, m) sparse; pairs that are never listed.
        """
        users, values = top_rows(scores, reach_of(size, scores.shape[0]), exclude=exclude)
        return cls(users, ranked_hits(users, sp.csr_array(targets.T)), size, values)

    @property
    def best(self) -> Integers:
        """The list of each item as it is, (m, size), -1 where there are fewer."""
        return self.users[:, : self.size]

    def __call__(self, weights: Array) -> Array:
        """Return the precision under each row of weights (b, n), shape (b,)."""
        at = np.flatnonzero(self.hits)
        return np.array([self._one(row, at) for row in np.asarray(weights, np.float32)])

    def _one(self, weights: AnyArray, at: Indices) -> float:
        """Return it under one row; how much is listed matters at the hits `at` alone."""
        drawn = np.append(weights, np.float32(0))[self.users]  # -1 is nobody
        until = np.cumsum(drawn, axis=1)
        total = float(np.minimum(until[:, -1], self.size).sum(dtype=np.float64))
        chosen = drawn.ravel()[at]
        listed = np.clip(self.size - until.ravel()[at] + chosen, 0, chosen)
        return float(listed.sum(dtype=np.float64)) / total if total else 0.0

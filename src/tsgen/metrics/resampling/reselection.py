"""Lists selected anew among drawn users: what a list of other customers like these would hold.

A user drawn k times is k users with one score, and takes k places. A list of a fixed size then ends
earlier or later in the order of the scores; only the best few per cent of the candidates can be
listed in any draw, so only these are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Indices, Integers, Mask
from tsgen.scores import ScoreBlocks, top_rows

from ..ranked import ranked_hits

__all__ = ["ReselectedPrecision", "first_weights", "reach_of"]

_CHUNK_NUMBERS = 4_000_000
"""Sums of weights in memory at a time."""


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
        return cls.of_best(users, values, targets, size)

    @classmethod
    def of_best(
        cls, users: Integers, scores: Array, targets: sp.csr_array, size: int
    ) -> ReselectedPrecision:
        """Return it for the best `reach_of` users of each item and their scores, (m, K) each."""
        return cls(users, ranked_hits(users, sp.csr_array(targets.T)), size, scores)

    def of_items(self, kept: Mask) -> ReselectedPrecision:
        """Return it for some of the items, (m,)."""
        return ReselectedPrecision(self.users[kept], self.hits[kept], self.size, self.scores[kept])

    @property
    def best(self) -> Integers:
        """The list of each item as it is, (m, size), -1 where there are fewer."""
        return self.users[:, : self.size]

    def __call__(self, weights: Array) -> Array:
        """Return the precision under each row of weights (b, n), shape (b,)."""
        drawn = np.ascontiguousarray(np.asarray(weights, np.float64).T)
        step = max(_CHUNK_NUMBERS // max(self._runs.shape[0], 1), 1)
        chunks = range(0, drawn.shape[1], step)
        return np.concatenate(
            [self._of_draws(drawn[:, k : k + step]) for k in chunks] or [np.zeros(0)]
        )

    def _of_draws(self, drawn: Array) -> Array:
        """Return it under draws (n, b); how much is listed matters at the hits alone."""
        until = np.cumsum(self._runs @ drawn[: self._runs.shape[1]], axis=0)
        ends = until[self._ends]
        total = np.minimum(np.diff(ends, axis=0, prepend=0.0), self.size).sum(axis=0)
        line, place = np.nonzero(self.hits)
        chosen = drawn[self.users[line, place]]
        before = np.concatenate([np.zeros((1, drawn.shape[1])), ends[:-1]])[line]
        at = np.arange(len(line)) + line  # a run ends with each hit, and one with the item
        listed = np.clip(self.size - (until[at] - before) + chosen, 0, chosen)
        share = np.divide(listed.sum(axis=0), total, out=np.zeros_like(total), where=total > 0)
        return np.asarray(share)

    @cached_property
    def _ends(self) -> Indices:
        """Return the last run of each item, (m,)."""
        return np.cumsum(self.hits.sum(axis=1) + 1) - 1

    @cached_property
    def _runs(self) -> sp.csr_array:
        """Return who is in each run of users, (runs, n): up to a hit, or after an item's last."""
        line, place = np.nonzero(self.users >= 0)
        ended: Integers = np.cumsum(self.hits, axis=1) - self.hits
        run = ended[line, place] + (np.append(0, self._ends[:-1] + 1))[line]
        shape = (len(self.hits) + int(self.hits.sum()), int(self.users.max(initial=-1)) + 1)
        return sp.csr_array((np.ones(len(run)), (run, self.users[line, place])), shape=shape)

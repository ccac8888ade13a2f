"""What users did with each campaign's items in a window: what an assignment is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from tsgen.allocation import Pool
from tsgen.allocation.solving import Block
from tsgen.arrays import AnyIntegers, Array, Indices
from tsgen.data import Interactions

__all__ = ["HindsightPairs", "Outcome"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Engagements and their value, (n, m) sparse each.

    Attributes:
        engagements: Events of a user with a campaign's items in the window.
        values: Their worth: a number each, or what was spent.
    """

    engagements: sp.csr_array
    values: sp.csr_array

    @classmethod
    def of(cls, pool: Pool, window: Interactions) -> Self:
        """Count the events of a window by user and campaign of a pool.

        Args:
            pool: Users and campaigns.
            window: A log of the window alone; events of others count nothing.
        """
        users = pool.candidates.users.codes(window.users.ids)[window.user]
        items = pool.scores.item_ids.get_indexer(window.items.ids)[window.item]
        kept = (users >= 0) & (items >= 0)
        shape = (pool.shape[0], len(pool.scores.item_ids))
        place = (users[kept], items[kept])
        counts = sp.csr_array((np.ones(int(kept.sum())), place), shape=shape)
        engagements = sp.csr_array(counts @ pool.members.astype(np.float64))
        worth = [0.0 if c.value == "spend" else float(c.value) for c in pool.plan.campaigns]
        values = sp.csr_array(engagements.multiply(np.array(worth)))
        spending = np.array([c.value == "spend" for c in pool.plan.campaigns])
        if spending.any() and window.value is not None:
            spent = sp.csr_array((window.value[kept], place), shape=shape)
            values = values + (spent @ pool.members).multiply(spending.astype(float))
        return cls(engagements, sp.csr_array(values))

    def of_pairs(self, rows: AnyIntegers, columns: AnyIntegers) -> tuple[Array, Array]:
        """Return engagements and values of some pairs, (e,) each."""
        return _entries(self.engagements, rows, columns), _entries(self.values, rows, columns)


def _entries(matrix: sp.csr_array, rows: Any, columns: Any) -> Array:
    return np.asarray(matrix[rows, columns], np.float64).ravel() if len(rows) else np.zeros(0)


@dataclass(frozen=True, eq=False)
class HindsightPairs:
    """The pairs of a pool, valued by what happened: nobody can do better than their optimum."""

    pool: Pool
    outcome: Outcome

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and campaigns."""
        return self.pool.shape

    def block(self, rows: Indices) -> Block:
        """Return the pairs of the users at `rows`."""
        block = self.pool.block(rows)
        values = self.outcome.values[rows].toarray().astype(np.float32)
        if self.pool.plan.objective == "profit":
            values -= block.costs.astype(np.float32)
        values[~np.isfinite(block.values)] = -np.inf
        engagements = self.outcome.engagements[rows].toarray().astype(np.float32)
        return Block(engagements, values, block.costs)

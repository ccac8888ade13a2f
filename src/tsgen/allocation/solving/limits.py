"""What an allocation may use: contacts of users and campaigns, and money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from tsgen.arrays import AnyArray, Indices

__all__ = ["Limits"]


@dataclass(frozen=True, eq=False)
class Limits:
    """Bounds on an assignment of n users to m campaigns.

    Attributes:
        users: (n,) campaigns that a user may still be in.
        at_least: (m,) users a campaign needs.
        at_most: (m,) users a campaign may have.
        budgets: (m,) money of a campaign, inf for as much as it takes.
        total: Money of all together.
    """

    users: AnyArray
    at_least: AnyArray
    at_most: AnyArray
    budgets: AnyArray
    total: float = np.inf

    @classmethod
    def of(
        cls,
        users: Any,
        num: tuple[int, int],
        *,
        at_least: Any = 0,
        at_most: Any = None,
        budgets: Any = np.inf,
        total: float = np.inf,
    ) -> Self:
        """Return limits of numbers or arrays; `num` is (users, campaigns)."""
        n, m = num
        return cls(
            np.broadcast_to(np.minimum(users, m), n).astype(np.int64),
            np.broadcast_to(at_least, m).astype(np.float64),
            np.broadcast_to(n if at_most is None else at_most, m).astype(np.float64),
            np.broadcast_to(budgets, m).astype(np.float64),
            float(total),
        )

    @property
    def knapsack(self) -> bool:
        """Whether money binds in a way that whole contacts cannot express."""
        return bool(np.isfinite(self.total) or np.isfinite(self.budgets).any())

    def sampled(self, rows: Indices) -> Self:
        """Return the limits of a part of the users: the same share of everything."""
        share = len(rows) / len(self.users)
        return replace(
            self,
            users=self.users[rows],
            at_least=self.at_least * share,
            at_most=self.at_most * share,
            budgets=self.budgets * share,
            total=self.total * share,
        )

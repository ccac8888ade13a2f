"""Prices of contacts and money, and what they bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from tsgen.arrays import AnyArray, AnyIntegers, Array, Singles

from .limits import Limits
from .pairs import Block

__all__ = ["Duals", "best_of_users"]


@dataclass(frozen=True, eq=False)
class Duals:
    """Lagrange multipliers of the campaigns' side, in units of the objective.

    Attributes:
        contact: (m,) price of a contact; negative where a minimum subsidises it.
        money: (m,) price of a unit of a campaign's budget, at least 0.
        total: Price of a unit of everybody's budget, at least 0.
    """

    contact: AnyArray
    money: AnyArray
    total: float = 0.0

    @classmethod
    def zero(cls, num: int) -> Self:
        """Return prices of nothing."""
        return cls(np.zeros(num), np.zeros(num))

    def first(self, num: int) -> Duals:
        """Return the prices of the first campaigns."""
        return Duals(self.contact[:num], self.money[:num], self.total)

    def reduced(self, block: Block) -> Singles:
        """Return value minus price of each pair, (r, m)."""
        rate = self.money + self.total
        if not rate.any():
            return np.asarray(block.values - self.contact.astype(np.float32))
        return np.asarray(block.values - (self.contact + block.costs * rate), np.float32)

    def of_limits(self, limits: Limits) -> float:
        """Return the worth of the campaigns' limits at these prices: what a bound adds to users'.

        A limit without a price is worth nothing, be it infinite.
        """
        contacts = np.where(self.contact > 0, limits.at_most, limits.at_least) @ self.contact
        money = sum(_worth(p, b) for p, b in zip(self.money, limits.budgets, strict=True))
        return float(contacts + money + _worth(self.total, limits.total))


def _worth(price: float, limit: float) -> float:
    return float(price * limit) if price > 0 else 0.0


def best_of_users(reduced: Singles, capacity: AnyIntegers) -> Array:
    """Return the sum of each user's best reduced values above 0, up to its capacity, (r,)."""
    most = min(int(capacity.max(initial=0)), reduced.shape[1])
    if most == 0:
        return np.zeros(len(reduced))
    width = reduced.shape[1]
    best = np.partition(reduced, width - most, axis=1)[:, width - most :]
    best = np.maximum(best, 0).astype(np.float64)
    best.sort(axis=1)
    taken = np.arange(most) >= most - capacity[:, None]
    return np.asarray((best * taken).sum(axis=1))

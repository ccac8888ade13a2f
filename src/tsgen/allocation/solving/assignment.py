"""An assignment under construction: it never exceeds a limit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import AnyArray, Array

from .limits import Limits

__all__ = ["Assignment"]


_CENT = 1e-9
"""Rounding that a sum of costs is forgiven, relative to the budget."""


class Assignment:
    """Pairs chosen one by one; a pair that would break a limit is passed over.

    Args:
        limits: Bounds. Minima are the caller's affair: see `missing`.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._users = limits.users.tolist()
        self._places = np.floor(limits.at_most + 1e-9).astype(np.int64).tolist()
        self._money = (limits.budgets * (1 + _CENT)).tolist()
        self._total = limits.total * (1 + _CENT)
        self._counts = [0] * len(self._places)
        self._chosen: dict[tuple[int, int], tuple[float, float]] = {}

    def take(
        self,
        rows: AnyArray,
        columns: AnyArray,
        values: AnyArray,
        costs: AnyArray,
        *,
        minima: bool = False,
    ) -> None:
        """Choose from pairs in the order given.

        Args:
            rows: (e,) users.
            columns: (e,) campaigns.
            values: (e,) what each brings.
            costs: (e,) what each costs.
            minima: Stop at each campaign's minimum, and take pairs that bring nothing for it.
        """
        need = self._limits.at_least.tolist()
        free = sum(self._places) - sum(self._counts)
        users, counts = np.array(self._users), np.array(self._counts)
        open_ = (users[rows] > 0) & (counts < np.array(self._places))[columns]
        parts = (rows[open_], columns[open_], values[open_], costs[open_])
        entries = zip(*(part.tolist() for part in parts), strict=True)
        for row, column, value, cost in entries:
            if free <= 0:
                return
            wanted = self._counts[column] < need[column] if minima else value > 0
            if wanted and self._fits(row, column, cost):
                self.add(row, column, value, cost)
                free -= 1

    def _fits(self, row: int, column: int, cost: float) -> bool:
        return (
            self._users[row] > 0
            and self._counts[column] < self._places[column]
            and cost <= self._money[column]
            and cost <= self._total
            and (row, column) not in self._chosen
        )

    def add(self, row: int, column: int, value: float, cost: float) -> None:
        """Choose a pair."""
        self._change(row, column, cost, 1)
        self._chosen[row, column] = (value, cost)

    def remove(self, row: int, column: int) -> None:
        """Take a choice back."""
        _, cost = self._chosen.pop((row, column))
        self._change(row, column, cost, -1)

    def _change(self, row: int, column: int, cost: float, sign: int) -> None:
        self._users[row] -= sign
        self._counts[column] += sign
        self._money[column] -= sign * cost
        self._total -= sign * cost

    def swap_in(self, column: int, rows: AnyArray, values: AnyArray, costs: AnyArray) -> None:
        """Fill a campaign to its minimum with users at the least loss to the others.

        A user without a free place gives up its least campaign that can spare a contact.

        Args:
            column: The campaign.
            rows: (r,) users who may be in it.
            values: (r,) what each would bring.
            costs: (r,) what each would cost.
        """
        rivals = self._spare()
        offers = []
        for row, value, cost in zip(rows.tolist(), values.tolist(), costs.tolist(), strict=True):
            if (row, column) not in self._chosen:
                given = min(rivals.get(row, []), default=None) if self._users[row] <= 0 else (0, -1)
                if given is not None:
                    offers.append((given[0] - value, row, value, cost, given[1]))
        for _, row, value, cost, rival in sorted(offers):
            if self._counts[column] >= self._limits.at_least[column]:
                return
            if rival >= 0:
                if self._counts[rival] <= self._limits.at_least[rival]:
                    continue
                kept = self._chosen[row, rival]
                self.remove(row, rival)
            if self._fits(row, column, cost):
                self.add(row, column, value, cost)
            elif rival >= 0:
                self.add(row, rival, *kept)

    def _spare(self) -> dict[int, list[tuple[float, int]]]:
        """Return by user the (value, campaign) of pairs that the campaign's minimum can spare."""
        spare: dict[int, list[tuple[float, int]]] = {}
        for (row, column), (value, _) in self._chosen.items():
            if self._counts[column] > self._limits.at_least[column]:
                spare.setdefault(row, []).append((value, column))
        return spare

    def left(self, rows: npt.NDArray[np.integer]) -> Limits:
        """Return what is left of the limits, for some users."""
        return Limits(
            np.array([self._users[row] for row in rows.tolist()], np.int64),
            self.missing,
            np.array(self._places, np.float64) - np.array(self._counts),
            np.array(self._money),
            self._total,
        )

    @property
    def missing(self) -> Array:
        """How many contacts each campaign lacks of its minimum, (m,)."""
        return np.asarray(np.maximum(self._limits.at_least - np.array(self._counts), 0.0))

    @property
    def value(self) -> float:
        """What it is worth."""
        return float(sum(value for value, _ in self._chosen.values()))

    def pairs(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return users and campaigns of the chosen pairs, by user."""
        chosen = np.array(sorted(self._chosen), dtype=np.intp).reshape(-1, 2)
        return chosen[:, 0], chosen[:, 1]

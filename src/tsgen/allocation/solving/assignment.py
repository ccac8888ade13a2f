"""An assignment under construction: it never exceeds a limit."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import AnyArray, Integers, Mask

from .limits import Limits

__all__ = ["Assignment"]


_CENT = 5e-10
"""Rounding that a sum of costs is forgiven, relative to the budget."""

_ROUNDS = 40
"""Rounds of deciding many pairs at once, before the rest is decided one by one."""

_AT_ONCE = 4_000_000
"""Pairs that are decided on together."""


class Assignment:
    """Pairs chosen in an order; a pair that would break a limit is passed over.

    Args:
        limits: Bounds. Minima are the caller's affair: see `missing`.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._users = limits.users.astype(np.int64)
        self._places = np.floor(limits.at_most + 1e-9).astype(np.int64)
        self._money = limits.budgets * (1 + _CENT)
        self._total = float(limits.total * (1 + _CENT))
        self._counts = np.zeros(len(self._places), np.int64)
        self._chosen = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))]

    def take(
        self,
        rows: AnyArray,
        columns: AnyArray,
        values: AnyArray,
        costs: AnyArray,
        *,
        minima: bool = False,
    ) -> None:
        """Choose from pairs in the order given, each there once.

        Args:
            rows: (e,) users.
            columns: (e,) campaigns.
            values: (e,) what each brings.
            costs: (e,) what each costs.
            minima: Stop at each campaign's minimum, and take pairs that bring nothing for it.
        """
        for begin in range(0, len(rows), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            self._take(rows[part], columns[part], values[part], costs[part], minima)

    def _take(
        self, rows: AnyArray, columns: AnyArray, values: AnyArray, costs: AnyArray, minima: bool
    ) -> None:
        wanted = self.open(rows, columns, minima=minima)
        if not minima:
            wanted &= values > 0
        at = np.flatnonzero(wanted)
        at = at[~self._is_chosen(rows[at], columns[at])]
        for _ in range(_ROUNDS):
            at = at[self._fits(rows[at], columns[at], costs[at], minima)]
            if not len(at):
                return
            sure = self._surely(rows[at], columns[at], costs[at], minima)
            taken, at = at[sure], at[~sure]
            self._add(rows[taken], columns[taken], values[taken], costs[taken])
        for one in at:  # chains of pairs that wait for each other
            place = slice(one, one + 1)
            if self._fits(rows[place], columns[place], costs[place], minima)[0]:
                self._add(rows[place], columns[place], values[place], costs[place])

    def open(self, rows: AnyArray, columns: AnyArray, *, minima: bool = False) -> Mask:
        """Return which pairs have a user and a campaign with a place left, (e,)."""
        return np.asarray((self._users > 0)[rows] & (self._room(minima) > 0)[columns])

    def _room(self, minima: bool) -> Integers:
        """Return how many contacts each campaign may still have, or needs, (m,)."""
        left = self._places - self._counts
        return np.minimum(left, np.ceil(self.missing).astype(np.int64)) if minima else left

    def _fits(self, rows: AnyArray, columns: AnyArray, costs: AnyArray, minima: bool) -> Mask:
        """Return which pairs could each be chosen next, (e,)."""
        paid = (costs <= self._money[columns]) & (costs <= self._total)
        return np.asarray(paid & self.open(rows, columns, minima=minima))

    def _surely(self, rows: AnyArray, columns: AnyArray, costs: AnyArray, minima: bool) -> Mask:
        """Return which pairs are chosen whatever becomes of those before them, (e,)."""
        sure = _ranks(rows) < self._users[rows]
        order = np.argsort(columns, kind="stable")
        rank = np.empty(len(columns), np.int64)
        rank[order] = _ranks_of_sorted(columns[order])
        sure &= rank < self._room(minima)[columns]
        if self._limits.knapsack:
            spent = np.cumsum(costs)
            sure &= spent <= self._total
            by_column = np.cumsum(costs[order])
            first = order[rank[order] == 0]
            begins = np.zeros(len(self._counts))
            begins[columns[first]] = (by_column - costs[order])[rank[order] == 0]
            sure[order] &= by_column - begins[columns[order]] <= self._money[columns[order]]
        return np.asarray(sure)

    def _add(self, rows: AnyArray, columns: AnyArray, values: AnyArray, costs: AnyArray) -> None:
        self._chosen.append((rows, columns, values, costs))
        self._change(rows, columns, costs, 1)

    def _change(self, rows: AnyArray, columns: AnyArray, costs: AnyArray, sign: int) -> None:
        m = len(self._counts)
        np.subtract.at(self._users, rows, sign)
        self._counts += sign * np.bincount(columns, minlength=m)
        self._money -= sign * np.bincount(columns, costs, m)
        self._total -= sign * float(costs.sum())

    def _is_chosen(self, rows: AnyArray, columns: AnyArray) -> Mask:
        chosen, m = self._table(), len(self._counts)
        if not len(chosen[0]):
            return np.zeros(len(rows), bool)
        return np.isin(rows.astype(np.int64) * m + columns, chosen[0] * m + chosen[1])

    def _table(self) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray]:
        """Return users, campaigns, values and costs of the chosen pairs, (e,) each."""
        if len(self._chosen) > 1:
            parts = [np.concatenate(part) for part in zip(*self._chosen, strict=True)]
            self._chosen = [(parts[0], parts[1], parts[2], parts[3])]
        return self._chosen[0]

    def swap_in(self, column: int, rows: AnyArray, values: AnyArray, costs: AnyArray) -> None:
        """Fill a campaign to its minimum with users at the least loss to the others.

        A user without a free place gives up its least campaign that can spare a contact.

        Args:
            column: The campaign.
            rows: (r,) users who may be in it.
            values: (r,) what each would bring.
            costs: (r,) what each would cost.
        """
        chosen = self._table()
        rival = self._rivals(chosen)
        free = self._users[rows] > 0
        given = np.where(free, 0.0, chosen[2][rival[rows]] if len(chosen[2]) else 0.0)
        able = (free | (rival[rows] >= 0)) & ~self._is_chosen(rows, np.full(len(rows), column))
        at = np.flatnonzero(able)
        gone = np.zeros(len(chosen[0]), bool)
        for k in at[np.lexsort((rows[at], (given - values)[at]))]:
            if self.missing[column] <= 0:
                break
            pair = (rows[k : k + 1], np.array([column]), values[k : k + 1], costs[k : k + 1])
            out = None if free[k] else int(rival[rows[k]])
            self._exchange(pair, chosen, out, gone)
        kept = self._chosen[0]
        self._chosen[0] = (kept[0][~gone], kept[1][~gone], kept[2][~gone], kept[3][~gone])

    def _exchange(
        self, pair: tuple[AnyArray, ...], chosen: tuple[AnyArray, ...], out: int | None,
        gone: Mask,
    ) -> None:  # fmt: skip
        """Choose a pair in place of the chosen one at `out`, if that can be spared and it fits."""
        rows, columns, values, costs = pair
        if out is not None:
            other = int(chosen[1][out])
            if self._counts[other] <= self._limits.at_least[other]:
                return
            given = slice(out, out + 1)
            self._change(chosen[0][given], chosen[1][given], chosen[3][given], -1)
        if self._fits(rows, columns, costs, False)[0]:
            self._add(rows, columns, values, costs)
            if out is not None:
                gone[out] = True
        elif out is not None:
            self._change(chosen[0][given], chosen[1][given], chosen[3][given], 1)

    def _rivals(self, chosen: tuple[AnyArray, ...]) -> Integers:
        """Return by user the place of its least chosen pair that can be spared, -1 for none."""
        rows, columns, values, _ = chosen
        rival = np.full(len(self._users), -1, np.int64)
        at = np.flatnonzero((self._counts > self._limits.at_least)[columns])
        at = at[np.lexsort((columns[at], values[at], rows[at]))][::-1]
        rival[rows[at]] = at  # the last to be written is the least
        return rival

    def left(self, rows: Integers) -> Limits:
        """Return what is left of the limits, for some users."""
        places = (self._places - self._counts).astype(np.float64)
        return Limits(self._users[rows], self.missing, places, self._money, self._total)

    @property
    def missing(self) -> AnyArray:
        """How many contacts each campaign lacks of its minimum, (m,)."""
        return np.asarray(np.maximum(self._limits.at_least - self._counts, 0.0))

    @property
    def value(self) -> float:
        """What it is worth."""
        return float(self._table()[2].sum())

    def pairs(self) -> tuple[Integers, Integers]:
        """Return users and campaigns of the chosen pairs, by user."""
        rows, columns, _, _ = self._table()
        order = np.lexsort((columns, rows))
        return rows[order].astype(np.intp), columns[order].astype(np.intp)


def _ranks(keys: AnyArray) -> Integers:
    """Return how many equal keys come before each, (e,)."""
    order = np.argsort(keys, kind="stable")
    ranks = np.empty(len(keys), np.int64)
    ranks[order] = _ranks_of_sorted(keys[order])
    return ranks


def _ranks_of_sorted(keys: AnyArray) -> Integers:
    places = np.arange(len(keys))
    fresh = np.concatenate([[True], keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, bool)
    return places - np.maximum.accumulate(np.where(fresh, places, 0))

"""The pairs worth a closer look at given prices, and the bound that all pairs prove."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from tsgen.arrays import AnyArray, Integers

from .duals import Duals, best_of_users
from .limits import Limits
from .pairs import PairBlocks, row_blocks

__all__ = ["Shortlist", "make_shortlist", "refreshed", "spread"]

_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The K best campaigns of each of n users, at some prices.

    Attributes:
        rows: (n,) users.
        columns: (n, K) campaigns.
        values: (n, K) float32, -inf where a pair is not allowed.
        costs: (n, K) float64; zeros that take no memory where money binds nothing.
        bound: No assignment of all pairs is worth more than this.
    """

    rows: AnyArray
    columns: AnyArray
    values: AnyArray
    costs: AnyArray
    bound: float

    def of(self, rows: Integers) -> Self:
        """Return the lists of some users, by their places."""
        columns, values, costs = self.columns[rows], self.values[rows], self.costs[rows]
        return type(self)(self.rows[rows], columns, values, costs, self.bound)


def make_shortlist(
    pairs: PairBlocks,
    limits: Limits,
    duals: Duals,
    size: int,
    *,
    rows: Integers | None = None,
    block_numbers: int,
) -> Shortlist:
    """Read all pairs once; keep each user's `size` best by value minus price.

    Args:
        pairs: All pairs.
        limits: Of the users at `rows`.
        duals: Prices.
        size: Campaigns a user.
        rows: Users to read; None reads all.
        block_numbers: Pairs in memory at a time.
    """
    n, m = pairs.shape
    chosen = np.arange(n) if rows is None else rows
    width = min(size, m)
    columns = np.empty((len(chosen), width), np.int32)
    values = np.empty(columns.shape, np.float32)
    costs = np.empty(columns.shape) if limits.knapsack else np.broadcast_to(0.0, columns.shape)
    bound = duals.of_limits(limits)
    for part in row_blocks((len(chosen), m), block_numbers):
        block = pairs.block(chosen[part])
        reduced = duals.reduced(block)
        bound += float(best_of_users(reduced, limits.users[part]).sum())
        best = _best(reduced, width)
        at = slice(part[0], part[-1] + 1)
        columns[at] = best
        values[at] = np.take_along_axis(block.values, best, axis=1)
        if limits.knapsack:
            costs[at] = np.take_along_axis(
                np.broadcast_to(block.costs, reduced.shape), best, axis=1
            )
    return Shortlist(chosen, columns, values, costs, bound)


def refreshed(
    pairs: PairBlocks, limits: Limits, short: Shortlist, duals: Duals, *, block_numbers: int
) -> Shortlist:
    """Read all pairs once more: the bound at other prices; new lists for users who need them.

    A user needs one if it has a better pair outside its list.

    Args:
        pairs: All pairs.
        limits: Bounds.
        short: The list of all users.
        duals: The prices.
        block_numbers: Pairs in memory at a time.
    """
    bound, width = duals.of_limits(limits), short.columns.shape[1]
    for part in row_blocks(pairs.shape, block_numbers):
        block = pairs.block(part)
        reduced = duals.reduced(block)
        best = best_of_users(reduced, limits.users[part])
        bound += float(best.sum())
        listed = np.take_along_axis(reduced, short.columns[part], axis=1)
        of_list = best_of_users(listed, limits.users[part])
        at = np.flatnonzero(best > of_list * (1 + _ROUNDING))
        if len(at):
            columns = _best(reduced[at], width)
            short.columns[part[at]] = columns
            short.values[part[at]] = np.take_along_axis(block.values[at], columns, axis=1)
            if limits.knapsack:
                costs = np.broadcast_to(block.costs, reduced.shape)[at]
                short.costs[part[at]] = np.take_along_axis(costs, columns, axis=1)
    return replace(short, bound=bound)


def spread(
    pairs: PairBlocks, limits: Limits, short: Shortlist, extra: int, *, block_numbers: int
) -> Shortlist:
    """Return lists with `extra` further campaigns, in turn, where those listed cannot hold all.

    Where all users prefer the same campaigns, nobody lists the others, and nothing says what these
    should cost once the first are full.

    Args:
        pairs: All pairs.
        limits: Bounds.
        short: The list of all users, each of a few campaigns.
        extra: Campaigns more a user; no more than there are that lack users.
        block_numbers: Pairs in memory at a time.
    """
    n, m = pairs.shape
    listed = np.bincount(short.columns.ravel(), minlength=m)
    places = np.minimum(limits.at_most, n)
    lacking = np.flatnonzero(listed < places)
    wanted = min(float(limits.users.sum()), float(places.sum()))
    if float(np.minimum(listed, places).sum()) >= wanted or not len(lacking):
        return short
    extra = min(extra, len(lacking))
    turns = np.arange(n)[:, None] * extra + np.arange(extra)
    further = lacking[turns % len(lacking)].astype(np.int32)
    parts = []
    for part in row_blocks(pairs.shape, block_numbers):
        block, chosen = pairs.block(part), further[part]
        values = np.take_along_axis(block.values, chosen, axis=1).astype(np.float32)
        twice = (short.columns[part][:, :, None] == chosen[:, None, :]).any(axis=1)
        values[twice] = -np.inf
        costs = np.broadcast_to(block.costs, block.values.shape)
        parts.append((values, np.take_along_axis(costs, chosen, axis=1)))
    values, costs = (np.concatenate(part) for part in zip(*parts, strict=True))
    return replace(
        short,
        columns=np.hstack([short.columns, further]),
        values=np.hstack([short.values, values]),
        costs=np.hstack([short.costs, costs])
        if limits.knapsack
        else np.broadcast_to(0.0, (n, short.columns.shape[1] + extra)),
    )


def _best(reduced: AnyArray, width: int) -> AnyArray:
    """Return the columns of the largest values of each row, rising."""
    m = reduced.shape[1]
    if width == m:
        return np.broadcast_to(np.arange(m), reduced.shape)
    best = np.argpartition(reduced, m - width, axis=1)[:, m - width :]
    return np.sort(best, axis=1)

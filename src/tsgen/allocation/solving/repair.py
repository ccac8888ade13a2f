"""The repair step of the dual: from prices to an assignment that keeps every limit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import AnyArray, Array

from .assignment import Assignment
from .duals import Duals
from .exact import optimum
from .greedy import fill, ordered
from .limits import Limits
from .pairs import PairBlocks
from .shortlist import Shortlist

__all__ = ["margins", "repair"]


_MOST = 20_000  # pairs that are given to HiGHS


def repair(
    pairs: PairBlocks,
    limits: Limits,
    short: Shortlist,
    duals: Duals,
    *,
    close: float,
    block_numbers: int,
) -> Assignment:
    """Return an assignment that keeps every limit, from prices that nearly do.

    Pairs that prices decide clearly come first. Those whose margin is close to 0 and whose value is
    not are the question of who is the last to get in: HiGHS answers it, where no budget makes that
    slow. What is free then goes to the rest, by falling margin.

    Args:
        pairs: All pairs.
        limits: Bounds.
        short: The pairs to choose from.
        duals: Prices.
        close: Margins up to which prices decide nothing.
        block_numbers: Pairs in memory at a time.
    """
    margin = margins(short, limits, duals)
    entries, done = ordered(short, margin), Assignment(limits)
    if not limits.knapsack:
        falling = np.sort(margin[np.isfinite(short.values)])[::-1]
        first, near = _near(falling, entries[2], close)
        done.take(*(part[:first] for part in entries))
        _settle(done, tuple(part[near] for part in entries))
    fill(done, pairs, limits, entries, block_numbers)
    return done


def margins(short: Shortlist, limits: Limits, duals: Duals) -> npt.NDArray[np.floating]:
    """Return value minus the prices of campaign and user of each pair, (n, K)."""
    rate = duals.money + duals.total
    reduced: AnyArray = short.values - duals.contact.astype(np.float32)[short.columns]
    if rate.any():
        reduced = reduced - short.costs * rate[short.columns]
    return np.asarray(reduced - _thresholds(reduced, limits.users)[:, None])


def _thresholds(reduced: AnyArray, capacity: AnyArray) -> Array:
    """Return each user's own price: between the last value that fits and the next, at least 0."""
    width = reduced.shape[1]
    ordered = np.sort(reduced, axis=1)
    rows = np.arange(len(reduced))
    last = ordered[rows, np.clip(width - capacity, 0, width - 1)]
    after = ordered[rows, np.clip(width - capacity - 1, 0, width - 1)]
    between = (np.maximum(last, 0) + np.maximum(after, 0)) / 2
    return np.where(capacity < width, between, 0.0)


def _near(margin: AnyArray, values: AnyArray, close: float) -> tuple[int, AnyArray]:
    """Return how many pairs are clearly in, and the places of those that may be.

    Args:
        margin: (e,) falling.
        values: (e,).
        close: See `repair`; halved until not too many pairs are left.
    """
    while True:
        first, last = np.searchsorted(-margin, [-close, close])
        near = first + np.flatnonzero(values[first:last] > close)
        if len(near) <= _MOST:
            return int(first), near
        close /= 2


def _settle(done: Assignment, entries: tuple[AnyArray, ...]) -> None:
    """Choose the best of some pairs within what is left; nothing, where minima need others."""
    rows, columns, values, costs = entries
    users, place = np.unique(rows, return_inverse=True)
    found = optimum(place, columns, values, costs, done.left(users)) if len(rows) else None
    if found is not None:
        chosen = found[0]
        done.take(rows[chosen], columns[chosen], values[chosen], costs[chosen])

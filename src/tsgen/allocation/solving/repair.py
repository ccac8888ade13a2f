"""The repair step of the dual: from prices to an assignment that keeps every limit."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import AnyArray

from .assignment import Assignment
from .duals import Duals
from .exact import optimum
from .greedy import Entries, fill, ordered
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
    not are the question of who is the last to get in: HiGHS answers it; where a budget makes the
    answer a fraction of a contact, that one waits. What is free then goes to the rest, by falling
    margin.

    Args:
        pairs: All pairs.
        limits: Bounds.
        short: The pairs to choose from.
        duals: Prices.
        close: Margins up to which prices decide nothing.
        block_numbers: Pairs in memory at a time.
    """
    margin = margins(short, limits, duals)
    done = Assignment(limits)
    close = _closeness(margin, short.values, close)
    done.take(*ordered(short, margin, margin > close))
    near = (np.abs(margin) <= close) & (short.values > close)
    _settle(done, ordered(short, margin, near))
    fill(done, pairs, short, margin, block_numbers)
    return done


def margins(short: Shortlist, limits: Limits, duals: Duals) -> AnyArray:
    """Return value minus the prices of campaign and user of each pair, (n, K)."""
    rate = duals.money + duals.total
    reduced: AnyArray = short.values - duals.contact.astype(np.float32)[short.columns]
    if rate.any():
        reduced -= short.costs * rate[short.columns]
    reduced -= _thresholds(reduced, limits.users)[:, None]
    return reduced


def _thresholds(reduced: AnyArray, capacity: AnyArray) -> AnyArray:
    """Return each user's own price: between the last value that fits and the next, at least 0."""
    width = reduced.shape[1]
    top = min(int(capacity.max(initial=0)) + 1, width)
    best = np.maximum(np.partition(reduced, width - top, axis=1)[:, width - top :], 0)
    best.sort(axis=1)
    rows = np.arange(len(reduced))
    last = best[rows, np.clip(top - capacity, 0, top - 1)]
    after = best[rows, np.clip(top - capacity - 1, 0, top - 1)]
    return np.where(capacity < width, (last + after) / 2, 0.0).astype(np.float32)


def _closeness(margin: AnyArray, values: AnyArray, close: float) -> float:
    """Return `close`, or less where too many pairs would be left open."""
    off = np.abs(margin[(np.abs(margin) <= close) & (values > close)])
    return close if len(off) <= _MOST else float(np.partition(off, _MOST)[_MOST]) * (1 - 1e-6)


def _settle(done: Assignment, entries: Entries) -> None:
    """Choose the best of some pairs within what is left; nothing, where minima need others."""
    rows, columns, values, costs = entries
    users, place = np.unique(rows, return_inverse=True)
    best = (
        optimum(place, columns, values, costs, done.left(users), whole=False) if len(rows) else None
    )
    if best is not None:
        chosen = best[0]
        done.take(rows[chosen], columns[chosen], values[chosen], costs[chosen])

"""The greedy solver: the best pair first."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import AnyArray, Mask

from .assignment import Assignment
from .duals import Duals
from .limits import Limits
from .pairs import PairBlocks, row_blocks
from .shortlist import Shortlist, make_shortlist
from .solution import Solution

__all__ = ["Entries", "build", "campaign_column", "fill", "ordered", "solve_greedy"]


Entries = tuple[AnyArray, AnyArray, AnyArray, AnyArray]
"""Users, campaigns, values and costs of pairs."""


def solve_greedy(
    pairs: PairBlocks, limits: Limits, *, max_pairs: int, block_numbers: int
) -> Solution:
    """Choose the most valuable pair first, minima before the rest.

    Where all pairs are more than `max_pairs`, each user's best are looked at.

    Args:
        pairs: All pairs.
        limits: Bounds.
        max_pairs: Pairs to hold at a time.
        block_numbers: Pairs to evaluate at a time.
    """
    n, m = pairs.shape
    zero = Duals.zero(m)
    size = min(m, max(max_pairs // max(n, 1), 1))
    short = make_shortlist(pairs, limits, zero, size, block_numbers=block_numbers)
    done = build(pairs, limits, short, short.values, block_numbers=block_numbers)
    facts = {"solver": "greedy", "campaigns looked at per user": size}
    rows, columns = done.pairs()
    return Solution(rows, columns, done.value, short.bound, None, facts)


def build(
    pairs: PairBlocks, limits: Limits, short: Shortlist, order: AnyArray, *, block_numbers: int
) -> Assignment:
    """Return an assignment from a shortlist, best first, that keeps the limits.

    Exact ties go to the earlier user, then to the earlier campaign.

    Args:
        pairs: All pairs.
        limits: Bounds.
        short: The pairs to choose from.
        order: (n, K) the larger, the earlier.
        block_numbers: Pairs in memory at a time.
    """
    done = Assignment(limits)
    fill(done, pairs, short, order, block_numbers)
    return done


def fill(
    done: Assignment, pairs: PairBlocks, short: Shortlist, order: AnyArray, block_numbers: int
) -> None:
    """Take what is free, best first, minima before the rest; seek who lacks then among all users.

    Args:
        done: What is chosen already.
        pairs: All pairs.
        short: The pairs to choose from.
        order: (n, K) the larger, the earlier.
        block_numbers: Pairs in memory at a time.
    """
    if done.missing.any():
        done.take(*ordered(short, order, (done.missing > 0)[short.columns]), minima=True)
    rows, columns = np.broadcast_to(short.rows[:, None], short.columns.shape), short.columns
    done.take(*ordered(short, order, (short.values > 0) & done.open(rows, columns)))
    for column in np.flatnonzero(done.missing > 0):
        done.swap_in(int(column), *campaign_column(pairs, int(column), block_numbers))


def ordered(short: Shortlist, order: AnyArray, wanted: Mask) -> Entries:
    """Return users, campaigns, values and costs of allowed pairs, in order.

    Args:
        short: The pairs.
        order: (n, K) the larger, the earlier.
        wanted: (n, K) which of them.
    """
    at = np.flatnonzero((wanted & np.isfinite(short.values)).ravel())
    at = at[np.argsort(-order.ravel()[at], kind="stable")]
    row, place = np.divmod(at, short.columns.shape[1])
    values, costs = short.values[row, place], short.costs[row, place]
    columns = short.columns[row, place].astype(np.int64)
    return short.rows[row], columns, values.astype(np.float64), costs.astype(np.float64)


def campaign_column(
    pairs: PairBlocks, column: int, block_numbers: int
) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Return the users who may be in a campaign, what they bring and what they cost."""
    rows, values, costs = [], [], []
    for part in row_blocks(pairs.shape, block_numbers):
        block = pairs.block(part)
        value = block.values[:, column]
        allowed = np.isfinite(value)
        rows.append(part[allowed])
        values.append(value[allowed].astype(np.float64))
        cost = np.broadcast_to(block.costs, block.values.shape)[allowed, column]
        costs.append(cost.astype(np.float64))
    return np.concatenate(rows), np.concatenate(values), np.concatenate(costs)

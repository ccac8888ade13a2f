"""The dual solver: prices by entropic ascent, a repair step, and a certified gap."""

from __future__ import annotations

import numpy as np

from tsgen.rng import numpy_stream

from .ascent import anneal, mean_unlimited_value
from .assignment import Assignment
from .duals import Duals
from .limits import Limits
from .pairs import PairBlocks
from .repair import repair
from .shortlist import Shortlist, make_shortlist, refreshed, spread
from .solution import Solution

__all__ = ["solve_dual"]

_SHORT = 32  # campaigns looked at per user, at least
_SAMPLE = 20  # users a campaign whom the first prices are learnt on, and at least
_FEWEST = 400
_ROUNDS = 5
_COARSE = (0.3, 0.04)
_FINE = (0.04, 0.002)
_FINER = (0.01, 0.0005)


def solve_dual(
    pairs: PairBlocks,
    limits: Limits,
    *,
    tolerance: float,
    max_pairs: int,
    block_numbers: int,
    seed: int,
) -> Solution:
    """Find prices at which users choose for themselves what the limits allow.

    All pairs are read block by block, and each user's best are kept. Of many users a sample sets
    the first prices; they are refined on all lists, and all pairs are read again, until the worth
    of the repaired assignment is within `tolerance` of what all pairs, pruned ones included, could
    bring at most.

    Args:
        pairs: All pairs.
        limits: Bounds.
        tolerance: Relative gap that is good enough.
        max_pairs: Pairs to hold at a time.
        block_numbers: Pairs to evaluate at a time.
        seed: Draws the sample.
    """
    n, m = pairs.shape
    size = _size(limits, n, m, max_pairs)
    short, duals, scale = _first_list(pairs, limits, size, block_numbers)
    short = spread(pairs, limits, short, size // 2, block_numbers=block_numbers)
    start = _COARSE[0]
    if n > 2 * (num := max(_SAMPLE * m, _FEWEST)):
        rows = np.sort(numpy_stream(seed, "allocation").choice(n, num, replace=False))
        part, few = limits.sampled(rows), short.of(rows)
        duals = anneal(few, part, duals, scale=scale, start=start, end=_COARSE[1])
        start = _FINE[0]
    bound, best, prices, end = np.inf, Assignment(limits), duals, _FINE[1]
    for rounds in range(1, _ROUNDS + 1):
        duals = anneal(short, limits, duals, scale=scale, start=start, end=end)
        short = refreshed(pairs, limits, short, duals, block_numbers=block_numbers)
        done = repair(pairs, limits, short, duals, close=end * scale, block_numbers=block_numbers)
        if short.bound < bound:
            bound, prices = short.bound, duals
        if rounds == 1 or _better(done, best):
            best = done
        if not best.missing.any() and bound - best.value <= tolerance * abs(bound):
            break
        start, end = _FINER
    facts = {"solver": "dual", "rounds": rounds, "campaigns looked at per user": size}
    rows, columns = best.pairs()
    return Solution(rows, columns, best.value, bound, prices, facts)


def _better(new: Assignment, old: Assignment) -> bool:
    return (new.missing.sum(), -new.value) < (old.missing.sum(), -old.value)


def _size(limits: Limits, n: int, m: int, max_pairs: int) -> int:
    """Return how many campaigns a user are kept, within the memory allowed."""
    wanted = max(_SHORT, 2 * int(limits.users.max(initial=0)) + 8)
    return int(min(m, max(min(wanted, max_pairs // max(n, 1)), 1)))


def _first_list(
    pairs: PairBlocks, limits: Limits, size: int, block_numbers: int
) -> tuple[Shortlist, Duals, float]:
    """Return each user's best pairs, prices to begin with, and the size of values.

    Lists are made without prices of contacts: a sample's may put a campaign so high that nobody
    lists it, and its price could only fall. Campaigns with a minimum are favoured.
    """
    m = pairs.shape[1]
    short = make_shortlist(pairs, limits, Duals.zero(m), size, block_numbers=block_numbers)
    scale = mean_unlimited_value(short, limits)
    favoured = Duals(np.where(limits.at_least > 0, -scale, 0.0), np.zeros(m))
    if limits.at_least.any():
        short = make_shortlist(pairs, limits, favoured, size, block_numbers=block_numbers)
    return short, favoured, scale

"""The dual solver: prices by entropic ascent, a repair step, and a certified gap."""

from __future__ import annotations

import numpy as np

from tsgen.rng import numpy_stream

from .ascent import anneal, value_scale
from .assignment import Assignment
from .duals import Duals
from .limits import Limits
from .pairs import PairBlocks
from .repair import repair
from .shortlist import make_shortlist
from .solution import Solution

__all__ = ["solve_dual"]

_SHORT = 32  # campaigns looked at per user, at least
_SAMPLED_PAIRS = 4_000_000
_ROUNDS = 5
_COARSE = (0.3, 0.01)
_FINE = (0.02, 0.002)
_FINEST = (0.005, 0.0005)


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

    Of many users a sample sets the first prices. At these all pairs are read, block by block; each
    user's best are kept, and prices are refined on them, until the worth of the repaired assignment
    is within `tolerance` of what all pairs, pruned ones included, could bring at most.

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
    duals, scale = _first_prices(pairs, limits, size, block_numbers, seed)
    bound, best, prices, end = np.inf, Assignment(limits), duals, _FINE[1]
    for rounds in range(1, _ROUNDS + 1):
        short = make_shortlist(pairs, limits, duals, size, block_numbers=block_numbers)
        done = repair(
            pairs, limits, short, duals, close=2 * end * scale, block_numbers=block_numbers
        )
        if short.bound < bound:
            bound, prices = short.bound, duals
        if rounds == 1 or _better(done, best):
            best = done
        if not best.missing.any() and bound - best.value <= tolerance * abs(bound):
            break
        start, end = _FINE if rounds < 3 else _FINEST
        duals = anneal(short, limits, duals, scale=scale, start=start, end=end)
    facts = {"solver": "dual", "rounds": rounds, "campaigns looked at per user": size}
    rows, columns = best.pairs()
    return Solution(rows, columns, best.value, bound, prices, facts)


def _better(new: Assignment, old: Assignment) -> bool:
    return (new.missing.sum(), -new.value) < (old.missing.sum(), -old.value)


def _size(limits: Limits, n: int, m: int, max_pairs: int) -> int:
    """Return how many campaigns a user are kept, within the memory allowed."""
    wanted = max(_SHORT, 2 * int(limits.users.max(initial=0)) + 8)
    return int(min(m, max(min(wanted, max_pairs // max(n, 1)), 1)))


def _first_prices(
    pairs: PairBlocks, limits: Limits, size: int, block_numbers: int, seed: int
) -> tuple[Duals, float]:
    """Return prices learnt on a sample of the users, and the size of values."""
    n, m = pairs.shape
    num = max(_SAMPLED_PAIRS // max(size, 1), 1)
    rows = np.arange(n)
    if n > num:
        rows = np.sort(numpy_stream(seed, "allocation").choice(n, num, replace=False))
    part = limits.sampled(rows)
    zero = Duals.zero(m)
    short = make_shortlist(pairs, part, zero, size, rows=rows, block_numbers=block_numbers)
    scale = value_scale(short, part)
    favoured = Duals(np.where(limits.at_least > 0, -scale, 0.0), np.zeros(m))
    if limits.at_least.any():
        short = make_shortlist(pairs, part, favoured, size, rows=rows, block_numbers=block_numbers)
    start, end = _COARSE if n > num else (_COARSE[0], _FINE[1])
    return anneal(short, part, favoured, scale=scale, start=start, end=end), scale

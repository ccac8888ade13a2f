"""The exact solver: HiGHS on all pairs, for small problems and as the oracle of the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from tsgen.arrays import AnyArray
from tsgen.errors import SettingsError, TsgenError

from .assignment import Assignment
from .duals import Duals
from .limits import Limits
from .pairs import PairBlocks
from .solution import Solution

__all__ = ["MOST_PAIRS", "optimum", "solve_exact"]

MOST_PAIRS = 1_000_000
"""Allowed pairs that HiGHS is given; it needs about 1.5 kB for each."""

_INFEASIBLE = 2


def solve_exact(pairs: PairBlocks, limits: Limits) -> Solution | None:
    """Return an optimal assignment, or None where no assignment meets the minima.

    Without budgets the constraint matrix is totally unimodular, so that the linear programme's
    vertex is whole; with budgets it is solved as a mixed-integer programme, and the prices are
    those of the relaxation.

    Raises:
        SettingsError: There are too many pairs.
    """
    n, m = pairs.shape
    if n * m > 20 * MOST_PAIRS:
        raise _too_many(n, m)
    block = pairs.block(np.arange(n))
    allowed = np.isfinite(block.values)
    rows, columns = np.nonzero(allowed)
    if len(rows) > MOST_PAIRS:
        raise _too_many(n, m)
    values = block.values[allowed].astype(np.float64)
    costs = np.broadcast_to(block.costs, block.values.shape)[allowed].astype(np.float64)
    if not len(rows):
        return _nothing(limits)
    solution = optimum(rows, columns, values, costs, limits)
    if solution is None:
        return None
    chosen, bound, prices = solution
    if limits.knapsack:
        chosen = _within_money(chosen, rows, columns, values, costs, limits)
    duals = _duals(prices, n, m, limits)
    facts = {"solver": "exact", "pairs": len(values)}
    value = float(values[chosen].sum())
    return Solution(rows[chosen], columns[chosen], value, bound, duals, facts)


def optimum(
    rows: AnyArray,
    columns: AnyArray,
    values: AnyArray,
    costs: AnyArray,
    limits: Limits,
    *,
    whole: bool = True,
) -> tuple[AnyArray, float, AnyArray] | None:
    """Return the pairs of an optimal assignment, its bound, and the prices of all limits.

    Args:
        rows: (e,) users of the allowed pairs.
        columns: (e,) campaigns.
        values: (e,).
        costs: (e,).
        limits: Bounds.
        whole: Whether fractions of contacts, which budgets bring, are a matter for `milp`;
            otherwise they are left out.

    Returns:
        None where no assignment meets the minima.
    """
    upper = _upper(rows, columns, costs, limits)
    relaxed = linprog(-values, *upper, bounds=(0, 1), method="highs-ds")
    if relaxed.status == _INFEASIBLE:
        return None
    if relaxed.status != 0:
        raise TsgenError(f"HiGHS did not solve the allocation: {relaxed.message}")
    x, bound = relaxed.x, -relaxed.fun
    if whole and np.abs(x - np.round(x)).max() > 1e-6:
        solution = milp(
            -values,
            constraints=LinearConstraint(upper[0], -np.inf, upper[1]),
            bounds=Bounds(0, 1),
            integrality=np.ones(len(values)),
        )
        if solution.x is None:
            return None
        x, bound = solution.x, -solution.mip_dual_bound
    return np.flatnonzero(x > 1 - 1e-5), float(bound), -relaxed.ineqlin.marginals


def _within_money(
    chosen: AnyArray,
    rows: AnyArray,
    columns: AnyArray,
    values: AnyArray,
    costs: AnyArray,
    limits: Limits,
) -> AnyArray:
    """Return the chosen pairs without those that a budget does not pay for after all.

    HiGHS keeps budgets up to a tolerance of its own.
    """
    done = Assignment(limits)
    order = chosen[np.argsort(-values[chosen], kind="stable")]
    done.take(rows[order], columns[order], np.maximum(values[order], 1e-300), costs[order])
    kept, m = done.pairs(), len(limits.at_most)
    return chosen[np.isin(rows[chosen] * m + columns[chosen], kept[0] * m + kept[1])]


def _too_many(n: int, m: int) -> SettingsError:
    return SettingsError(
        f"solver='exact' is for at most {MOST_PAIRS} allowed pairs; these are {n} users times {m} "
        "campaigns. Use solver='dual', which says how far it may be from the optimum."
    )


def _nothing(limits: Limits) -> Solution | None:
    if limits.at_least.any():
        return None
    empty, zero = np.zeros(0, np.intp), Duals.zero(len(limits.at_most))
    return Solution(empty, empty, 0.0, 0.0, zero, {"solver": "exact", "pairs": 0})


def _upper(
    rows: AnyArray, columns: AnyArray, costs: AnyArray, limits: Limits
) -> tuple[Any, AnyArray]:
    """Return A and b of A x <= b: users, at most, at least, budgets, total."""
    n, m, num = len(limits.users), len(limits.at_most), len(rows)
    place, ones = np.arange(num), np.ones(num)
    by_campaign = sp.csr_array((ones, (columns, place)), shape=(m, num))
    parts = [
        sp.csr_array((ones, (rows, place)), shape=(n, num)),
        by_campaign,
        -by_campaign,
        sp.csr_array((costs, (columns, place)), shape=(m, num)),
        sp.csr_array(costs[None, :]),
    ]
    money = np.minimum(limits.budgets, costs.sum())
    total = min(limits.total, costs.sum())
    bounds = [limits.users, limits.at_most, -limits.at_least, money, [total]]
    return sp.vstack(parts).tocsr(), np.concatenate(bounds)


def _duals(prices: AnyArray, n: int, m: int, limits: Limits) -> Duals:
    """Return the prices of the campaigns' side from those of the rows of A."""
    at_most, at_least, money = (prices[n + part * m : n + (part + 1) * m] for part in range(3))
    money = np.where(np.isfinite(limits.budgets), np.maximum(money, 0), 0.0)
    total = float(max(prices[-1], 0)) if np.isfinite(limits.total) else 0.0
    return Duals(at_most - at_least, money, total)

"""One call for all solvers, and the reason where there is no assignment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tsgen.errors import SettingsError

from .dual import solve_dual
from .exact import solve_exact
from .feasibility import explain_shortage
from .greedy import solve_greedy
from .limits import Limits
from .pairs import PairBlocks
from .solution import Solution

__all__ = ["BLOCK", "Solver", "check_solver", "solve"]

Solver = Literal["auto", "greedy", "exact", "dual"]

BLOCK = 8_000_000
"""Pairs to evaluate at a time."""

_SMALL = 20_000  # pairs up to which "auto" is exact
_SOLVERS = ("auto", "greedy", "exact", "dual")


def solve(
    pairs: PairBlocks,
    limits: Limits,
    names: Sequence[str],
    *,
    solver: Solver = "auto",
    tolerance: float = 1e-3,
    max_pairs: int = 20_000_000,
    seed: int = 0,
) -> Solution:
    """Return an assignment that meets all limits.

    Args:
        pairs: All pairs.
        limits: Bounds.
        names: Of the campaigns, for messages.
        solver: See `allocate`.
        tolerance: See `allocate`.
        max_pairs: See `allocate`.
        seed: See `allocate`.

    Raises:
        SettingsError: There is none; the message says why.
    """
    check_solver(solver, tolerance, max_pairs)
    n, m = pairs.shape
    if solver == "auto":
        solver = "exact" if n * m <= _SMALL else "dual"
    solution: Solution | None
    options = {"max_pairs": max_pairs, "block_numbers": min(max_pairs, BLOCK)}
    if solver == "exact":
        solution = solve_exact(pairs, limits)
    elif solver == "greedy":
        solution = solve_greedy(pairs, limits, **options)
    else:
        solution = solve_dual(pairs, limits, tolerance=tolerance, seed=seed, **options)
    if solution is None or (np.bincount(solution.columns, minlength=m) < limits.at_least).any():
        raise SettingsError(_reason(pairs, limits, names, solution))
    return solution


def _reason(
    pairs: PairBlocks, limits: Limits, names: Sequence[str], solution: Solution | None
) -> str:
    reason = explain_shortage(pairs, limits, names, block_numbers=BLOCK)
    if reason is not None:
        return reason
    if solution is None:
        return (
            "The minima cannot be met together with the budgets, although each could by itself; "
            "raise a budget or lower at_least."
        )
    counts = np.bincount(solution.columns, minlength=len(names))
    short = np.flatnonzero(counts < limits.at_least)
    first = short[0]
    return (
        f"The {solution.facts['solver']} solver found {counts[first]} of the at least "
        f"{int(limits.at_least[first])} users for campaign '{names[first]}' "
        f"({len(short)} campaigns fall short); solver='exact' says whether it is possible at all."
    )


def check_solver(solver: str, tolerance: float, max_pairs: int) -> None:
    """Refuse impossible settings of `solve`.

    Raises:
        SettingsError: One is.
    """
    if solver not in _SOLVERS:
        raise SettingsError(f"solver={solver!r} is not possible: use {', '.join(_SOLVERS)}.")
    if not 0 < tolerance < 1:
        raise SettingsError(f"tolerance={tolerance!r} is not possible: use a share such as 0.001.")
    if isinstance(max_pairs, bool) or max_pairs < 1000:
        raise SettingsError(f"max_pairs={max_pairs!r} is not possible: use a number from 1000.")

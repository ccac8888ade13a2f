"""`allocate`: who gets which offer, from a model and a plan."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.data.events import to_stamps
from tsgen.errors import DataError, SettingsError

from .campaigns import Plan
from .contacts import recent_contacts
from .pool import Pool
from .prices import CampaignPrices
from .protocol import CampaignModel
from .result import Allocation
from .solving import (
    Duals,
    Limits,
    Solution,
    explain_shortage,
    solve_dual,
    solve_exact,
    solve_greedy,
)
from .tables import contact_table, holdout_table, summary_table

__all__ = ["Solver", "allocate"]

Solver = Literal["auto", "greedy", "exact", "dual"]

_SOLVERS = ("auto", "greedy", "exact", "dual")
_SMALL = 20_000
"""Pairs up to which "auto" is exact."""


def allocate(
    model: CampaignModel,
    campaigns: Any,
    *,
    exclude: Any = None,
    contacts: pd.DataFrame | None = None,
    spend: Any = None,
    at: Any = None,
    events: Any = None,
    solver: Solver = "auto",
    tolerance: float = 1e-3,
    max_pairs: int = 20_000_000,
    seed: int = 0,
    **settings: Any,
) -> Allocation:
    """Give users to campaigns so that the expected value is greatest and every limit is kept.

    Args:
        model: A fitted `tsgen.RIMModel`.
        campaigns: A list of `Campaign` or of tables of its settings, a `Plan`, or a TOML file.
        exclude: Ids of users whom no campaign may contact.
        contacts: Contacts already made: user_id, timestamp; counted by `max_contacts`.
        spend: A log with values, for campaigns with value="spend"; None takes `events`.
        at: When the horizon begins; see `RIMModel.scores`.
        events: A newer log; see `RIMModel.scores`.
        solver: "greedy" takes the best pair first. "exact" solves the (mixed-integer) linear
            programme by HiGHS, for small problems. "dual" finds prices of contacts, and says how
            far it may be from the optimum. "auto" is exact up to 20,000 pairs, and dual above.
        tolerance: Gap to the optimum at which the dual is content.
        max_pairs: Pairs of users and campaigns to hold in memory at a time; each takes about 40
            bytes. Where there are more, each user's best are kept, and the gap counts all.
        seed: Draws the users who set the first prices of large problems.
        **settings: Settings of `Plan`: max_campaigns, budget, holdout, ...

    Returns:
        The table of contacts, hold-outs, a summary by campaign, and prices.

    Raises:
        SettingsError: A setting is impossible, or the limits cannot be met together; the message
            says which clash, and by how much.
        DataError: A table is unreadable, or nobody is left to contact.

    Example:
        >>> import numpy as np, pandas as pd, tsgen
        >>> draw = np.random.default_rng(0)
        >>> days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(600) * 144, "min")
        >>> table = pd.DataFrame({"user_id": draw.integers(0, 50, 600), "timestamp": days})
        >>> events = tsgen.Interactions.from_frame(table.assign(item_id=draw.integers(0, 9, 600)))
        >>> model = tsgen.RIMEstimator(horizon="7D", relevance="popularity").train(events)
        >>> plan = [{"name": "a", "items": [3], "at_most": 5}, {"name": "b", "items": [4, 5]}]
        >>> tsgen.allocate(model, plan).summary["users"].tolist()
        [5, 45]
    """
    _check(solver, tolerance, max_pairs)
    plan = Plan.of(campaigns, **settings)
    pool = Pool.of(model, plan, exclude=exclude, spend=spend, at=at, events=events)
    capacity = _capacity(pool, contacts)
    counts = _left_out(pool, capacity)
    limits = _limits(pool, capacity)
    options = {"max_pairs": max_pairs, "block_numbers": min(max_pairs, 8_000_000)}
    open_limits = _limits(pool, np.where(pool.allowed & ~pool.held_out, capacity, 0))
    solution = _solve(pool, open_limits, solver, tolerance, seed, options)
    return _result(pool, limits, solution, counts, seed, options["block_numbers"])


def _check(solver: str, tolerance: float, max_pairs: int) -> None:
    if solver not in _SOLVERS:
        raise SettingsError(f"solver={solver!r} is not possible: use {', '.join(_SOLVERS)}.")
    if not 0 < tolerance < 1:
        raise SettingsError(f"tolerance={tolerance!r} is not possible: use a share such as 0.001.")
    if isinstance(max_pairs, bool) or max_pairs < 1000:
        raise SettingsError(f"max_pairs={max_pairs!r} is not possible: use a number from 1000.")


def _capacity(pool: Pool, contacts: pd.DataFrame | None) -> npt.NDArray[np.int64]:
    """Return the campaigns that each user may still be in, whoever is held out, (n,)."""
    plan, users = pool.plan, pool.candidates.users
    capacity = np.full(len(users), plan.max_campaigns, np.int64)
    if plan.max_contacts is None:
        if contacts is not None:
            raise SettingsError(
                "contacts are given without max_contacts; say how many are allowed."
            )
        return capacity
    recent: Any = 0
    if contacts is not None:
        at, zone = pool.candidates.at, pool.model.timezone
        recent = recent_contacts(contacts, users, at, plan.contact_window, zone)
    return np.asarray(np.clip(plan.max_contacts - recent, 0, capacity))


def _left_out(pool: Pool, capacity: npt.NDArray[np.int64]) -> dict[str, int]:
    """Return how many users are out, and why.

    Raises:
        DataError: Nobody is left.
    """
    allowed, held = pool.allowed, pool.held_out
    full = allowed & ~held & (capacity == 0)
    counts = {
        "users": len(allowed),
        "excluded or without events": int((~allowed).sum()),
        "held out of all campaigns": int((allowed & held).sum()),
        "contacted as often as allowed": int(full.sum()),
        "left to contact": int((allowed & ~held & (capacity > 0)).sum()),
    }
    if counts["left to contact"] == 0:
        reasons = ", ".join(f"{number} {what}" for what, number in list(counts.items())[1:4])
        raise DataError(f"No user is left to contact: of {len(allowed)} users, {reasons}.")
    return counts


def _limits(pool: Pool, capacity: npt.NDArray[np.int64]) -> Limits:
    """Return the plan's limits; a budget of contacts at one cost is a number of contacts."""
    n, m = pool.shape
    most = np.full(m, n, np.float64)
    budgets = np.full(m, np.inf)
    for place, campaign in enumerate(pool.plan.campaigns):
        if campaign.most is not None:
            most[place] = min(campaign.most, n)
        if campaign.budget is not None and isinstance(campaign.cost, str):
            budgets[place] = campaign.budget
        elif campaign.budget is not None:
            most[place] = min(most[place], np.floor(campaign.budget / float(campaign.cost) + 1e-9))
    least = np.array([campaign.least for campaign in pool.plan.campaigns], float)
    total = np.inf if pool.plan.budget is None else pool.plan.budget
    return Limits(np.minimum(capacity, m), least, most, budgets, float(total))


def _solve(
    pool: Pool,
    limits: Limits,
    solver: Solver,
    tolerance: float,
    seed: int,
    options: dict[str, int],
) -> Solution:
    """Return an assignment that meets all limits, or raise the reason why there is none."""
    n, m = pool.shape
    if solver == "auto":
        solver = "exact" if n * m <= _SMALL else "dual"
    solution: Solution | None
    if solver == "exact":
        solution = solve_exact(pool, limits)
    elif solver == "greedy":
        solution = solve_greedy(pool, limits, **options)
    else:
        solution = solve_dual(pool, limits, tolerance=tolerance, seed=seed, **options)
    if solution is None or (np.bincount(solution.columns, minlength=m) < limits.at_least).any():
        raise SettingsError(_reason(pool, limits, solution, options["block_numbers"]))
    return solution


def _reason(pool: Pool, limits: Limits, solution: Solution | None, block_numbers: int) -> str:
    names = [campaign.name for campaign in pool.plan.campaigns]
    reason = explain_shortage(pool, limits, names, block_numbers=block_numbers)
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


def _result(
    pool: Pool, limits: Limits, solution: Solution, counts: dict[str, int], seed: int, numbers: int
) -> Allocation:
    duals = solution.duals
    table = contact_table(pool, solution.rows, solution.columns, duals, "contact", numbers)
    holdouts = holdout_table(pool, limits, _prices_of(pool, limits, solution, table), numbers)
    facts = _facts(pool, solution, counts, seed)
    table.attrs, holdouts.attrs = {"tsgen": facts}, {"tsgen": facts}
    summary = summary_table(pool, limits, table, holdouts, duals)
    return Allocation(table, holdouts, summary, facts, _fitted(pool, limits, duals, facts))


def _prices_of(pool: Pool, limits: Limits, solution: Solution, table: pd.DataFrame) -> Duals:
    """Return the prices, or where there are none the least value that a full campaign took."""
    if solution.duals is not None:
        return solution.duals
    names = [campaign.name for campaign in pool.plan.campaigns]
    groups = table.groupby("campaign")["expected_value"]
    least = groups.min().reindex(names, fill_value=0).to_numpy(float)
    full = groups.size().reindex(names, fill_value=0).to_numpy() >= limits.at_most
    return Duals(np.where(full, least, 0.0), np.zeros(len(names)))


def _facts(pool: Pool, solution: Solution, counts: dict[str, int], seed: int) -> dict[str, Any]:
    at = to_stamps(np.array([pool.candidates.at]), pool.model.timezone or "UTC")[0]
    known = np.isfinite(solution.bound)
    return {
        "model": repr(pool.model),
        "cutoff": at.isoformat(),
        "horizon": pool.model.horizon,
        "seed": seed,
        "salt": pool.plan.salt,
        "objective": pool.plan.objective,
        "value": solution.value,
        "bound": solution.bound if known else None,
        "gap": solution.gap if known else None,
        **solution.facts,
        "counts": counts,
    }


def _fitted(
    pool: Pool, limits: Limits, duals: Duals | None, facts: dict[str, Any]
) -> CampaignPrices | None:
    if duals is None:
        return None
    return CampaignPrices(
        [campaign.name for campaign in pool.plan.campaigns],
        duals.contact,
        duals.money + duals.total,
        limits.at_most.copy(),
        limits.budgets.copy(),
        limits.total,
        pool.plan.max_campaigns,
        {name: facts[name] for name in ("model", "cutoff", "horizon", "objective", "salt")},
    )

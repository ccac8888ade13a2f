"""`allocate`: who gets which offer, from a model and a plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.data.events import to_stamps
from tsgen.errors import SettingsError
from tsgen.rng import resolve_seed

from .balancing import BalancedSolution, solve_balanced
from .campaigns import Plan
from .empty import explain_empty
from .pools import CampaignPairs
from .posing import Problem, pose
from .prices import CampaignPrices
from .protocol import CampaignModel
from .result import Allocation
from .solving import BLOCK, Duals, Limits, Solution, Solver, check_solver
from .tables import contact_table, holdout_table, summary_table

__all__ = ["allocate", "allocation_of", "check_solving"]


def allocate(
    model: CampaignModel,
    campaigns: Any,
    *,
    exclude: Any = None,
    contacts: pd.DataFrame | None = None,
    spend: Any = None,
    at: Any = None,
    events: Any = None,
    users: pd.DataFrame | None = None,
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
        spend: A log with values, for campaigns with value="spend"; None takes `events`, or else
            what the model has learnt of values.
        at: When the horizon begins; see `RIMModel.scores`.
        events: A newer log; see `RIMModel.scores`.
        users: Attributes, one row a user, for campaigns with a facet; None takes what the model
            knows.
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
        >>> estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity")
        >>> model = estimator.train(events, options=tsgen.TrainingOptions(seed=1))
        >>> plan = [{"name": "a", "items": [3], "at_most": 5}, {"name": "b", "items": [4, 5]}]
        >>> int(tsgen.allocate(model, plan, seed=1).summary["users"].sum())  # each once at most
        50
    """
    plan, seed = Plan.of(campaigns, **settings), resolve_seed(seed)
    plan.check_spend(spend)
    check_solving(plan, users=users, solver=solver, tolerance=tolerance, max_pairs=max_pairs)
    options = {"exclude": exclude, "contacts": contacts, "spend": spend, "at": at, "events": events}
    problem = pose(model, plan, **options)
    return allocation_of(
        problem, users=users, solver=solver, tolerance=tolerance, max_pairs=max_pairs, seed=seed
    )


def check_solving(
    plan: Plan,
    *,
    users: pd.DataFrame | None,
    solver: Solver,
    tolerance: float,
    max_pairs: int,
) -> None:
    """Refuse an impossible solver, and attributes of users or groups that do not go together.

    Raises:
        SettingsError: A setting is impossible; users are given that no campaign asks for; or the
            solver knows no groups.
    """
    check_solver(solver, tolerance, max_pairs)
    demands = any(campaign.facet is not None for campaign in plan.campaigns)
    if users is not None and not demands:
        raise SettingsError("users are given, but no campaign has a facet; leave them out.")
    if solver == "greedy" and demands:
        raise SettingsError(
            "The greedy solver has no prices by which hold-outs of groups are chosen; with a facet "
            "use solver='dual' or 'exact'."
        )


def allocation_of(
    problem: Problem[Any],
    *,
    users: pd.DataFrame | None,
    solver: Solver,
    tolerance: float,
    max_pairs: int,
    seed: int,
) -> Allocation:
    """Solve a problem; see `allocate`.

    Raises:
        SettingsError: A setting is impossible, or the limits cannot be met together.
        DataError: A group has nobody in it.
    """
    done = solve_balanced(
        problem, users=users, solver=solver, tolerance=tolerance, max_pairs=max_pairs, seed=seed
    )
    return _result(problem, done, seed, min(max_pairs, BLOCK))


def _result(problem: Problem[Any], done: BalancedSolution, seed: int, numbers: int) -> Allocation:
    lists, solution, pool = done.problem, done.solution, problem.pool
    duals = solution.duals
    table = contact_table(lists.pool, solution.rows, solution.columns, duals, "contact", numbers)
    prices = _prices_of(lists.pool, lists.limits, solution, table)
    holdouts = holdout_table(lists.pool, problem.places, prices, numbers)
    facts = _facts(pool, solution, problem.counts, seed)
    if done.plain is not None:
        plain = contact_table(pool, done.plain.rows, done.plain.columns, None, "contact", numbers)
        facts |= {"groups": done.groups, "price": _price(plain, table)}
    table.attrs, holdouts.attrs = {"tsgen": facts}, {"tsgen": facts}
    own = None if duals is None else duals.first(len(problem.names))
    summary = summary_table(pool, problem.limits, table, holdouts, own)
    nobody = np.flatnonzero(summary["users"].to_numpy() == 0)
    facts["without contacts"] = explain_empty(pool, problem.places, nobody.tolist())
    fitted = _fitted(pool, problem.limits, duals if done.plain is None else None, facts)
    return Allocation(table, holdouts, summary, facts, fitted)


def _price(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, float]:
    """Return what demands about groups cost, and how many contacts are with others."""
    pairs = [set(zip(t["user_id"], t["campaign"], strict=True)) for t in (before, after)]
    price: dict[str, float] = {"swapped": len(pairs[1] - pairs[0])}
    for column in ("expected_engagements", "expected_value"):
        sums = float(before[column].sum()), float(after[column].sum())
        lost = sums[0] - sums[1]
        price |= {f"{column} before": sums[0], f"{column} after": sums[1],
                  f"{column} lost share": lost / sums[0] if sums[0] else 0.0}  # fmt: skip
    return price


def _prices_of(
    pool: CampaignPairs, limits: Limits, solution: Solution, table: pd.DataFrame
) -> Duals:
    """Return the prices, or where there are none the least value that a full campaign took."""
    if solution.duals is not None:
        return solution.duals
    names = [campaign.name for campaign in pool.plan.campaigns]
    groups = table.groupby("campaign")["expected_value"]
    least = groups.min().reindex(names, fill_value=0).to_numpy(float)
    full = groups.size().reindex(names, fill_value=0).to_numpy() >= limits.at_most
    return Duals(np.where(full, least, 0.0), np.zeros(len(names)))


def _facts(
    pool: CampaignPairs, solution: Solution, counts: dict[str, int], seed: int
) -> dict[str, Any]:
    at = to_stamps(np.array([pool.candidates.at]), pool.model.timezone or "UTC")[0]
    bounded = np.isfinite(solution.bound)
    return {
        "model": f"{type(pool.model).__name__.removesuffix('Model')} of {counts['users']:,} users",
        "cutoff": at.isoformat(),
        "horizon": pool.model.horizon,
        "seed": seed,
        "salt": pool.plan.salt,
        "objective": pool.plan.objective,
        "value": solution.value,
        "bound": solution.bound if bounded else None,
        "gap": solution.gap if bounded else None,
        **solution.facts,
        "counts": counts,
        **({"own lists": pool.own_lists} if pool.own_lists else {}),
    }


def _fitted(
    pool: CampaignPairs, limits: Limits, duals: Duals | None, facts: dict[str, Any]
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

"""Campaigns as lists made together: each campaign's best users, alone or shared out greedily."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from tsgen.errors import SettingsError

from .balancing import solve_balanced
from .campaigns import Campaign, Plan
from .pools import Pool
from .posing import Problem, pose
from .protocol import CampaignModel
from .tables import contact_table

__all__ = ["are_campaigns", "campaign_lists"]

_MAX_PAIRS = 20_000_000


def are_campaigns(given: Any) -> bool:
    """Return whether these are campaigns, or tables of their settings, rather than items."""
    if isinstance(given, Plan):
        return True
    several = isinstance(given, Sequence) and not isinstance(given, str | bytes) and len(given) > 0
    return several and all(isinstance(one, Campaign | Mapping) for one in given)


def campaign_lists(
    model: CampaignModel,
    campaigns: Any,
    *,
    size: int | None = None,
    exclusive: bool = False,
    exclude: Any = None,
    spend: Any = None,
    at: Any = None,
    events: Any = None,
    **settings: Any,
) -> pd.DataFrame:
    """Return the users of each campaign, best first, with one list of users to leave out of all.

    Args:
        model: A fitted `tsgen.RIMModel`.
        campaigns: See `allocate`; filters, hold-outs and limits are the campaigns' own.
        size: Users of campaigns that have no `at_most` of their own.
        exclusive: A user is in one list at most: the pair of a user and a campaign that brings most
            is taken first (`allocate` finds the best of all such assignments). False lets each
            campaign have its best users; how many are in several lists is said.
        exclude: Ids of users whom no campaign may have.
        spend: A log with values, for campaigns with value="spend"; see `allocate`.
        at: See `RIMModel.scores`.
        events: See `RIMModel.scores`.
        **settings: Settings of `Plan`, such as on_unknown.

    Returns:
        campaign, user_id, rank, intensity (expected events with the campaign's items), probability
        (of at least one), expected_value (by the campaign's `value`) and, where the model's log has
        values, expected_spend (by that log), campaigns in their order, best first. Its
        `attrs["counts"]` say what each list has and is expected to hold, and what lists share.

    Raises:
        SettingsError: A campaign has no end (no at_most, no min_probability) and there is no size.
        DataError: Nobody is left to list.
    """
    plan = _ended(Plan.of(campaigns, **settings), size)
    plan.check_spend(spend)
    most = 1 if exclusive else len(plan.campaigns)
    plan = plan.model_copy(update={"max_campaigns": most})
    problem = pose(model, plan, exclude=exclude, spend=spend, at=at, events=events)
    pool = problem.pool
    done = solve_balanced(problem, solver="greedy", max_pairs=_MAX_PAIRS).merged
    contacts = contact_table(pool, done.rows, done.columns, None, "contact", _MAX_PAIRS)
    table = _with_chances(pool, problem.names, contacts)
    table.attrs["counts"] = _counts(problem, table)
    return table


def _ended(plan: Plan, size: int | None) -> Plan:
    campaigns = []
    for campaign in plan.campaigns:
        if campaign.most is None and campaign.min_probability == 0:
            if size is None:
                raise SettingsError(
                    f"Campaign '{campaign.name}' has no at_most; give it one, or give size=."
                )
            campaign = campaign.model_copy(update={"at_most": size})
        campaigns.append(campaign)
    return plan.model_copy(update={"campaigns": tuple(campaigns)})


def _with_chances(pool: Pool, names: list[str], contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the lists with the chance of at least one engagement, and expected spend."""
    users = pool.candidates.users.codes(contacts["user_id"])
    probability = np.zeros(len(contacts))
    spend = np.zeros(len(contacts))
    for column, name in enumerate(names):
        mine = np.flatnonzero(contacts["campaign"] == name)
        items = np.flatnonzero(pool.members[:, [column]].toarray().ravel())
        part = pool.scores.select_items(items).select_users(users[mine])
        intensity, largest = part.campaign(np.arange(len(items)))
        probability[mine] = pool.model.probability(intensity, len(items), largest)
        if (values := pool.candidates.spend) is not None:
            prices = values.prices[pool.candidates.items.codes(part.item_ids)]
            spend[mine] = part.user_sums(prices) * values.factors[users[mine]]
    table = pd.DataFrame({
        "campaign": contacts["campaign"],
        "user_id": contacts["user_id"],
        "rank": contacts["rank"],
        "intensity": contacts["expected_engagements"],
        "probability": probability,
        "expected_value": contacts["expected_value"],
    })  # fmt: skip
    if pool.candidates.spend is not None:
        table["expected_spend"] = spend
    return table


def _counts(problem: Problem[Pool], table: pd.DataFrame) -> dict[str, Any]:
    groups = {name: table[table["campaign"] == name] for name in problem.names}
    wanted = {c.name: c.most for c in problem.pool.plan.campaigns}
    lists = {
        name: {
            "wanted": wanted[name],
            "got": len(group),
            "expected_events": float(group["intensity"].sum()),
            "expected_buyers": float(group["probability"].sum()),
            "expected_value": float(group["expected_value"].sum()),
            **problem.pool.own_lists.get(name, {}),
            **_sum_of_spend(group),
        }
        for name, group in groups.items()
    }
    users = {name: set(group["user_id"]) for name, group in groups.items()}
    shared = {
        f"{one} & {other}": len(users[one] & users[other])
        for one, other in combinations(problem.names, 2)
        if users[one] & users[other]
    }
    return {
        "campaigns": lists,
        "users": int(table["user_id"].nunique()),
        "in_several": int((table["user_id"].value_counts() > 1).sum()),
        "shared": shared,
        "left_out": problem.counts["excluded or without events"],
        "excluded": problem.pool.excluded,
        "unknown": problem.pool.unknown,
        "eligible": int(problem.pool.allowed.sum()),
        "got": len(table),
        "expected_events": float(table["intensity"].sum()),
        "expected_buyers": float(table["probability"].sum()),
        **_sum_of_spend(table),
    }


def _sum_of_spend(table: pd.DataFrame) -> dict[str, float]:
    if "expected_spend" not in table:
        return {}
    return {"expected_spend": float(table["expected_spend"].sum())}

"""What contacts cost: one number a campaign, or a column of the user table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tsgen.arrays import Array, Mask
from tsgen.data import plain_value, read_numbers
from tsgen.errors import DataError, SettingsError, nearest

from .campaigns import Campaign, Plan
from .protocol import CandidateUsers

__all__ = ["contact_costs"]


def contact_costs(
    plan: Plan, candidates: CandidateUsers, allowed: Mask, own: Mapping[int, Mask]
) -> tuple[Array, dict[int, Array]]:
    """Return the cost of a contact by campaign (m,), and campaign -> costs by user (n,).

    Users whom a campaign may not have need no cost in the table; they get that of its cheapest
    contact, so that the least of a campaign's costs is one that it can pay.

    Args:
        plan: The campaigns.
        candidates: The users.
        allowed: (n,) who may be contacted at all.
        own: Campaign -> (n,) who may be in it; campaigns without filters are absent.

    Raises:
        SettingsError: Users have no such column, or a budget is below the cheapest contact.
        DataError: A user who may be contacted has no cost, or one below 0.
    """
    fixed = np.zeros(len(plan.campaigns))
    by_user = {}
    cheapest = []
    for column, campaign in enumerate(plan.campaigns):
        open_ = allowed & own.get(column, True)
        if isinstance(campaign.cost, str):
            by_user[column] = _user_costs(campaign, candidates, open_)
        else:
            fixed[column] = campaign.cost
        if open_.any():
            costs = by_user.get(column, np.full(len(open_), fixed[column]))[open_]
            cheapest.append(float(costs.min()))
            _check_budget(f"Campaign '{campaign.name}'", campaign.budget, cheapest[-1])
    _check_budget("The plan", plan.budget, min(cheapest, default=0.0))
    return fixed, by_user


def _user_costs(campaign: Campaign, candidates: CandidateUsers, open_: Mask) -> Array:
    table = candidates.user_table
    names = [] if table is None else list(table.columns)
    if table is None or campaign.cost not in names:
        raise SettingsError(
            f"Campaign '{campaign.name}' has the cost column '{campaign.cost}', which users do not "
            f"have.{nearest(str(campaign.cost), names)} They have: "
            f"{', '.join(map(str, names)) or 'no attributes'}."
        )
    costs = read_numbers(table[campaign.cost])
    wrong = open_ & (~np.isfinite(costs) | (costs < 0))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"The cost column '{campaign.cost}' of campaign '{campaign.name}' has "
            f"{int(wrong.sum())} users without a cost of at least 0 (the first: {costs[row]} of "
            f"user {plain_value(candidates.users.ids[row])!r}); fill them in, or leave these users "
            "out by where or exclude.",
            field=str(campaign.cost),
            row=row,
        )
    return np.where(open_, costs, costs[open_].min() if open_.any() else 0.0)


def _check_budget(whose: str, budget: float | None, cheapest: float) -> None:
    if budget is not None and budget < cheapest:
        raise SettingsError(
            f"{whose} has a budget of {budget:g}, below the {cheapest:g} of its cheapest contact."
        )

"""Demands of campaigns about groups: a ratio or a share that holds at the least loss of value.

A group that gets too few contacts is given a list of its own, of exactly as many as it must have;
the campaign's other users share what is left of its contacts. What a campaign brings is a concave
function of the contacts of its groups (M-natural concave, Murota 2003, "Discrete convex analysis"),
so a group that lacks contacts gets no more than it must, and lists are added until none lacks any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Indices, Integers, Mask
from tsgen.errors import DataError, SettingsError
from tsgen.responsible import (
    UNKNOWN_GROUP,
    AttributeTable,
    Demand,
    Facet,
    attributes_of,
    read_facets,
)

from .campaigns import Campaign
from .pools import CampaignPairs
from .posing import Problem
from .solving import BLOCK, Solution, row_blocks, solve

__all__ = ["BalancedSolution", "solve_balanced"]

_ROUNDS = 50


@dataclass(frozen=True, eq=False)
class BalancedSolution:
    """An assignment in which campaigns' demands about groups hold.

    Attributes:
        problem: With lists in the place of campaigns: one for each campaign, and one for each of
            its groups that would have too few contacts.
        solution: Of the lists.
        campaigns: (lists,) the campaign of each list.
        plain: The solution without the demands, or None if there are none.
        groups: One row for each group of a campaign with a demand.
    """

    problem: Problem[Any]
    solution: Solution
    campaigns: Indices
    plain: Solution | None = None
    groups: list[dict[str, Any]] = field(default_factory=list)

    @property
    def merged(self) -> Solution:
        """The solution in terms of campaigns; with demands without prices, which go by group."""
        return _merged(self.solution, self.campaigns, self.plain is None)


def _merged(solution: Solution, campaigns: Indices, priced: bool = False) -> Solution:
    duals = solution.duals if priced else None
    return replace(solution, columns=campaigns[solution.columns], duals=duals)


def solve_balanced(
    problem: Problem[Any], *, users: pd.DataFrame | None = None, **options: Any
) -> BalancedSolution:
    """Return an assignment that meets all limits, and the demands about groups.

    Args:
        problem: Campaigns.
        users: One row a user: user_id and attributes; None takes what the model knows.
        **options: See `solve`.

    Raises:
        SettingsError: There is none; the message says why.
        DataError: A group has nobody in it.
    """
    plain = solve(problem.pool, problem.limits, problem.names, **options)
    groups = _groups_of(problem, plain, users)
    lists, solution = _Lists.of(problem), plain
    if not groups:
        return BalancedSolution(problem, plain, lists.campaigns)
    for _ in range(_ROUNDS):
        merged = _merged(solution, lists.campaigns)
        lacking = [one.lacking(merged) for one in groups.values()]
        if not any(lacking):
            rows = [row for one in groups.values() for row in one.rows(plain, merged)]
            return BalancedSolution(lists.problem, solution, lists.campaigns, plain, rows)
        for own in lacking:
            lists.own.update(own)
        lists = _Lists.split(problem, groups, lists.own)
        solution = solve(lists.problem.pool, lists.problem.limits, lists.names, **options)
    raise SettingsError(
        "The demands about groups were not met together; ask for less, or of fewer campaigns."
    )


@dataclass(frozen=True, eq=False)
class _CampaignGroups:
    """The groups of a campaign with a demand, who of n users may be in it, and its contacts."""

    column: int
    name: str
    facet: Facet
    demand: Demand
    allowed: Mask
    contacts: int

    @property
    def members(self) -> Integers:
        """(groups,) users who may be in the campaign."""
        return np.bincount(self.facet.codes[self.allowed], minlength=len(self.facet.groups))

    def counts(self, solution: Solution) -> Integers:
        """Return the contacts of each group, (groups,)."""
        rows = solution.rows[solution.columns == self.column]
        return np.bincount(self.facet.codes[rows], minlength=len(self.facet.groups))

    def lacking(self, solution: Solution) -> dict[tuple[int, int], int]:
        """Return what each group that has too few contacts must have, by campaign and code."""
        groups, counts = self.facet.groups, self.counts(solution)
        total = int(counts.sum())
        unknown = int(counts[groups.index(UNKNOWN_GROUP)]) if UNKNOWN_GROUP in groups else 0
        least = self.demand.least(groups, self.members, total - unknown, total)
        try:
            self.demand.check_members(groups, least, self.members, total)
        except SettingsError as error:
            raise SettingsError(f"Campaign '{self.name}': {error}") from None
        return {(self.column, int(k)): int(least[k]) for k in np.flatnonzero(least > counts)}

    def rows(self, plain: Solution, merged: Solution) -> list[dict[str, Any]]:
        """Return what each group had without the demand, and has with it."""
        before, after, members = self.counts(plain), self.counts(merged), self.members
        return [
            {
                "campaign": self.name,
                "group": group,
                "users": int(members[code]),
                "before": int(before[code]),
                "after": int(after[code]),
                "share_before": float(before[code] / members[code]),
                "share_after": float(after[code] / members[code]),
            }
            for code, group in enumerate(self.facet.groups)
            if members[code]
        ]

    def left(self, own: Mapping[tuple[int, int], int]) -> int:
        """Return the contacts that are left when groups have had their own.

        Raises:
            SettingsError: They are more than the campaign has.
        """
        taken = sum(number for (column, _), number in own.items() if column == self.column)
        if taken > self.contacts:
            raise SettingsError(
                f"Campaign '{self.name}' has {self.contacts} contacts, and its groups must have "
                f"{taken} together. Ask for a lower ratio, or for fewer groups."
            )
        return self.contacts - taken


@dataclass(frozen=True, eq=False)
class _Lists:
    """Campaigns as lists: one of each campaign, and of its groups with contacts of their own."""

    problem: Problem[Any]
    campaigns: Indices
    names: list[str]
    own: dict[tuple[int, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: Problem[Any]) -> _Lists:
        """Return one list for each campaign."""
        return cls(problem, np.arange(len(problem.names)), problem.names)

    @classmethod
    def split(
        cls,
        problem: Problem[Any],
        groups: Mapping[int, _CampaignGroups],
        own: dict[tuple[int, int], int],
    ) -> _Lists:
        """Return the lists in which groups, by campaign and code, have contacts of their own.

        Raises:
            SettingsError: They are more than the campaign has.
        """
        limits, masks, names = problem.limits, dict(problem.pool.own), list(problem.names)
        campaigns = np.array([*range(len(names)), *(column for column, _ in own)])
        least, most = limits.at_least[campaigns], limits.at_most[campaigns]
        for column in {column for column, _ in own}:
            one = groups[column]
            codes = [code for c, code in own if c == column]
            masks[column] = masks.get(column, True) & ~np.isin(one.facet.codes, codes)
            most[column] = one.left(own)
            least[column] = max(limits.at_least[column] - one.contacts + most[column], 0)
        for place, ((column, code), number) in enumerate(own.items(), len(names)):
            one = groups[column]
            masks[place] = problem.pool.own.get(column, True) & (one.facet.codes == code)
            least[place] = most[place] = number
            names.append(f"{one.name} ({one.facet.groups[code]})")
        bounds = replace(limits, at_least=least, at_most=most, budgets=limits.budgets[campaigns])
        pool = problem.pool.of_lists(campaigns, masks)
        return cls(replace(problem, pool=pool, limits=bounds), campaigns, names, own)


def _groups_of(
    problem: Problem[Any], plain: Solution, users: pd.DataFrame | None
) -> dict[int, _CampaignGroups]:
    """Return the groups of each campaign with a demand, by its column."""
    pool, limits = problem.pool, problem.limits
    wanted = {k: c for k, c in enumerate(pool.plan.campaigns) if c.facet is not None}
    if not wanted:
        return {}
    allowed = _allowed(pool, list(wanted)) & (limits.users > 0)[:, None]
    return {
        column: _CampaignGroups(
            column,
            campaign.name,
            _facet(campaign, pool, bool(np.isfinite(limits.budgets[column])), users),
            Demand(campaign.min_ratio, campaign.min_share),
            allowed[:, place],
            int((plain.columns == column).sum()),
        )
        for place, (column, campaign) in enumerate(wanted.items())
    }


def _facet(
    campaign: Campaign, pool: CampaignPairs, costly: bool, users: pd.DataFrame | None
) -> Facet:
    """Return the groups of a campaign, of all users."""
    try:
        if costly:
            raise SettingsError(
                "with a facet, a budget for contacts of different costs does not say how many "
                "contacts the groups share; give at_most, or one cost."
            )
        people = _people(pool, users)
        facets = read_facets(people, campaign.facet or "")
        Demand(campaign.min_ratio, campaign.min_share).check_groups(facets[0].groups)
    except (DataError, SettingsError) as error:
        error.args = (f"Campaign '{campaign.name}': {error}", *error.args[1:])
        raise
    return facets[0]


def _people(pool: CampaignPairs, users: pd.DataFrame | None) -> AttributeTable:
    ids, own = pool.candidates.users.ids, pool.candidates.user_table
    if users is not None:
        return attributes_of(ids, users)
    if own is None:
        raise SettingsError(
            "the model knows no attributes of users for a facet; give users=, one row a user."
        )
    return attributes_of(None, own.assign(user_id=ids))


def _allowed(pool: CampaignPairs, columns: list[int]) -> Mask:
    """Return who may be in each of some campaigns, (n, columns)."""
    parts = [np.isfinite(pool.block(rows).values[:, columns])
             for rows in row_blocks(pool.shape, BLOCK)]  # fmt: skip
    return np.concatenate(parts)

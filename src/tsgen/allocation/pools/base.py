"""Users and campaigns: who may be in which, at what cost; what a pair brings is the pool's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from tsgen.arrays import AnyArray, Array, Indices, Mask, Singles

from ..campaigns import Plan
from ..costs import contact_costs
from ..holdouts import UserHashes
from ..protocol import CampaignModel, CandidateUsers
from ..solving import Block

__all__ = ["CampaignPairs", "plan_fields"]


@dataclass(frozen=True, eq=False, kw_only=True)
class CampaignPairs(ABC):
    """Pairs of n users and m campaigns, as `PairBlocks`.

    Attributes:
        plan: The campaigns.
        model: Turns expected engagements into chances.
        candidates: The users.
        fixed: (m,) cost of a contact.
        by_user: Campaign -> (n,) cost of a contact with each user.
        allowed: (n,) who may be contacted at all.
        excluded: Users whom the list of ids of the plan leaves out.
        unknown: Its entries that nobody fits.
        hashes: Decide on hold-outs.
        own: Campaign -> (n,) who may be in it.
        own_lists: Name of a campaign with a list of its own -> the users whom that leaves out, and
            its entries that nobody fits.
        as_if_open: Whether pairs that are held out are shown as if they were not.
    """

    plan: Plan
    model: CampaignModel
    candidates: CandidateUsers
    fixed: Array
    by_user: dict[int, Array]
    allowed: Mask
    excluded: int
    unknown: int
    hashes: UserHashes
    own: dict[int, Mask]
    own_lists: dict[str, dict[str, int]]
    as_if_open: bool = False

    @abstractmethod
    def brought(self, rows: Indices) -> tuple[Singles, Singles]:
        """Return what the users at `rows` bring, as new arrays.

        Returns:
            Expected engagements (r, m), and their value (r, m): -inf where nothing of a campaign is
            open to the user, or its chance is below the campaign's minimum.
        """

    @abstractmethod
    def _of_columns(self, campaigns: Indices) -> Self:
        """Return what the pairs of some campaigns bring."""

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and campaigns."""
        return len(self.allowed), len(self.plan.campaigns)

    @property
    def held_out(self) -> Mask:
        """Who is held out of all campaigns, (n,)."""
        return self.hashes.held_out("", self.plan.holdout)

    def without_holdouts(self) -> Self:
        """Return the pairs that would be allowed if nobody were held out."""
        return replace(self, as_if_open=True)

    def of_lists(self, campaigns: Indices, own: dict[int, Mask]) -> Self:
        """Return the pairs of lists, of which a campaign may have several.

        Args:
            campaigns: (lists,) the campaign of each.
            own: List -> (n,) who may be in it.
        """
        copies = tuple(self.plan.campaigns[one] for one in campaigns)
        return replace(
            self._of_columns(campaigns),
            plan=self.plan.model_copy(update={"campaigns": copies}),
            fixed=self.fixed[campaigns],
            by_user={k: self.by_user[one] for k, one in enumerate(campaigns)
                     if one in self.by_user},
            own=own,
        )  # fmt: skip

    def block(self, rows: Indices) -> Block:
        """Return the pairs of the users at `rows`."""
        engagements, values = self.brought(rows)
        costs = np.broadcast_to(self.fixed, values.shape)
        if self.by_user:
            costs = costs.copy()
        for column, cost in self.by_user.items():
            costs[:, column] = cost[rows]
        if self.plan.objective == "profit":
            values -= costs.astype(np.float32)
        values[~self._open(rows)] = -np.inf
        return Block(engagements, values, costs)

    def costs_of(self, rows: AnyArray, columns: AnyArray) -> Array:
        """Return the costs of some pairs, (e,)."""
        costs = self.fixed[columns].astype(np.float64)
        for column, by_user in self.by_user.items():
            mine = columns == column
            costs[mine] = by_user[rows[mine]]
        return costs

    def _open(self, rows: Indices) -> Mask:
        """Return which pairs filters, exclusions and hold-outs leave, (r, m)."""
        open_ = np.repeat(self.allowed[rows, None], self.shape[1], axis=1)
        for column, own in self.own.items():
            open_[:, column] &= own[rows]
        return open_ if self.as_if_open else open_ & ~self.held(rows)

    def held(self, rows: Indices) -> Mask:
        """Return which pairs are held out, (r, m)."""
        hashes = self.hashes.of_rows(rows)
        held = np.repeat(hashes.held_out("", self.plan.holdout)[:, None], self.shape[1], axis=1)
        for column, campaign in enumerate(self.plan.campaigns):
            if campaign.holdout > 0:
                held[:, column] |= hashes.held_out(campaign.name, campaign.holdout)
        return held


def plan_fields(
    plan: Plan,
    model: CampaignModel,
    candidates: CandidateUsers,
    exclude: Any,
    unseen: Mapping[int, Mask],
) -> dict[str, Any]:
    """Return the attributes of `CampaignPairs`: what the plan says of these users.

    Args:
        plan: The campaigns.
        model: The model.
        candidates: The users.
        exclude: Ids of users whom no campaign may contact.
        unseen: Campaign that excludes who has seen its items -> (n,) who has not.

    Raises:
        SettingsError: A filter or a column of costs is not possible, or a budget pays for nobody.
        DataError: A list or a filter leaves nobody out, or a user has no cost.
    """
    eligible = candidates.eligible(exclude, None, None, plan.on_unknown)
    allowed = eligible.allowed
    own, own_lists = _own(plan, candidates, unseen)
    fixed, by_user = contact_costs(plan, candidates, allowed, own)
    return {
        "plan": plan,
        "model": model,
        "candidates": candidates,
        "fixed": fixed,
        "by_user": by_user,
        "allowed": allowed,
        "excluded": eligible.excluded,
        "unknown": eligible.unknown,
        "hashes": UserHashes(candidates.users.ids, plan.salt),
        "own": own,
        "own_lists": own_lists,
    }


def _own(
    plan: Plan, candidates: CandidateUsers, unseen: Mapping[int, Mask]
) -> tuple[dict[int, Mask], dict[str, dict[str, int]]]:
    """Return who may be in each campaign that has filters of its own, and what came of its list."""
    own, lists = {}, {}
    for column, campaign in enumerate(plan.campaigns):
        filters = (campaign.exclude, campaign.where or None, campaign.exclude_where or None)
        if any(part is not None for part in filters):
            mine = candidates.eligible(*filters, plan.on_unknown)
            own[column] = mine.allowed
            if campaign.exclude is not None:
                lists[campaign.name] = {"excluded": mine.excluded, "unknown": mine.unknown}
        if column in unseen:
            own[column] = own.get(column, True) & unseen[column]
    return own, lists

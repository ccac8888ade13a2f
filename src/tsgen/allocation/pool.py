"""The pairs of a plan: who may be in which campaign, what it brings and costs, block by block."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Indices, Mask, Singles
from tsgen.data.events import Spend
from tsgen.errors import DataError, SettingsError
from tsgen.scores import ScoreMatrix

from .campaigns import Campaign, Plan
from .costs import contact_costs
from .holdouts import UserHashes
from .protocol import CampaignModel, CandidateUsers
from .solving import Block

__all__ = ["Pool"]


@dataclass(frozen=True, eq=False)
class Pool:
    """Pairs of n users and m campaigns, as `PairBlocks`, from a model and a plan.

    Attributes:
        plan: The campaigns.
        model: Turns expected engagements into chances.
        candidates: The users.
        scores: (n, items) of the campaigns' items.
        members: (items, m) 1 where an item is of a campaign.
        worth: (items, m) value of an engagement.
        factors: (n,) factor of the user where a value is its expected spend.
        fixed: (m,) cost of a contact.
        by_user: Campaign -> (n,) cost of a contact with each user.
        allowed: (n,) who may be contacted at all.
        hashes: Decide on hold-outs.
        own: Campaign -> (n,) who may be in it.
        as_if_open: Whether pairs that are held out are shown as if they were not.
    """

    plan: Plan
    model: CampaignModel
    candidates: CandidateUsers
    scores: ScoreMatrix
    members: sp.csr_array
    worth: sp.csr_array
    factors: Singles
    fixed: Array
    by_user: dict[int, Array]
    allowed: Mask
    hashes: UserHashes
    own: dict[int, Mask]
    as_if_open: bool = False

    @classmethod
    def of(
        cls,
        model: CampaignModel,
        plan: Plan,
        *,
        exclude: Any = None,
        spend: Any = None,
        at: Any = None,
        events: Any = None,
    ) -> Self:
        """Read what the plan says in terms of the model.

        Raises:
            UnknownIdError: A campaign has an item that is not known.
            SettingsError: A filter or a column of costs is not possible.
            DataError: There is nobody, or nothing, to choose from.
        """
        candidates = model.candidates(at=at, events=events)
        columns = [_item_columns(model, candidates, campaign) for campaign in plan.campaigns]
        union, place = np.unique(np.concatenate(columns), return_inverse=True)
        members = _membership(place, [len(part) for part in columns], len(union))
        worth, factors = _worth(plan, members, union, candidates, spend, events)
        allowed = candidates.allowed(exclude, None, None, plan.on_unknown)
        own = _own(plan, candidates, columns)
        fixed, by_user = contact_costs(plan, candidates, allowed, own)
        return cls(
            plan,
            model,
            candidates,
            model.scores_of(candidates).select_items(union),
            members,
            worth,
            factors,
            fixed,
            by_user,
            allowed,
            UserHashes(candidates.users.ids, plan.salt),
            own,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and campaigns."""
        return len(self.candidates.users), len(self.plan.campaigns)

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
        plan = self.plan
        copies = tuple(plan.campaigns[one] for one in campaigns)
        return replace(
            self,
            plan=plan.model_copy(update={"campaigns": copies}),
            members=self.members[:, campaigns],
            worth=self.worth[:, campaigns],
            fixed=self.fixed[campaigns],
            by_user={k: self.by_user[one] for k, one in enumerate(campaigns)
                     if one in self.by_user},
            own=own,
        )  # fmt: skip

    def block(self, rows: Indices) -> Block:
        """Return the pairs of the users at `rows`."""
        part = self.scores.select_users(rows)
        items = part.block(slice(0, len(rows)), slice(0, len(part.item_ids)))
        closed = self._closed(part, items)
        engagements = _times(items, self.members)
        values = _times(items, self.worth)
        spending = self._spending
        values[:, spending] *= self.factors[rows, None]
        costs = np.broadcast_to(self.fixed, values.shape)
        if self.by_user:
            costs = costs.copy()
        for column, cost in self.by_user.items():
            costs[:, column] = cost[rows]
        if self.plan.objective == "profit":
            values -= costs.astype(np.float32)
        values[closed | ~self._open(rows) | ~self._likely(items, engagements)] = -np.inf
        return Block(engagements, values, costs)

    def costs_of(self, rows: AnyArray, columns: AnyArray) -> Array:
        """Return the costs of some pairs, (e,)."""
        costs = self.fixed[columns].astype(np.float64)
        for column, by_user in self.by_user.items():
            mine = columns == column
            costs[mine] = by_user[rows[mine]]
        return costs

    @property
    def _spending(self) -> Mask:
        return np.array([campaign.value == "spend" for campaign in self.plan.campaigns])

    def _closed(self, part: ScoreMatrix, items: AnyArray) -> Mask:
        """Put excluded pairs of items at 0; return who has none left of a campaign's."""
        if part.excluded is None:
            return np.zeros((len(items), self.shape[1]), bool)
        out = sp.csr_array(part.excluded != 0)
        items[out.nonzero()] = 0.0
        return np.asarray((out.astype(np.int32) @ self.members).toarray() >= self.members.sum(0))

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

    def _likely(self, items: AnyArray, engagements: AnyArray) -> Mask:
        """Return which pairs reach the campaign's minimum probability, (r, m)."""
        likely = np.ones(engagements.shape, bool)
        for column, campaign in enumerate(self.plan.campaigns):
            if campaign.min_probability > 0:
                of = self.members[:, [column]].nonzero()[0]
                largest = items[:, of].max(axis=1)
                probability = self.model.probability(engagements[:, column], len(of), largest)
                likely[:, column] = probability >= campaign.min_probability
        return likely


def _times(items: AnyArray, weights: sp.csr_array) -> Singles:
    """Return items @ weights; each campaign being one item, a column scaled."""
    if weights.nnz == weights.shape[1] == len(np.unique(weights.indices)) and (
        np.diff(weights.indptr) <= 1
    ).all():  # fmt: skip
        rows, columns = weights.nonzero()
        order = np.argsort(columns)
        return np.asarray(items[:, rows[order]] * weights.data[order].astype(np.float32))
    return np.asarray((weights.T.astype(np.float32) @ items.T).T, order="C")


def _item_columns(model: CampaignModel, candidates: CandidateUsers, campaign: Campaign) -> Indices:
    try:
        items = campaign.items or model.items_where(campaign.item_where)
        return candidates.columns(list(items))
    except (DataError, SettingsError) as error:
        error.args = (f"Campaign '{campaign.name}': {error}", *error.args[1:])
        raise


def _membership(place: AnyArray, sizes: list[int], num: int) -> sp.csr_array:
    columns = np.repeat(np.arange(len(sizes)), sizes)
    return sp.csr_array((np.ones(len(place), np.float32), (place, columns)), (num, len(sizes)))


def _worth(
    plan: Plan,
    members: sp.csr_array,
    union: AnyArray,
    candidates: CandidateUsers,
    spend: Any,
    events: Any,
) -> tuple[sp.csr_array, Singles]:
    """Return the value of an engagement by item and campaign, and the users' factors."""
    numbers = [1.0 if c.value == "spend" else float(c.value) for c in plan.campaigns]
    worth = sp.csr_array(members.multiply(np.array(numbers, np.float32)))
    factors = np.ones(len(candidates.users), np.float32)
    spending = [campaign.value == "spend" for campaign in plan.campaigns]
    if not any(spending):
        return worth, factors
    log = events if spend is None else spend
    if log is None:
        raise SettingsError("value='spend' needs a log with values; give it as spend=.")
    spent = Spend.of(log, candidates.users, candidates.items)
    prices = np.where(spending, spent.prices[union][:, None], 1.0).astype(np.float32)
    return sp.csr_array(worth.multiply(prices)), spent.factors.astype(np.float32)


def _own(plan: Plan, candidates: CandidateUsers, columns: list[Indices]) -> dict[int, Mask]:
    """Return who may be in each campaign that has filters of its own."""
    own = {}
    for column, campaign in enumerate(plan.campaigns):
        filters = (campaign.exclude, campaign.where or None, campaign.exclude_where or None)
        if any(part is not None for part in filters):
            own[column] = candidates.allowed(*filters, plan.on_unknown)
        if campaign.exclude_seen:
            unseen = candidates.unseen(columns[column], campaign.exclude_seen)
            own[column] = own.get(column, True) & unseen
    return own

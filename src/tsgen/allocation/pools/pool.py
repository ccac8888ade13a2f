"""The pairs of a plan, by a model: what each brings is computed when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Indices, Mask, Singles
from tsgen.data.events import Spend
from tsgen.errors import DataError, SettingsError
from tsgen.scores import ScoreMatrix

from ..campaigns import Campaign, Plan
from ..protocol import CampaignModel, CandidateUsers
from .base import CampaignPairs, plan_fields

__all__ = ["Pool", "item_columns", "unseen_users"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pool(CampaignPairs):
    """Pairs of n users and m campaigns, from a model and a plan.

    Attributes:
        scores: (n, items) of the campaigns' items.
        members: (items, m) 1 where an item is of a campaign.
        worth: (items, m) value of an engagement.
        factors: (n,) factor of the user where a value is its expected spend.
    """

    scores: ScoreMatrix
    members: sp.csr_array
    worth: sp.csr_array
    factors: Singles

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
        learnt: bool = False,
    ) -> Self:
        """Read what the plan says in terms of the model.

        With `learnt` an engagement is worth what the model has learnt of it.

        Raises:
            UnknownIdError: A campaign has an item that is not known.
            SettingsError: A filter or a column of costs is not possible.
            DataError: There is nobody, or nothing, to choose from.
        """
        candidates = model.candidates(at=at, events=events)
        columns = item_columns(model, candidates, plan)
        union, place = np.unique(np.concatenate(columns), return_inverse=True)
        members = _membership(place, [len(part) for part in columns], len(union))
        worth, factors = _worth(
            plan, members, union, candidates, candidates.spend if learnt else spend, events
        )
        unseen = unseen_users(plan, candidates, columns)
        return cls(
            **plan_fields(plan, model, candidates, exclude, unseen),
            scores=model.scores_of(candidates).select_items(union),
            members=members,
            worth=worth,
            factors=factors,
        )

    def brought(self, rows: Indices) -> tuple[Singles, Singles]:
        """See `CampaignPairs`."""
        part = self.scores.select_users(rows)
        items = part.block(slice(0, len(rows)), slice(0, len(part.item_ids)))
        closed = self._closed(part, items)
        engagements = _times(items, self.members)
        values = _times(items, self.worth)
        spending = self._spending
        values[:, spending] *= self.factors[rows, None]
        values[closed | ~self._likely(items, engagements)] = -np.inf
        return engagements, values

    def _of_columns(self, campaigns: Indices) -> Self:
        return replace(self, members=self.members[:, campaigns], worth=self.worth[:, campaigns])

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


def item_columns(model: CampaignModel, candidates: CandidateUsers, plan: Plan) -> list[Indices]:
    """Return the columns of each campaign's items.

    Raises:
        UnknownIdError: A campaign has an item that is not known.
        DataError: A campaign has no item.
    """
    return [_item_columns(model, candidates, campaign) for campaign in plan.campaigns]


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
    log = candidates.spend if log is None else log
    if log is None:
        raise SettingsError(
            "value='spend' needs a log with values, and that of training had none; give one as "
            "spend=."
        )
    spent = log if isinstance(log, Spend) else Spend.of(log, candidates.users, candidates.items)
    prices = np.where(spending, spent.prices[union][:, None], 1.0).astype(np.float32)
    return sp.csr_array(worth.multiply(prices)), spent.factors.astype(np.float32)


def unseen_users(plan: Plan, candidates: CandidateUsers, columns: list[Indices]) -> dict[int, Mask]:
    """Return for each campaign with `exclude_seen` who has not seen its items, (n,).

    Args:
        plan: The campaigns.
        candidates: The users.
        columns: The items of each campaign.
    """
    return {
        place: candidates.unseen(columns[place], campaign.exclude_seen)
        for place, campaign in enumerate(plan.campaigns)
        if campaign.exclude_seen
    }

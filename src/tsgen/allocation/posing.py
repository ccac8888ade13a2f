"""What a plan asks for, in terms of a model: pairs, limits, and who is out for what reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd

from tsgen.arrays import Integers
from tsgen.errors import DataError, SettingsError

from .campaigns import Plan
from .contacts import recent_contacts
from .pools import CampaignPairs, Pool
from .protocol import CampaignModel
from .solving import Limits

__all__ = ["Problem", "pose", "problem_of"]

AnyPool = TypeVar("AnyPool", bound=CampaignPairs)


@dataclass(frozen=True, eq=False)
class Problem(Generic[AnyPool]):
    """What a plan asks for, in terms of a model.

    Attributes:
        pool: All pairs.
        limits: What an assignment may use; users who are out have no place.
        places: (n,) campaigns that each user may still be in, were nobody held out.
        counts: How many users are out, and why.
    """

    pool: AnyPool
    limits: Limits
    places: Integers
    counts: dict[str, int]

    @property
    def names(self) -> list[str]:
        """The campaigns' names."""
        return [campaign.name for campaign in self.pool.plan.campaigns]


def pose(
    model: CampaignModel,
    plan: Plan,
    *,
    exclude: Any = None,
    contacts: pd.DataFrame | None = None,
    spend: Any = None,
    at: Any = None,
    events: Any = None,
) -> Problem[Pool]:
    """Return the problem that `allocate` solves; see there for the arguments.

    Raises:
        SettingsError: A setting is impossible.
        DataError: A table is unreadable, or nobody is left to contact.
    """
    pool = Pool.of(model, plan, exclude=exclude, spend=spend, at=at, events=events)
    return problem_of(pool, contacts)


def problem_of(pool: AnyPool, contacts: pd.DataFrame | None = None) -> Problem[AnyPool]:
    """Return the problem of pairs that are there already; see `pose`."""
    places = np.where(pool.allowed, _places(pool, contacts), 0)
    counts = _left_out(pool, places)
    limits = _limits(pool, np.where(pool.held_out, 0, places))
    return Problem(pool, limits, places, counts)


def _places(pool: CampaignPairs, contacts: pd.DataFrame | None) -> Integers:
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


def _left_out(pool: CampaignPairs, capacity: Integers) -> dict[str, int]:
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
        "excluded by the list": pool.excluded,
        "its entries not known": pool.unknown,
    }
    if counts["left to contact"] == 0:
        reasons = ", ".join(f"{number} {what}" for what, number in list(counts.items())[1:4])
        raise DataError(f"No user is left to contact: of {len(allowed)} users, {reasons}.")
    return counts


def _limits(pool: CampaignPairs, capacity: Integers) -> Limits:
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

"""One campaign at one past origin: who could be listed, in whose order, and who came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from tsgen.allocation import CampaignModel, Plan, Pool, pose
from tsgen.arrays import Array, Indices, Integers, Mask
from tsgen.contracts import AudienceEstimator
from tsgen.data import Interactions
from tsgen.errors import DataError

from ..allocation import Outcome
from ..audience import SimpleIntensities, open_window, references, train_before

__all__ = ["MODEL", "RANDOM", "Origin", "open_origin"]

MODEL, RANDOM = "model", "random"


@dataclass(frozen=True, eq=False)
class Origin:
    """A past window, of the n users who may be listed.

    Attributes:
        facts: The window.
        scores: Arm -> (n,) what it orders users by; at random there is no order.
        probability: (n,) chance of at least one engagement, by the model.
        engagements: (n,) that came.
        users: (n,) codes of the users in the log: who stands at another origin, too.
    """

    facts: dict[str, Any]
    scores: dict[str, Array]
    probability: Array
    engagements: Array
    users: Integers

    def order(self, arm: str) -> Indices:
        """Return the users, best first; exact ties in the order of ids."""
        return np.argsort(-self.scores[arm], kind="stable")


def open_origin(
    log: Interactions,
    estimator: AudienceEstimator,
    plan: Plan,
    out: Integers,
    start: int,
    seed: int,
) -> Origin:
    """Train on the events before `start`, and look at what came in the horizon after.

    Args:
        log: The events.
        estimator: What is trained.
        plan: The campaign.
        out: Codes of users to leave out; those without an event yet are in no list anyway.
        start: Microseconds since 1970 UTC.
        seed: Of the training.
    """
    fitted = train_before(estimator, log, start, None, seed)
    window = open_window(log, fitted, fitted.cutoff)
    there = out[np.diff(window.past.offsets)[out] > 0]
    exclude = list(log.users.ids[there]) or None
    try:
        pool = pose(cast("CampaignModel", fitted), plan, exclude=exclude, spend=window.past).pool
    except DataError as error:
        raise _of_origin(error, plan, log, window.facts) from None
    inside = (log.time >= window.at) & (log.time < window.at + window.horizon)
    outcome = Outcome.of(pool, log.where(inside))
    intensity, allowed = _intensities(pool)
    scores = {MODEL: intensity[allowed]}
    for name, rule in references(window, seed).items():
        if name != RANDOM and isinstance(rule, SimpleIntensities):
            scores[name] = _of_rule(rule, pool)[allowed]
    return Origin(
        window.facts | {"may_be_listed": int(allowed.sum())},
        scores,
        _probabilities(pool)[allowed],
        np.asarray(outcome.engagements[:, [0]].todense(), np.float64).ravel()[allowed],
        log.users.codes(pool.candidates.users.ids)[allowed],
    )


def _of_origin(
    error: DataError, plan: Plan, log: Interactions, facts: Mapping[str, Any]
) -> DataError:
    """Return the error, with the origin if the campaign's items are in the log, but later."""
    (campaign,) = plan.campaigns
    if (log.items.codes(list(campaign.items)) < 0).any():
        return error
    return DataError(
        f"At the past origin {facts['begins']}: {error} What nobody turned to before an origin "
        "cannot be judged there; ask for fewer origins, or leave it out."
    )


def _intensities(pool: Pool) -> tuple[Array, Mask]:
    """Return expected engagements, and who may be listed, (users,)."""
    parts = [pool.block(rows) for rows in np.array_split(np.arange(pool.shape[0]), 16)]
    intensity = np.concatenate([part.engagements[:, 0] for part in parts]).astype(np.float64)
    return intensity, np.concatenate([np.isfinite(part.values[:, 0]) for part in parts])


def _probabilities(pool: Pool) -> Array:
    num = len(pool.scores.item_ids)
    intensity, largest = pool.scores.campaign(np.arange(num))
    return np.asarray(pool.model.probability(intensity, num, largest), np.float64)


def _of_rule(rule: SimpleIntensities, pool: Pool) -> Array:
    """Return a rule's intensities added up over the campaign's items, (users,)."""
    columns = pool.candidates.items.codes(pool.scores.item_ids)
    total = rule.users * rule.items[columns].sum()
    if rule.pairs is not None:
        total = total + np.asarray(rule.pairs[:, columns].sum(axis=1)).ravel()
    return np.asarray(total, np.float64)

"""What intensities mean as chances, learnt on a horizon that the parts have not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tsgen.arrays import AnyArray, Array, Indices, Mask
from tsgen.data import Histories, Vocabulary
from tsgen.rng import numpy_stream
from tsgen.scores import ScoreMatrix

from .item_record import item_record
from .relevance import FittedAuto, learn_item_power, with_cold_items
from .scoring import (
    Campaigns,
    Candidates,
    FittedParts,
    ProbabilityMap,
    UserStates,
    candidates_at,
)
from .settings import RIMSettings

__all__ = ["HeldOutWindow", "recalibrated"]

_MOST_PAIRS = 4_000_000
_BACK_OFF = 50.0
_GROWTH = 4
_CAMPAIGNS = 8


@dataclass(frozen=True, eq=False)
class HeldOutWindow:
    """A horizon, and parts that know nothing of it.

    Attributes:
        past: Each user once, at its beginning.
        later: The same users, at its end.
        parts: What had learnt until then.
        users: (r,) users to learn from.
    """

    past: Histories
    later: Histories
    parts: FittedParts
    users: Mask


def recalibrated(
    parts: FittedParts, window: HeldOutWindow, settings: RIMSettings, seed: int
) -> FittedParts:
    """Return the parts with the chances, and the share of known items, that the window shows.

    Chances are learnt of intensities at the window's own level: how far the earlier parts were off
    on the whole is no property of the map from counts to chances.

    Args:
        parts: What has learnt from all histories.
        window: The last horizon of them, and what was learnt before it in the same way.
        settings: What was fitted.
        seed: Of the choice of users.
    """
    users = _sampled(window, seed)
    if not len(users):
        return parts
    earlier, asked = window.parts, window.past.subset(users)
    came = window.later.subset(users).pair_counts() - asked.pair_counts()
    items = np.flatnonzero(earlier.relevance.item_bias > -np.inf)
    scores = _scores(asked, earlier, settings).select_items(items)
    intensity, possible = _dense(scores), _possible(scores)
    counts = came[:, items].toarray()
    seen_share = float((counts.sum() + _BACK_OFF) / (came.sum() + _BACK_OFF))
    record = _record(asked, items, seen_share * intensity.sum(axis=0), counts.sum(axis=0))
    power = 0.0
    if isinstance(parts.relevance, FittedAuto):
        levels = earlier.relevance.item_bias[items].astype(np.float64)
        power = learn_item_power(intensity.sum(axis=0), counts.sum(axis=0), levels)
        intensity = _with_power(intensity, power, levels)
    intensity *= (counts[possible].sum() + _BACK_OFF) / (intensity[possible].sum() + _BACK_OFF)
    even = np.arange(len(users)) % 2 == 0
    half = np.broadcast_to(even[:, None], counts.shape)
    to_probability = ProbabilityMap.fit(intensity[possible], counts[possible] > 0, half[possible])
    campaigns = _campaigns(np.where(possible, intensity, 0.0), np.where(possible, counts, 0), seed)
    return replace(
        parts,
        probability=to_probability.learn_campaigns(campaigns, even),
        seen_share=seen_share,
        item_power=power,
        record=record,
    )


def _sampled(window: HeldOutWindow, seed: int) -> Indices:
    """Return as many users to learn from as there is room for their pairs."""
    size = max(_MOST_PAIRS // max(window.past.events.num_items, 1), 1)
    random = numpy_stream(seed, "chance")
    return np.sort(random.permutation(np.flatnonzero(window.users))[:size])


def _scores(asked: Histories, parts: FittedParts, settings: RIMSettings) -> ScoreMatrix:
    """Return the intensities of these users and all items, no attribute of them looked at."""
    events, span = asked.events, settings.span
    ids = Vocabulary(events.users.ids[asked.users], "user")
    candidates = Candidates.of_training(
        UserStates.of(asked, ids, parts, span),
        events.items,
        with_cold_items(parts.relevance, None, parts.item_power),
        recur=settings.repeats != "never",
    )
    return candidates_at(candidates, parts, span, None, None, timezone=None).scores()


def _dense(scores: ScoreMatrix) -> Array:
    users, items = scores.shape
    return scores.block(slice(0, users), slice(0, items)).astype(np.float64)


def _possible(scores: ScoreMatrix) -> Mask:
    """Return which pairs may occur: all, or those that have not yet, (users, items)."""
    possible = np.ones(scores.shape, bool)
    if scores.excluded is not None:
        possible[scores.excluded.nonzero()] = False
    return possible


def _record(
    asked: Histories, items: Indices, expected: Array, came: AnyArray
) -> list[dict[str, Any]]:
    """Return how expected totals of items came, and those of their categories."""
    table = asked.events.item_table
    before = np.asarray(asked.pair_counts().sum(axis=0), np.float64).ravel()[items]
    return item_record(expected, came, before, None if table is None else table.iloc[items])


def _with_power(intensity: Array, power: float, levels: Array) -> Array:
    """Return intensities (users, items) at the items' levels, each user's sum as before."""
    levelled = intensity * np.exp(power * levels)
    sums = intensity.sum(axis=1) / np.maximum(levelled.sum(axis=1), 1e-30)
    return np.asarray(levelled * sums[:, None])


def _campaigns(intensity: Array, counts: AnyArray, seed: int) -> list[Campaigns]:
    """Draw campaigns of several sizes: half of them of any items, half of those much asked for.

    Args:
        intensity: (users, items).
        counts: (users, items) events.
        seed: Of the choice of items.
    """
    num_items, random = intensity.shape[1], numpy_stream(seed, "campaigns")
    wanted = intensity.sum(axis=0) + 1e-12
    drawn = []
    sizes = [_GROWTH**k for k in range(1, 20) if _GROWTH**k < num_items]
    for size in [*sizes, num_items] if num_items > 1 else []:
        chosen = np.zeros((num_items, _CAMPAIGNS if size < num_items else 1))
        for place, column in enumerate(chosen.T):
            weights = wanted / wanted.sum() if place % 2 else None
            column[random.choice(num_items, size, replace=False, p=weights)] = 1.0
        drawn.append(Campaigns(size, intensity @ chosen, counts @ chosen > 0))
    return drawn

"""What intensities mean as chances, learnt on a horizon that the parts have not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Indices, Mask
from tsgen.data import Histories, Vocabulary
from tsgen.rng import mixed, numpy_stream
from tsgen.scores import BLOCK_NUMBERS, ScoreMatrix

from .item_record import item_record
from .pairs import user_keys
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

_MOST_TOTALS = 40_000_000
"""Pairs that totals of items are learnt from."""

_MOST_PAIRS = 4_000_000
"""Pairs that chances are learnt from."""

_BACK_OFF = 50.0
_FEWEST_HITS = 50
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
        now: (r,) users whose chances at its end are brought to the level that it shows.
    """

    past: Histories
    later: Histories
    parts: FittedParts
    users: Mask
    now: Mask


def recalibrated(
    parts: FittedParts, window: HeldOutWindow, settings: RIMSettings, seed: int
) -> FittedParts:
    """Return the parts with the chances, and the levels of items, that the window shows.

    Chances are learnt of intensities at the window's own level: how far the earlier parts were off
    on the whole is no property of the map from counts to chances.

    Args:
        parts: What has learnt from all histories.
        window: The last horizon of them, and what was learnt before it in the same way.
        settings: What was fitted.
        seed: Of the choice of users.
    """
    users = _sampled(window.past, window.users, _MOST_TOTALS, seed)
    if not len(users):
        return parts
    earlier, asked = window.parts, window.past.subset(users)
    later = window.later.subset(users).pair_counts() - asked.pair_counts()
    items = np.flatnonzero(earlier.relevance.item_bias > -np.inf)
    scores = _scores(asked, earlier, settings).select_items(items)
    came = sp.csr_array(later[:, items])
    totals = np.asarray(came.sum(axis=0), np.float64).ravel()
    seen_share = float((came.sum() + _BACK_OFF) / (later.sum() + _BACK_OFF))
    expected = seen_share * scores.item_sums()
    levels, power = earlier.relevance.item_bias[items].astype(np.float64), 0.0
    if isinstance(parts.relevance, FittedAuto):
        power = learn_item_power(expected, totals, levels)
    calibrated = _item_sums(scores, power, levels) if power else expected
    calibrated = calibrated * (totals.sum() + _BACK_OFF) / (calibrated.sum() + _BACK_OFF)
    few = np.flatnonzero(np.isin(users, _sampled(window.past, window.users, _MOST_PAIRS, seed)))
    learnt = replace(
        parts,
        probability=_chances(scores.select_users(few), came[few], power, levels, seed),
        item_power=power,
        record=_record(asked, items, expected, calibrated, totals),
    )
    now = window.later.subset(_sampled(window.later, window.now, _MOST_PAIRS, seed))
    return _with_level(learnt, now, came, settings)


def _with_level(
    parts: FittedParts, now: Histories, came: sp.csr_array, settings: RIMSettings
) -> FittedParts:
    """Return the parts with chances that add up to what their intensities do, a visit each.

    How many events a pair has that has any hardly changes from horizon to horizon; how a sum of
    chances compares with a sum of intensities does, as histories grow and more is learnt of pairs.

    Args:
        parts: With chances whose shape is learnt.
        now: Users, at the end of the window.
        came: (users, items) sparse, their events in the window.
        settings: What was fitted.
    """
    hits, events = int((came > 0).sum()), float(came.sum())
    if hits < _FEWEST_HITS:
        return parts
    scores = _scores(now, parts, settings)
    intensity = _dense(scores)[_possible(scores)]
    total = hits / events * float(intensity.sum())
    return replace(parts, probability=parts.probability.with_total(intensity, total))


def _sampled(histories: Histories, users: Mask, most: int, seed: int) -> Indices:
    """Return the users to learn from, as many as have so many pairs with all items.

    Fewer of them are among more, and who is drawn stays so as the log goes on; see `user_keys`.
    """
    rows = np.flatnonzero(users)
    size = max(most // max(histories.events.num_items, 1), 1)
    if len(rows) <= size:
        return rows
    keys = mixed(rows, seed)  # of those without a history
    active = histories.lengths[rows] > 0
    keys[active] = user_keys(histories.subset(rows[active]), seed)
    return np.sort(rows[np.argsort(keys, kind="stable")[:size]])


def _chances(
    scores: ScoreMatrix, came: sp.csr_array, power: float, levels: Array, seed: int
) -> ProbabilityMap:
    """Return what intensities mean as chances, of some users and all items of the scores."""
    intensity, possible, counts = _dense(scores), _possible(scores), came.toarray()
    if power:
        intensity = _with_power(np.where(possible, intensity, 0.0), power, levels)
    intensity *= (counts[possible].sum() + _BACK_OFF) / (intensity[possible].sum() + _BACK_OFF)
    even = np.arange(len(counts)) % 2 == 0
    half = np.broadcast_to(even[:, None], counts.shape)
    to_probability = ProbabilityMap.fit(intensity[possible], counts[possible] > 0, half[possible])
    campaigns = _campaigns(np.where(possible, intensity, 0.0), np.where(possible, counts, 0), seed)
    return to_probability.learn_campaigns(campaigns, even)


def _item_sums(scores: ScoreMatrix, power: float, levels: Array) -> Array:
    """Return the sums over users at the items' levels, (items,), excluded pairs as 0."""
    num_users, num_items = scores.shape
    total = np.zeros(num_items)
    for begin in range(0, num_users, step := max(BLOCK_NUMBERS // num_items, 1)):
        block = scores.select_users(np.arange(begin, min(begin + step, num_users)))
        intensity = np.where(_possible(block), _dense(block), 0.0)
        total += _with_power(intensity, power, levels).sum(axis=0)
    return total


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
    asked: Histories, items: Indices, expected: Array, calibrated: Array, came: Array
) -> list[dict[str, Any]]:
    """Return how expected totals of items came, and those of their categories."""
    table = asked.events.item_table
    before = np.asarray(asked.pair_counts().sum(axis=0), np.float64).ravel()[items]
    table = None if table is None else table.iloc[items]
    return item_record(expected, calibrated, came, before, table)


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

"""Which share of coming events goes to items that are known by now."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import AnyArray, Integers
from tsgen.data import Histories

__all__ = ["learn_seen_share"]

_BACK_OFF = 10.0
"""Events at the share of everyone, those who joined meanwhile included."""

_FURTHEST = 3.0
"""Times the history that the last horizon had before it; beyond, nothing is drawn out."""


def learn_seen_share(later: Histories, horizon: int) -> float:
    """Return the share of these users' coming events that are of items with an event by now.

    It is that of the last horizon, of users who had a history at its beginning, drawn to the share
    s of everyone's events where these are few: the odds of a new item there are
    (new + 10 (1 - s)) / (old + 10 s), s = (old of everyone + 1) / (all of everyone + 1). The
    catalogue was less known then, which counts in a short log: so the odds fall on with the length
    of the history as they fell from a horizon begun after half as much of it,

        odds(reach) = odds(reach - 1) * (reach / (reach - 1)) ^ slope, slope <= 0.

    Args:
        later: Each user once, now.
        horizon: Microseconds.

    Returns:
        The share, from 0 to 1; 1 of a log of one horizon, which has none to learn from.
    """
    events, now = later.events, int(later.at.max())
    first = np.full(max(events.num_items, 1), np.iinfo(np.int64).max)
    np.minimum.at(first, events.item, events.time)
    start = int(events.time.min())
    request, rows = later.flat()
    joined = events.time[later.begins[request]]
    columns = events.time[rows], joined, first[events.item[rows]]
    before = now - horizon - start
    if before <= 0:
        return 1.0
    odds, judged = _odds_of_new(columns, start + before, horizon)
    then, judged_then = _odds_of_new(columns, start + before // 2, horizon)
    slope = min(float(np.log2(odds / then)), 0.0) if judged and judged_then else 0.0
    further = min((before + horizon) / before, _FURTHEST)
    return float(1 / (1 + odds * further**slope))


def _odds_of_new(
    columns: tuple[Integers, Integers, Integers], begin: int, horizon: int
) -> tuple[float, bool]:
    """Return the odds of an item new to a horizon, and whether its users had both kinds."""
    time, joined, first = columns
    inside: AnyArray = (time >= begin) & (time < begin + horizon)
    new: AnyArray = inside & (first >= begin)
    came_before: AnyArray = joined < begin
    everyone = (inside & ~new).sum() + 1.0, float(new.sum())
    old, fresh = int((inside & ~new & came_before).sum()), int((new & came_before).sum())
    share = everyone[0] / sum(everyone)
    odds = (fresh + _BACK_OFF * (1 - share)) / (old + _BACK_OFF * share)
    return float(odds), min(old, fresh) > 0

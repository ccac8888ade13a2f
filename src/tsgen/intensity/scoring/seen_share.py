"""Which share of coming events goes to items that are known by now."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import AnyArray, Integers
from tsgen.data import Histories

__all__ = ["learn_seen_share"]

_BACK_OFF = 50.0
"""Events of known items that the share is drawn to one by."""

_FURTHEST = 3.0
"""Times the history that the last horizon had before it; beyond, nothing is drawn out."""


def learn_seen_share(later: Histories, horizon: int) -> float:
    """Return the share of these users' coming events that are of items with an event by now.

    It is that of the last horizon, whose users had a history at its beginning. The catalogue was
    less known then, which counts in a short log: so the odds of a new item fall on with the length
    of the history as they fell from a horizon begun after half as much of it,

        odds(reach) = odds(reach - 1) * (reach / (reach - 1)) ^ slope, slope <= 0.

    Args:
        later: Each user once, now.
        horizon: Microseconds.
    """
    events, now = later.events, int(later.at.max())
    first = np.full(max(events.num_items, 1), np.iinfo(np.int64).max)
    np.minimum.at(first, events.item, events.time)
    start = int(events.time.min())
    request, rows = later.flat()
    joined = events.time[later.begins[request]]
    columns = events.time[rows], joined, first[events.item[rows]]
    before = now - horizon - start
    new, old = _counts(columns, start + before, horizon)
    if min(new, old, before) <= 0:
        return (old + _BACK_OFF) / (new + old + _BACK_OFF)
    odds, slope = new / (old + _BACK_OFF), 0.0
    new_then, old_then = _counts(columns, start + before // 2, horizon)
    if min(new_then, old_then) > 0:
        fell = odds * (old_then + _BACK_OFF) / new_then
        slope = min(float(np.log2(fell)), 0.0)
    further = min((before + horizon) / before, _FURTHEST)
    return float(1 / (1 + odds * further**slope))


def _counts(
    columns: tuple[Integers, Integers, Integers], begin: int, horizon: int
) -> tuple[int, int]:
    """Return events of a horizon of users who had a history: of items new to it, and of others."""
    time, joined, first = columns
    inside: AnyArray = (time >= begin) & (time < begin + horizon) & (joined < begin)
    old = int((first[inside] < begin).sum())
    return int(inside.sum()) - old, old

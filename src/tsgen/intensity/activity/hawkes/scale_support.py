"""Which time scales a log can say something about: not finer than its stamps, nor than its users.

A coefficient of a scale that two users' events decide moves every later user by what those two
happened to do. A scale is supported by the users who show it: those with an event that recent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tsgen.arrays import Array, Mask
from tsgen.data import Histories
from tsgen.data.events import stamp_resolution

__all__ = ["gap_support", "recent_support"]

_SHARE = 0.5
"""Of the users, where they are fewer than twice as many as wanted."""


def recent_support(
    pasts: Sequence[Histories],
    decays: Array,
    horizon: int,
    fewest: int,
    shares: Array | None = None,
) -> Mask:
    """Return which Hawkes features requests support, shape (2 K + 1,); the constant always is.

    Args:
        pasts: Requests to learn from; those without history support nothing.
        decays: (K,) in 1 / horizons.
        horizon: Microseconds.
        fewest: Requests that must have an event (for the second K features: their first one) within
            the scale before them; of few requests, half of them. 0 supports every scale.
        shares: What a request of each of `pasts` counts; None is 1.
    """
    ages, firsts = [], []
    for past in pasts:
        again, active, times = past.lengths > 1, past.lengths > 0, past.events.time
        ages.append((past.at - times[past.ends - 1])[again] / horizon)
        firsts.append((past.at[active] - times[past.begins[active]]) / horizon)
    weights = np.ones(len(pasts)) if shares is None else shares
    return _supported(ages, firsts, decays, pasts, weights, horizon, fewest)


def gap_support(histories: Histories, decays: Array, horizon: int, fewest: int) -> Mask:
    """Return which Hawkes features the gaps between users' events support, shape (2 K + 1,).

    Args:
        histories: Each user once.
        decays: (K,) in 1 / horizons.
        horizon: Microseconds.
        fewest: Users with two events (for the second K features: the first two) that lie within the
            scale; of few users, half of them. 0 supports every scale.
    """
    requests, rows = histories.flat()
    follows = np.append(False, np.diff(requests) == 0)
    gaps = np.where(follows, np.diff(histories.events.time[rows], prepend=0), 0) / horizon
    number = rows - histories.begins[requests]
    shortest = np.full(len(histories), np.inf)
    np.minimum.at(shortest, requests[number > 1], gaps[number > 1])
    return _supported(
        [shortest[np.isfinite(shortest)]],
        [gaps[number == 1]],
        decays,
        [histories],
        np.ones(1),
        horizon,
        fewest,
    )


def _supported(
    ages: list[Array],
    firsts: list[Array],
    decays: Array,
    pasts: Sequence[Histories],
    weights: Array,
    horizon: int,
    fewest: int,
) -> Mask:
    """Count, for each scale, the requests that are not older than it."""
    scales = 1 / np.asarray(decays)
    if not fewest:
        return np.ones(2 * len(scales) + 1, bool)
    users = float(weights @ [(past.lengths > 0).sum() for past in pasts])
    needed = max(min(fewest, int(np.ceil(_SHARE * users))), 1)
    counts = [
        weights @ np.array([np.searchsorted(np.sort(age), scales, side="right") for age in part])
        for part in (ages, firsts)
    ]
    fine = scales < max((stamp_resolution(past.events) for past in pasts), default=1) / horizon
    return np.concatenate([(c >= needed) & ~fine for c in counts] + [np.ones(1, bool)])

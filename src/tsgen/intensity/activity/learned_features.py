"""What the learned count model knows of a user: decayed sums, habits, age, and the calendar.

The state of a request is (r, 22): decayed sums of events at 8 time scales (the states of a Hawkes
process), for each of 3 rates of forgetting the mean and spread of the logarithm of the gaps between
visits and the mean logarithm of a visit's events (linear recurrences over the visits), visits after
the first, time to the last visit, age, events, and where in the week the request lies. Times are in
spans. Events of one user at one time are one visit.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import Histories

from .sums import decayed_sums

__all__ = ["WARM_FEATURE", "count_features", "count_state"]

_SCALES = np.geomspace(0.03, 10.0, 8)
_FORGETTING = (0.4, 0.8, 1.0)
_SHORTEST_GAP = 1e-4
_DAY = 86_400 * 10**6
_PERIODS = (_DAY, 7 * _DAY)

WARM_FEATURE = 5
"""The feature that a first guess of the count is proportional to: events in the last two spans."""


def count_state(histories: Histories, span: int) -> Array:
    """Return the compact state of each request, shape (r, 22); ages of -1 without history.

    Args:
        histories: The requests.
        span: Unit of time, microseconds.
    """
    sums = decayed_sums(histories, 1 / _SCALES, span)
    requests, rows = histories.flat()
    times = histories.events.time[rows]
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (times[1:] != times[:-1]) | (requests[1:] != requests[:-1])
    habits = _habits(requests[fresh], times[fresh], fresh, len(histories), span)
    active = histories.lengths > 0
    first = histories.events.time[histories.begins[active]]
    facts = np.zeros((len(histories), 5))
    visits = np.bincount(requests, fresh, minlength=len(histories))
    facts[:, 0] = np.maximum(visits - 1, 0)
    facts[:, 2] = -1.0
    facts[active, 1] = (histories.events.time[histories.ends[active] - 1] - first) / span
    facts[active, 2] = (histories.at[active] - first) / span
    facts[:, 3] = histories.lengths
    facts[:, 4] = histories.at % _PERIODS[-1] / _PERIODS[-1]
    return np.concatenate([sums, habits, facts], axis=1)


def _habits(
    user: Integers,
    time: Integers,
    fresh: Mask,
    num: int,
    span: int,
) -> Array:
    """Return mean and spread of log gaps and the mean log size of visits, shape (num, 9).

    Each visit back in time counts `forgetting` times as much as the next.
    """
    size = np.bincount(np.cumsum(fresh) - 1, minlength=len(user))
    visits = np.bincount(user, minlength=num)
    back = np.cumsum(visits)[user] - 1 - np.arange(len(user))
    follows = np.zeros(len(user), bool)
    follows[1:] = user[1:] == user[:-1]
    gap = np.zeros(len(user))
    gap[1:] = np.log(_SHORTEST_GAP + np.maximum(np.diff(time), 0) / span)
    columns = []
    for forgetting in _FORGETTING:
        weight = forgetting**back
        weights = [weight, weight * follows, weight * follows * gap, weight * follows * gap**2]
        all_, count, first, second = (np.bincount(user, w, minlength=num) for w in weights)
        gaps = count + 0.3  # one gap says less about the habit than many
        mean = first / gaps
        spread = np.sqrt(np.maximum(second / gaps - mean**2, 0.0) + 0.01)
        sizes = np.bincount(user, weight * np.log(size), minlength=num)
        columns += [mean, spread, sizes / np.maximum(all_, 1e-9)]
    return np.stack(columns, axis=1)


def count_features(state: Array, elapsed: float | Array, span: int) -> Array:
    """Return what the network sees, shape (r, 26), `elapsed` spans after the state was taken.

    Where in the day and the week the span begins is a feature where the span is shorter than half
    of that; else it is 0.
    """
    later = np.broadcast_to(np.asarray(elapsed, np.float64), len(state))
    width, habits = len(_SCALES), 3 * len(_FORGETTING)
    faded = state[:, :width] * np.exp(-np.outer(later, 1 / _SCALES))
    visits, last, age, events, clock = state[:, width + habits :].T
    age = age + later
    since = np.maximum(age - last, 0.0)
    overdue = np.log((visits + 0.5) * (since + 0.02) / (last + 0.1))
    facts = [
        np.log(0.02 + since),
        np.log(0.02 + np.maximum(age, 0.0)),
        np.log1p(visits),
        np.log(np.maximum(events, 1.0) / (visits + 1)),
        overdue,
    ]
    week = _PERIODS[-1]
    for period in _PERIODS:
        turn = 2 * np.pi * ((clock * week + later * span) / period % 1)
        shown = 1.0 if 2 * span <= period else 0.0
        facts += [shown * np.sin(turn), shown * np.cos(turn)]
    blocks = [np.log(0.05 + faded), state[:, width : width + habits], np.stack(facts, axis=1)]
    return np.concatenate(blocks, axis=1)

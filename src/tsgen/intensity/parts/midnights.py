"""Until when is learnt: until midnights, so that no hour changes what is learnt at once."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Integers
from tsgen.data import Histories

__all__ = ["midnights"]

_DAY = 86_400 * 10**6
_AVERAGED = 2
"""Days of which what was known by each moment is averaged."""

_MANY_DAYS = 14
"""Of a horizon; a day more or less is too little of it to change lists."""

_LEAST_REACH = 1.25
"""Horizons; a log that is shorter at a midnight is not learnt from until then."""

_LONGEST_REST = 7
"""Days; a log without events for longer is learnt from until its end."""


def midnights(histories: Histories, horizon: int) -> list[tuple[int, float]]:
    """Return midnights (UTC) to learn until, the latest first, and the weight of what each teaches.

    The mean, over the moments of the last two days, of what the last midnight by then taught: the
    weight of a midnight grows by the hour in the day that it begins, stays for a day, and falls
    again. A midnight counts if the log was long enough by then and had events in the horizon before
    it, such as no Sunday of a shop with horizons of a day. Of horizons of two weeks or more it is
    the last midnight alone.

    Args:
        histories: Of a log, at its end.
        horizon: Microseconds.

    Returns:
        Times in microseconds since 1970 and weights that add up to 1; none for horizons of less
        than a day and for logs that are short, which are learnt from until their end.
    """
    if horizon < _DAY:
        return []
    times, at = np.sort(histories.events.time), int(histories.at.max())
    learnt: dict[int, float] = {}
    for days, weight in enumerate(_weights(at, horizon)):
        midnight = _last(times, at // _DAY - days, horizon)
        if midnight is None and not learnt:
            return []
        midnight = min(learnt) if midnight is None else midnight
        learnt[midnight] = learnt.get(midnight, 0.0) + weight
    return list(learnt.items())


def _weights(at: int, horizon: int) -> list[float]:
    """Return the weights of the last midnights, if all of them count."""
    if horizon >= _MANY_DAYS * _DAY:
        return [1.0]
    since = at % _DAY / _DAY
    return [w / _AVERAGED for w in (since, *[1.0] * (_AVERAGED - 1), 1 - since)]


def _last(times: Integers, day: int, horizon: int) -> int | None:
    """Return the last midnight that counts up to the one that begins a day, or None."""
    for midnight in range(day * _DAY, (day - _LONGEST_REST) * _DAY, -_DAY):
        if midnight - int(times[0]) < _LEAST_REACH * horizon:
            return None
        begin, end = np.searchsorted(times, [midnight - horizon, midnight])
        if end > begin:
            return midnight
    return None

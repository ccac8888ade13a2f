"""Sums of faded events of each request, and how not to compute them twice.

Models that are fitted at several past times, and compared at these, ask for the same sums again
and again; `remembering` keeps the latest of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.data import Histories

__all__ = ["decayed_sums", "remembering"]

_MOST_BYTES = 1 << 28


def remembering(histories: Histories) -> Histories:
    """Return the same requests; sums of most users at one time are computed for all, and once."""
    return histories if histories.remembered is not None else replace(histories, remembered={})


def decayed_sums(
    histories: Histories, decays: Array, horizon: int, *, without_first: bool = False
) -> Array:
    """Return the sum over each history of exp(-decay * age), ages in horizons, shape (r, decays).

    Equation (EMA): sum over k of exp(-decay (T - t_k) / H); `without_first` leaves out each user's
    first event.
    """
    remembered, at, few = histories.remembered, histories.at, histories.events.num_users // 2
    if remembered is None or len(at) <= few or (at != at[0]).any():
        return _sums(histories, decays, horizon, without_first)
    key = int(at[0]), np.asarray(decays).tobytes(), horizon, without_first
    if key not in remembered:
        everyone = Histories.of(histories.events, key[0])
        _make_room(remembered, 8 * len(everyone) * (len(decays) + 1))
        remembered[key] = everyone.ends, _sums(everyone, decays, horizon, without_first)
    ends, sums = remembered[key] = remembered.pop(key)  # the latest asked for is the last to go
    if not np.array_equal(ends[histories.users], histories.ends):  # it sees a part of its past
        return _sums(histories, decays, horizon, without_first)
    return np.asarray(sums[histories.users])


def _make_room(remembered: dict[Any, tuple[Integers, Array]], size: int) -> None:
    """Forget what was asked for longest ago, as far as that takes too much memory."""
    held = sum(ends.nbytes + sums.nbytes for ends, sums in remembered.values())
    for key in list(remembered):
        if held + size <= _MOST_BYTES:
            return
        ends, sums = remembered.pop(key)
        held -= ends.nbytes + sums.nbytes


def _sums(histories: Histories, decays: Array, horizon: int, without_first: bool) -> Array:
    requests, rows = histories.flat()
    if without_first:
        later = rows > histories.begins[requests]
        requests, rows = requests[later], rows[later]
    ages = (histories.at[requests] - histories.events.time[rows]) / horizon
    sums = [np.bincount(requests, np.exp(-d * ages), minlength=len(histories)) for d in decays]
    return np.stack(sums, axis=1) if len(decays) else np.zeros((len(histories), 0))

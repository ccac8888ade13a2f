"""How finely a log's time stamps are written: to the second, to the day, to the month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgen.arrays import Integers

from .interactions import Interactions
from .times import to_stamps

__all__ = ["end_of_log", "stamp_resolution"]

_DAY = 86_400 * 10**6
_MONTH = 30 * _DAY
_UNITS = (_DAY, 3_600 * 10**6, 60 * 10**6, 10**6, 1_000)
_FEWEST = 10
"""Different stamps below which regular times may be chance."""
_GLANCE = 1_000
"""Stamps that are sorted first: mostly enough of them differ."""


def stamp_resolution(events: Interactions) -> int:
    """Return the coarsest unit in microseconds that all stamps are whole multiples of.

    Stamps that all lie at one time of day have the resolution of a day, those at one time of one
    day of the month that of a month (30 days, by convention); a log of fewer than 10 different
    stamps is taken to have that of a microsecond.
    """
    stamps = _wall_clock(events)
    if _few_differ(stamps[:_GLANCE]) and _few_differ(stamps):
        return 1
    since = stamps - stamps.min()
    if not (since % _DAY).any() and _one_day_of_month(stamps):
        return _MONTH
    return next((unit for unit in _UNITS if not (since % unit).any()), 1)


def end_of_log(events: Interactions) -> int:
    """Return the time when the last stamp's period is over: the next day or month, or just after.

    What happened on the last day of a log with stamps by day happened until that day's end.
    """
    last, resolution = int(events.time.max()), stamp_resolution(events)
    if resolution < _DAY:
        return last + 1
    step = pd.DateOffset(months=1) if resolution == _MONTH else pd.DateOffset(days=1)
    return int((to_stamps(np.array([last]), events.timezone)[0] + step).value // 1_000)


def _wall_clock(events: Interactions) -> Integers:
    stamps = to_stamps(np.asarray(events.time), events.timezone)
    naive = stamps.tz_localize(None) if events.timezone else stamps
    return np.asarray(naive.as_unit("us").asi8)


def _few_differ(stamps: Integers) -> bool:
    return len(np.unique(stamps)) < _FEWEST


def _one_day_of_month(stamps: Integers) -> bool:
    days = stamps.view("datetime64[us]").astype("datetime64[D]")
    return len(np.unique(days - days.astype("datetime64[M]"))) == 1

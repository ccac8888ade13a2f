"""The regular time grid: pandas Period frequencies, their ordinals, and how a step is printed.

A series lives on the steps of one Period frequency (GluonTS's `start` is a `pd.Period`). The time
stamp that a table shows for a step may be the step's start, its last day, or a fixed while after
its start; `StepLabel` remembers which, so that a table that goes in comes out unchanged.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from tsgen.arrays import Indices, Integers, Mask
from tsgen.errors import SettingsError

__all__ = [
    "StepLabel",
    "infer_freq",
    "normalise_freq",
    "period_index",
    "periods",
    "place_on_grid",
    "refuse_times_beyond",
    "split_freq",
    "start_period",
    "step_ordinals",
    "step_stamps",
]

_DAY = 86_400_000_000_000  # nanoseconds
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_FAMILIES = {"ME": "M", "QE": "Q", "YE": "Y"}
_MONTH_DAYS = 30.436875
_YEARS = ("1678-01-01", "2261-12-31")  # whole years that nanoseconds since 1970 can hold


@dataclass(frozen=True)
class StepLabel:
    """How the time stamp of a step follows from its period.

    Args:
        anchor: "start" counts from the first instant of the period, "end" from midnight of its
            last day.
        offset: Nanoseconds added to the anchor, such as 30 minutes for hourly stamps at half past.
    """

    anchor: Literal["start", "end"] = "start"
    offset: int = 0


def normalise_freq(freq: Any) -> str:
    """Return the Period spelling of a frequency: "MS" and "ME" become "M", "H" becomes "h".

    Raises:
        SettingsError: pandas does not know the frequency, or it has no regular periods.
    """
    try:
        with _quiet():
            offset = to_offset(freq)
    except (ValueError, TypeError):
        offset = None
    if offset is None or offset.n < 1:
        raise SettingsError(
            f"freq={freq!r} is not a frequency; use a pandas one such as "
            "'h', '30min', 'D', 'B', 'W-SUN', 'M', 'Q-DEC' or 'Y-DEC'."
        )
    base = _period_base(offset.rule_code)
    if base is None:
        raise SettingsError(
            f"freq={freq!r} has no regular periods that GluonTS can use; "
            "use seconds to hours, 'D', 'B', 'W-SUN', 'M', 'Q-DEC' or 'Y-DEC'."
        )
    return f"{offset.n}{base}" if offset.n > 1 else base


def split_freq(freq: str) -> tuple[str, int]:
    """Return the base of a normalised frequency and how many of it one step takes."""
    digits, base = re.fullmatch(r"(\d*)(.+)", freq).groups()  # type: ignore[union-attr]
    return base, int(digits or 1)


def period_index(ordinals: Integers, freq: str) -> pd.PeriodIndex:
    """Return the periods with these ordinals at `freq`."""
    with _quiet():
        index: pd.PeriodIndex = pd.PeriodIndex.from_ordinals(  # type: ignore[attr-defined]
            ordinals, freq=freq
        )
    return index


def periods(ordinals: Integers, freq: str) -> list[pd.Period]:
    """Return the periods with these ordinals as single values, as GluonTS's `start` needs them."""
    with _quiet():
        return list(period_index(ordinals, freq))


def start_period(time: Any, freq: str) -> pd.Period:
    """Return the period of `freq` that holds `time` (a time stamp or its text).

    Raises:
        ValueError: `time` cannot be read.
    """
    with _quiet():
        return pd.Period(time, freq=freq)


def step_ordinals(stamps: pd.DatetimeIndex, base: str) -> Integers:
    """Return the ordinal of the period of `base` that holds each naive time stamp, shape (rows,).

    pandas puts a weekend into the Monday after it at "B".
    """
    with _quiet():
        return stamps.to_period(base).asi8


def step_stamps(ordinals: Integers, freq: str, label: StepLabel) -> pd.DatetimeIndex:
    """Return the wall-clock time stamp that `label` prints for each step."""
    periods = period_index(ordinals, split_freq(freq)[0])
    return _anchor(periods, label.anchor) + pd.Timedelta(label.offset, "ns")


def place_on_grid(stamps: pd.DatetimeIndex, freq: str) -> tuple[Integers, StepLabel, Mask]:
    """Find the period of each time stamp and the label that all stamps share.

    Args:
        stamps: Naive time stamps, shape (rows,).
        freq: A normalised frequency.

    Returns:
        Period ordinals (rows,), the label, and a mask (rows,) of the stamps that it does not
        reproduce (stamps off the grid).
    """
    base, _ = split_freq(freq)
    with _quiet():
        periods = stamps.to_period(base)
    label, off = _shared_offset(stamps, periods, "start")
    if off.any() and base[0] in "MQY":
        from_end, off_end = _shared_offset(stamps, periods, "end")
        if off_end.sum() < off.sum():
            label, off = from_end, off_end
    return periods.asi8, label, off


def infer_freq(stamps: pd.DatetimeIndex, series: Indices) -> tuple[str | None, bool]:
    """Infer the frequency from the most common step over all series.

    Args:
        stamps: Naive time stamps sorted within each series, shape (rows,).
        series: The series of each row, equal values side by side, shape (rows,).

    Returns:
        The frequency (None if no series has two different stamps, steps are below a second, or none
        fits and no step separates a tenth of neighbouring rows) and whether every stamp lies on its
        grid.
    """
    steps = np.diff(stamps.asi8)[np.diff(series) == 0]
    # A difference of over 292 years overflows and becomes negative.
    sizes, counts = np.unique(steps[steps > 0], return_counts=True)
    if sizes.size == 0:
        return None, False
    common = sizes[counts.argmax()]
    # Where gaps make a multiple of the step the most common difference, the true step is smaller.
    often = sizes[counts >= 0.1 * counts.sum()]
    for size in dict.fromkeys((common, *often[:1])):
        for candidate in _candidates(int(size), stamps, steps):
            if _fits(stamps, series, candidate):
                return candidate, True
    if not often.size:
        return None, False
    return next(_candidates(int(common), stamps, steps), None), False


def refuse_times_beyond(starts: Integers, lengths: Integers, freq: str) -> None:
    """Refuse series that leave the years which time stamps can name.

    Args:
        starts: (R,), Period ordinals of the first steps.
        lengths: (R,), steps.
        freq: A normalised frequency.

    Raises:
        SettingsError: A series begins before 1678 or ends after 2261.
    """
    base, stride = split_freq(freq)
    first, last = (start_period(pd.Timestamp(day), base).ordinal for day in _YEARS)
    if (starts < first).any():
        raise SettingsError("A series would begin before the year 1678; give a later start.")
    beyond = starts + (lengths - 1) * stride > last
    if beyond.any():
        raise SettingsError(
            f"A series of {int(lengths[beyond][0])} steps (freq='{freq}') would end after the year "
            "2261, where time stamps end; ask for fewer steps, or for an earlier start."
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the deprecations of pandas for spellings and periods that GluonTS still uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _period_base(rule: str) -> str | None:
    family, _, anchor = rule.partition("-")
    if rule in {"s", "min", "h", "D", "B"} or family == "W":
        return rule
    if family in {"ME", "MS"}:
        return "M"
    if family in {"QE", "YE"}:
        return f"{_FAMILIES[family]}-{anchor}"
    if family == "YS":
        return f"Y-{_month_before(anchor)}"
    return f"Q-{_quarter_anchor(_month_before(anchor))}" if family == "QS" else None


def _month_before(month: str) -> str:
    return _MONTHS[_MONTHS.index(month) - 1]


def _quarter_anchor(month: str) -> str:
    """Return the last month, October or later, of the quarters that end in `month`."""
    return _MONTHS[9 + _MONTHS.index(month) % 3]


def _anchor(periods: pd.PeriodIndex, anchor: str) -> pd.DatetimeIndex:
    with _quiet():
        if anchor == "start":
            return periods.to_timestamp(how="start").as_unit("ns")
        return periods.to_timestamp(how="end").as_unit("ns").floor("D")


def _shared_offset(
    stamps: pd.DatetimeIndex, periods: pd.PeriodIndex, anchor: Literal["start", "end"]
) -> tuple[StepLabel, Mask]:
    offsets = stamps.asi8 - _anchor(periods, anchor).asi8
    shared = offsets[0]
    if (offsets != shared).any():
        sizes, counts = np.unique(offsets, return_counts=True)
        shared = sizes[counts.argmax()]
    # pandas puts a weekend stamp into the Monday after it, before the period's own start.
    off = (offsets != shared) | (stamps.asi8 < _anchor(periods, "start").asi8)
    return StepLabel(anchor, int(shared)), off


def _fits(stamps: pd.DatetimeIndex, series: Indices, freq: str) -> bool:
    ordinals, _, off = place_on_grid(stamps, freq)
    within = np.diff(series) == 0
    return not off.any() and not (np.diff(ordinals)[within] % split_freq(freq)[1]).any()


def _candidates(size: int, stamps: pd.DatetimeIndex, steps: Integers) -> Iterator[str]:
    """Yield the frequencies whose step can last `size` nanoseconds, the likeliest first."""
    if size < _DAY or size % _DAY:
        for unit, name in ((3_600 * 10**9, "h"), (60 * 10**9, "min"), (10**9, "s")):
            if size % unit == 0:
                yield _multiple(size // unit, name)
                return
        return
    days = size // _DAY
    months = round(days / _MONTH_DAYS)
    if months and abs(days - months * _MONTH_DAYS) <= 2.5:
        yield from _monthly(months, stamps)
    if days % 7 == 0:
        yield _multiple(days // 7, f"W-{_WEEKDAYS[stamps[0].weekday()]}")
    if days == 1 and _skips_weekends(stamps, steps):
        yield "B"
    yield _multiple(days, "D")


def _monthly(months: int, stamps: pd.DatetimeIndex) -> Iterator[str]:
    at_end = bool((stamps.day == stamps.days_in_month).all())
    month = _MONTHS[stamps[0].month - 1]
    last = month if at_end else _month_before(month)
    if months % 12 == 0:
        yield _multiple(months // 12, f"Y-{last}")
    if months % 3 == 0:
        yield _multiple(months // 3, f"Q-{_quarter_anchor(last)}")
    yield _multiple(months, "M")


def _skips_weekends(stamps: pd.DatetimeIndex, steps: Integers) -> bool:
    return bool((stamps.weekday < 5).all()) and bool((steps > _DAY).any())


def _multiple(count: int, base: str) -> str:
    return f"{count}{base}" if count > 1 else base

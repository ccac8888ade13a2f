"""Step numbers (0, 1, 2, ...) in the place of time stamps: counted from a date, they are times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers
from tsgen.errors import DataError, SettingsError

from ...columns import plain_value
from .frequency import (
    StepLabel,
    normalise_freq,
    place_on_grid,
    split_freq,
    start_period,
    step_stamps,
)
from .text_dates import check_date

__all__ = ["first_ordinal", "grid_ordinal", "number_times", "step_ordinal"]


def number_times(
    column: pd.Series[Any], start: Any, freq: str | None, timezone: str | None
) -> pd.Series[Any]:
    """Return the times (rows,) of step numbers, of which 0 is the step that holds `start`.

    Args:
        column: Whole numbers, or their text, shape (rows,).
        start: See `step_ordinal`.
        freq: How long a step is.
        timezone: The zone whose wall clock the times are, if any.

    Raises:
        DataError: The column holds something else than whole numbers, or too far from 0.
        SettingsError: `start` is no such time, or there is no `freq`.
    """
    if freq is None:
        raise SettingsError(
            f"start={start!r} says when step 0 is, not how long a step is; pass freq= too, for "
            "example freq='h'."
        )
    freq = normalise_freq(freq)
    base, stride = split_freq(freq)
    first = step_ordinal(start, freq, timezone)
    steps, places = np.unique(_whole_numbers(column), return_inverse=True)
    try:
        stamps = step_stamps(first + steps * stride, base, StepLabel())
    except (pd.errors.OutOfBoundsDatetime, OverflowError):
        raise DataError(
            f"Column '{column.name}' has the step numbers {steps[0]} to {steps[-1]}; from {start} "
            f"at freq='{freq}' they lie outside the years 1678 to 2261. Give another start.",
            field=str(column.name),
        ) from None
    return pd.Series(stamps.take(places), index=column.index, name=column.name)


def step_ordinal(start: Any, freq: str, timezone: str | None) -> int:
    """Return the Period ordinal of the step of `freq` that holds the time `start`.

    Args:
        start: A time or its text; an aware one is converted to `timezone`.
        freq: A normalised frequency.
        timezone: The zone whose wall clock counts, if any.

    Raises:
        SettingsError: `start` is no time, or has a zone where the data have none.
    """
    try:
        check_date(start)
        time = start.start_time if isinstance(start, pd.Period) else pd.Timestamp(start)
        if time.tz is not None and timezone is not None:
            time = time.tz_convert(timezone).tz_localize(None)
        ordinal = start_period(time, split_freq(freq)[0]).ordinal
    except (ValueError, TypeError, AttributeError):  # NaT has no ordinal
        raise SettingsError(
            f"start={start!r} is not a time; write for example '2024-12-31'."
        ) from None
    if time.tz is not None:
        raise SettingsError(
            f"start={start!r} has a time zone, the data have none; give a naive time."
        )
    return int(ordinal)


def grid_ordinal(
    start: Any,
    freq: str,
    timezone: str | None,
    label: StepLabel,
    on_grid: Integers,
) -> int:
    """Return the Period ordinal of the step that begins at `start`, or is labelled so.

    Args:
        start: See `step_ordinal`.
        freq: A normalised frequency.
        timezone: See `step_ordinal`.
        label: How the data print a step.
        on_grid: Ordinals of steps that are on the data's grid.

    Raises:
        SettingsError: `start` is no such time, or lies between two steps.
    """
    ordinal = step_ordinal(start, freq, timezone)
    base, stride = split_freq(freq)
    off = (ordinal - on_grid) % stride
    try:
        between = _between(start, ordinal, base, timezone, label)
    except pd.errors.OutOfBoundsDatetime:
        return ordinal  # years that no stamp can name are refused for what they are
    if between or off.all():
        before = ordinal - int(off.min())
        ends = step_stamps(np.array([before, before + stride]), base, label)
        raise SettingsError(
            f"start={start!r} lies between two steps of freq='{freq}': {ends[0]} and {ends[1]}. "
            "Give one of them."
        )
    return ordinal


def _between(start: Any, ordinal: int, base: str, timezone: str | None, label: StepLabel) -> bool:
    """Whether a time is neither the start nor the label of the step `ordinal` that holds it."""
    if isinstance(start, pd.Period):
        return False
    time = pd.Timestamp(start)
    if time.tz is not None:
        time = time.tz_convert(timezone).tz_localize(None)
    return time not in [step_stamps(np.array([ordinal]), base, k)[0] for k in (StepLabel(), label)]


def first_ordinal(until: Any, freq: str, timezone: str | None, label: StepLabel) -> int:
    """Return the ordinal of the first step whose time stamp is not before `until`.

    Args:
        until: A time or its text; an aware one is converted to `timezone`.
        freq: A normalised frequency.
        timezone: The zone whose wall clock counts, if any.
        label: How the data print a step.

    Raises:
        SettingsError: `until` is no time, or has a zone where the data have none.
    """
    time = _wall_time(until, timezone)
    base, _ = split_freq(freq)
    around, _, _ = place_on_grid(pd.DatetimeIndex([time]), base)
    steps = around[0] + np.arange(-2, 3)
    return int(steps[(step_stamps(steps, base, label) >= time).argmax()])


def _wall_time(until: Any, timezone: str | None) -> pd.Timestamp:
    """Return a time given by the user as wall clock of the data."""
    try:
        check_date(until)
        time = until.start_time if isinstance(until, pd.Period) else pd.Timestamp(until)
    except (ValueError, TypeError):
        time = None
    if time is None or pd.isna(time):
        raise SettingsError(f"until={until!r} is not a time; write for example '2024-12-31'.")
    if time.tz is None:
        return time
    if timezone is None:
        raise SettingsError(
            f"until={until!r} has a time zone, the dataset has none; give a naive time."
        )
    return time.tz_convert(timezone).tz_localize(None)


def _whole_numbers(column: pd.Series[Any]) -> Integers:
    name = str(column.name)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise DataError(
            f"Column '{name}' holds time stamps, not step numbers; leave start= out.", field=name
        )
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = ~(np.abs(numbers) < 2**53) | (numbers != np.round(numbers))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"Column '{name}' is not a step number in row {row}: "
            f"{plain_value(column.iloc[row])!r}. Give whole numbers, or leave start= out if the "
            "column holds time stamps.",
            field=name,
            row=row,
        )
    return numbers.astype(np.int64)

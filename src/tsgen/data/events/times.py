"""Times of events: whatever means a time becomes microseconds since 1970 UTC, and back."""

from __future__ import annotations

import datetime
import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Integers
from tsgen.errors import DataError, DataWarning, SettingsError

from ..series import NumbersError, ambiguous_times, check_zone, utc_offsets, wall_clock

__all__ = ["MICROSECONDS", "read_span", "read_time", "read_times", "span_text", "to_stamps"]

MICROSECONDS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6, "min": 6e7, "h": 3.6e9, "D": 8.64e10}
"""Microseconds in one step of each unit of numeric time stamps."""

_USUAL = (631_152_000_000_000, 4_102_444_800_000_000)  # the years 1990 to 2099
_AGE = (-2_208_988_800_000_000, 7_258_118_400_000_000)  # the years 1900 to 2199
_LARGEST = 9.2e18
_WRITTEN = {
    "%Y%m%d%H%M%S": (19_000_101_000_000, 20_991_231_235_959),
    "%Y%m%d%H%M": (190_001_010_000, 209_912_312_359),
    "%Y%m%d": (19_000_101, 20_991_231),
    "%d%m%Y": (1_011_900, 31_122_099),
    "%m%d%Y": (1_011_900, 12_312_099),
    "%Y%m": (190_001, 209_912),
    "%y%m%d": (100_101, 991_231),
    "%Y": (1900, 2099),
}
_WORDS = {
    "%Y%m%d%H%M%S": "yyyymmddhhmmss",
    "%Y%m%d%H%M": "yyyymmddhhmm",
    "%Y%m%d": "yyyymmdd",
    "%d%m%Y": "ddmmyyyy",
    "%m%d%Y": "mmddyyyy",
    "%Y%m": "yyyymm",
    "%y%m%d": "yymmdd",
    "%Y": "as years",
}
_SHEET = np.datetime64("1899-12-30", "D")
"""Day 0 of spreadsheets."""


def read_times(
    column: pd.Series[Any], *, unit: str | None = None, timezone: str | None = None
) -> tuple[Integers, str | None]:
    """Read a column of event times.

    Args:
        column: Datetimes, text, or numbers, shape (rows,).
        unit: What numbers count, since 1970 UTC; None means seconds, with a warning where the size
            of the numbers fits another unit better.
        timezone: The zone whose wall clock naive stamps are (None means UTC), and that all times
            are shown in.

    Returns:
        Microseconds since 1970 UTC, shape (rows,), finer parts cut off; and the zone to show them
        in: `timezone`, or else the one the stamps were given in (None for naive stamps and
        numbers).

    Raises:
        DataError: A stamp is missing, cannot be read, or is out of range.
        SettingsError: The unit or the zone is unknown.

    Warns:
        DataWarning: The stamps have several UTC offsets and no `timezone` is given, or years in
            which no event can lie.
    """
    check_zone(timezone)
    if unit is not None and unit not in MICROSECONDS:
        raise SettingsError(f"unit={unit!r} is not possible: use {', '.join(MICROSECONDS)}.")
    if pd.api.types.is_complex_dtype(column.dtype):
        raise DataError(
            f"Column '{column.name}' holds complex numbers, not times.", field=str(column.name)
        )
    if pd.api.types.is_bool_dtype(column.dtype):
        raise DataError(
            f"Column '{column.name}' holds true and false, not times.", field=str(column.name)
        )
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = _read_numbers(column, unit)
        if unit is not None or not _fits_better(column):  # which has been said
            _warn_of_other_ages(numbers, str(column.name))
        return numbers, timezone
    stamps, zone = _read_stamps(column, shown_in=timezone)
    if zone is None and timezone is not None:
        stamps = _localise(stamps, timezone, str(column.name))
    times = np.asarray(stamps.as_unit("us").asi8)
    _warn_of_other_ages(times, str(column.name))
    return times, timezone or zone


def _warn_of_other_ages(times: Integers, name: str) -> None:
    """Tell of years in which nothing is bought or read: stand-ins for a date that is missing."""
    odd = (times < _AGE[0]) | (times >= _AGE[1])
    if odd.any():
        row = int(odd.argmax())
        warnings.warn(
            f"Column '{name}' has {int(odd.sum())} events before 1900 or after 2199 (the first in "
            f"row {row}, {to_stamps(times[[row]], None)[0]}), perhaps to say that their time is "
            "unknown; drop them, or correct the times.",
            DataWarning,
            stacklevel=4,
        )


def read_time(at: Any, timezone: str | None = None) -> int:
    """Read one time, as `read_times` does; a bare number counts seconds.

    Raises:
        SettingsError: It means no time.
    """
    if isinstance(at, bool) or at is None:
        raise SettingsError(f"{at!r} is not a time; write '2024-12-31 18:00'.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # the unit of one number says little
            return int(read_times(pd.Series([at], name="at"), timezone=timezone)[0][0])
    except DataError as error:
        raise SettingsError(
            f"{at!r} is not a time that can be read ({_reason(error)}); write '2024-12-31 18:00'."
        ) from None


def _reason(error: DataError) -> str:
    """Return what is wrong with one time, without where it stood in its column."""
    text = str(error).removeprefix("Column 'at'").partition(". ")[0].partition("; write")[0]
    return text.lstrip(": ").replace(" in row 0", "").rstrip(".")


def read_span(span: Any, name: str = "horizon") -> int:
    """Read a length of time ("14D", "6h", a timedelta), in microseconds.

    Raises:
        SettingsError: It means no length of time from a microsecond; months and years have none.
    """
    message = f"{name}={span!r} is not a length of time; write '14D', '6h' or '30min'."
    if isinstance(span, int | float) or (isinstance(span, str) and span.strip().isdigit()):
        raise SettingsError(message)
    try:
        length = pd.Timedelta(span)
    except (ValueError, TypeError):
        raise SettingsError(message) from None
    if pd.isna(length) or length < pd.Timedelta(microseconds=1):
        raise SettingsError(message)
    return int(length / pd.Timedelta(microseconds=1))


def span_text(span: int) -> str:
    """Return a length in microseconds for people."""
    length = datetime.timedelta(microseconds=span)
    return str(length).replace(", 0:00:00", "")


def to_stamps(times: Integers, timezone: str | None) -> pd.DatetimeIndex:
    """Return microseconds since 1970 UTC as time stamps: naive UTC, or in `timezone`."""
    stamps = pd.DatetimeIndex(np.asarray(times, np.int64).view("datetime64[us]"))
    return stamps.tz_localize("UTC").tz_convert(timezone) if timezone else stamps


def _read_numbers(column: pd.Series[Any], unit: str | None) -> Integers:
    name = str(column.name)
    missing = column.isna().to_numpy()
    if missing.any():
        raise _missing(name, int(missing.argmax()))
    numbers = column.to_numpy()
    if not len(numbers):
        return np.zeros(0, np.int64)
    if unit is None and (form := _date_format(numbers)):
        raise DataError(
            f"Column '{name}' holds whole numbers such as {numbers[0]:.0f}, which look like dates "
            f"written {_WORDS[form]}; say date_format='{form}', or unit='s' if they count seconds "
            "since 1970.",
            field=name,
            row=0,
        )
    low, high = float(numbers.min()), float(numbers.max())
    step = MICROSECONDS[unit or "s"]
    better = None if unit else _better_unit(low, high)
    if max(abs(low), abs(high)) * step > _LARGEST:
        hint = f"; unit='{better}' fits" if better else ""
        raise DataError(
            f"Column '{name}' runs from {low:.17g} to {high:.17g}, beyond what times in "
            f"'{unit or 's'}' since 1970 can be{hint}. Say unit=....",
            field=name,
        )
    if better:
        as_is, other = (
            to_stamps(np.array([low * size, high * size], np.int64), None)
            for size in (step, MICROSECONDS[better])
        )
        warnings.warn(
            f"Column '{name}' is read as seconds since 1970: {as_is[0]} to {as_is[1]}. As "
            f"unit='{better}' it would be {other[0]} to {other[1]}{_as_sheet(low, high, better)}; "
            f"say unit='s' or unit='{better}'.",
            DataWarning,
            stacklevel=4,
        )
    if np.issubdtype(numbers.dtype, np.integer) and step >= 1:
        return numbers.astype(np.int64) * int(step)
    if np.issubdtype(numbers.dtype, np.integer):
        return numbers.astype(np.int64) // 1000
    return np.floor(numbers.astype(np.float64) * step).astype(np.int64)


def _date_format(numbers: AnyArray) -> str | None:
    """Return how all numbers are dates, months or years of 1900 to 2099, if they are."""
    low, high = float(numbers.min()), float(numbers.max())
    fits = [form for form, (least, most) in _WRITTEN.items() if least <= low and high <= most]
    if not fits or (numbers % 1).any():
        return None
    distinct = np.unique(numbers).astype(np.int64)
    return next((form for form in fits if _are_dates(distinct, form)), None)


def _are_dates(numbers: AnyArray, form: str) -> bool:
    """Return whether all whole numbers are dates written so, in the years 1900 to 2099."""
    width = 8 if form in ("%d%m%Y", "%m%d%Y") else 0  # 1012024 is the first of January
    texts = pd.Series(numbers.astype(str)).str.zfill(width)
    years = pd.to_datetime(texts, format=form, errors="coerce").dt.year
    return bool(years.between(1900, 2099).all())


def _as_sheet(low: float, high: float, unit: str) -> str:
    """Return what days would be as those of a spreadsheet, and how to read them so."""
    if unit != "D":
        return ""
    first, last = (_SHEET + np.timedelta64(int(days), "D") for days in (low, high))
    return (
        f", as day numbers of a spreadsheet {first} to {last} (pd.to_datetime(column, unit='D', "
        f"origin='{_SHEET}') makes them dates)"
    )


def _fits_better(column: pd.Series[Any]) -> bool:
    return bool(len(column)) and _better_unit(float(column.min()), float(column.max())) is not None


def _better_unit(low: float, high: float) -> str | None:
    """Return the unit under which the numbers are usual dates, if seconds is not one."""
    fits = {
        unit: _USUAL[0] <= low * step and high * step <= _USUAL[1]
        for unit, step in MICROSECONDS.items()
        if unit in {"ns", "us", "ms", "s", "D"}
    }
    if fits["s"]:
        return None
    return next((unit for unit, usual in fits.items() if usual), None)


def _read_stamps(
    column: pd.Series[Any], shown_in: str | None
) -> tuple[pd.DatetimeIndex, str | None]:
    """Return UTC stamps (naive ones as they are) and the zone of aware ones."""
    if not len(column):
        return pd.DatetimeIndex([], dtype="datetime64[us]"), None
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        missing = column.isna().to_numpy()
        if missing.any():
            raise _missing(str(column.name), int(missing.argmax()))
        stamps = pd.DatetimeIndex(column)
        if stamps.tz is None:
            return stamps, None
        return stamps.tz_convert("UTC").tz_localize(None), str(stamps.tz)
    try:
        stamps, _ = wall_clock(column, "UTC")  # aware stamps become UTC, naive ones stay
        zone = wall_clock(column.iloc[:1], None)[1]
    except NumbersError as error:
        raise _number_as_text(column, error.row or 0) from None
    if zone is None or shown_in is not None:
        return stamps, zone
    return stamps, _one_zone(column, zone)


def _one_zone(column: pd.Series[Any], zone: str) -> str:
    """Return `zone`, the one of the first stamp, if all stamps share its offset; else UTC."""
    offsets = utc_offsets(column)
    if len(offsets) < 2:
        return zone
    more = ", ..." if len(offsets) > 3 else ""
    warnings.warn(
        f"Column '{column.name}' mixes the UTC offsets {', '.join(offsets[:3])}{more}: each stamp "
        "is taken as the instant it names, and times are shown in UTC; say the zone to show them "
        "in, for example timezone='Europe/Berlin'.",
        DataWarning,
        stacklevel=6,
    )
    return "UTC"


def _number_as_text(column: pd.Series[Any], row: int) -> DataError:
    name = str(column.name)
    return DataError(
        f"Column '{name}' holds text or objects with a number in row {row} "
        f"({column.iloc[row]!r}); write all stamps as dates (2024-12-31 23:00), or all as numbers "
        f"(pd.to_numeric(table['{name}']) shows what is in the way) and say unit='s' or "
        "unit='ms'.",
        field=name,
        row=row,
    )


def _localise(stamps: pd.DatetimeIndex, timezone: str, name: str) -> pd.DatetimeIndex:
    """Return the UTC stamps of a wall clock; of two equal readings, the first."""
    first = np.ones(len(stamps), dtype=bool)
    located = stamps.tz_localize(timezone, ambiguous=first, nonexistent="NaT")
    _warn_of_repeated_hour(stamps, timezone, name)
    missing = np.asarray(located.isna())
    if missing.any():
        row = int(missing.argmax())
        raise DataError(
            f"Column '{name}' says {stamps[row]} in row {row}, which {timezone} skips when summer "
            "time begins; correct the stamp, or give stamps with their UTC offset.",
            field=name,
            row=row,
        )
    return located.tz_convert("UTC").tz_localize(None)


def _warn_of_repeated_hour(stamps: pd.DatetimeIndex, timezone: str, name: str) -> None:
    twice = ambiguous_times(stamps, timezone)
    if twice.any():
        row = int(twice.argmax())
        warnings.warn(
            f"Column '{name}' has {int(twice.sum())} stamps in the hour that {timezone} has twice "
            f"when summer time ends (the first in row {row}, {stamps[row]}); they are taken as of "
            "its first pass. Stamps with their UTC offset say which.",
            DataWarning,
            stacklevel=6,
        )


def _missing(name: str, row: int) -> DataError:
    return DataError(
        f"Column '{name}' has no time stamp in row {row}; fill it in or drop the row.",
        field=name,
        row=row,
    )

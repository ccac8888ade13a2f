"""Times of events: whatever means a time becomes microseconds since 1970 UTC, and back."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers
from tsgen.errors import DataError, DataWarning, SettingsError

from ...series import NumbersError, ambiguous_times, check_zone, utc_offsets, wall_clock
from .numbers import fits_better, missing_time, read_numbers_as_times
from .scales import MICROSECONDS, to_stamps

__all__ = ["read_time", "read_times"]

_AGE = (-2_208_988_800_000_000, 7_258_118_400_000_000)  # the years 1900 to 2199


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
        numbers = read_numbers_as_times(column, unit)
        if unit is not None or not fits_better(column):  # which has been said
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


def _read_stamps(
    column: pd.Series[Any], shown_in: str | None
) -> tuple[pd.DatetimeIndex, str | None]:
    """Return UTC stamps (naive ones as they are) and the zone of aware ones."""
    if not len(column):
        return pd.DatetimeIndex([], dtype="datetime64[us]"), None
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        missing = column.isna().to_numpy()
        if missing.any():
            raise missing_time(str(column.name), int(missing.argmax()))
        stamps = pd.DatetimeIndex(column)
        if stamps.tz is None:
            return stamps, None
        return stamps.tz_convert("UTC").tz_localize(None), str(stamps.tz)
    try:
        stamps, _ = wall_clock(column, "UTC")  # aware stamps become UTC, naive ones stay
    except NumbersError as error:
        raise _number_as_text(column, error.row or 0) from None
    zone = _zone_of(column.iloc[:1])
    if zone is None or shown_in is not None:
        return stamps, zone
    return stamps, _one_zone(column, zone)


def _zone_of(first: pd.Series[Any]) -> str | None:
    """Return the zone of a stamp, none of one that others alone make plain, such as 08/05/2024."""
    try:
        return wall_clock(first, None)[1]
    except DataError:
        return None


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

"""A column of time stamps, however it is written, as naive wall-clock times of one zone."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Indices, Mask
from tsgen.errors import DataError, SettingsError, nearest

from ...columns import factorise
from .text_dates import first_row, read_other_format, refuse_dateless, refuse_zone_words

__all__ = [
    "NumbersError",
    "ambiguous_times",
    "check_zone",
    "localise",
    "nonexistent_times",
    "utc_offsets",
    "wall_clock",
]

_OFFSET = re.compile(r"(?<=\d)\s*(Z|[+-]\d{2}(?::?\d{2})?)$")
_NUMBER = re.compile(r"-?\d+(\.\d*)?")
_YEAR = re.compile(r"[+-]?(\d{4,})-\d{1,2}-\d{1,2}\b")
_YEARS = (1678, 2261)
"""What 64 bits of nanoseconds hold in full."""
_PART_OF_DATE = re.compile(r"\d{4}(-\d{2})?")
_CLOCK = re.compile(r"\d[T ]\d{1,2}:?\d{2}")
_TAIL = 10  # characters that hold any UTC offset and the digit before it


class NumbersError(DataError):
    """Numbers stand where time stamps were expected; `row` says where."""


def wall_clock(column: pd.Series[Any], timezone: str | None) -> tuple[pd.DatetimeIndex, str | None]:
    """Read a column of time stamps.

    Accepted are datetimes (naive or aware, NumPy or Arrow), periods (their start), dates, and text
    in ISO 8601 or in one other format in which day and month cannot be confused.

    Args:
        column: The stamps, shape (rows,).
        timezone: The zone to convert aware stamps to; naive stamps are its wall clock already.

    Returns:
        Naive stamps at nanosecond unit, shape (rows,), and the zone they are the wall clock of
        (None for naive stamps without `timezone`).

    Raises:
        DataError: Numbers, nulls, unreadable or ambiguous text, mixed UTC offsets, or years that
            nanoseconds cannot hold.
    """
    name = str(column.name)
    _refuse_numbers(column, name)
    # The same stamps return in every series: read each distinct one once.
    codes, distinct = factorise(column)
    if (codes < 0).any():
        row = int((codes < 0).argmax())
        raise DataError(
            f"Column '{name}' has no time stamp in row {row}; fill it in or drop the row.",
            field=name,
            row=row,
        )
    stamps = _read(pd.Series(distinct, dtype=distinct.dtype), name, timezone, codes)
    zone = timezone
    if stamps.tz is not None:
        zone = timezone or _zone_name(stamps.tz, name)
        stamps = stamps.tz_convert(zone).tz_localize(None)
    if len(stamps) and not _YEARS[0] <= stamps.min().year <= stamps.max().year <= _YEARS[1]:
        raise DataError(
            f"Column '{name}' has years outside {_YEARS[0]} to {_YEARS[1]} (from {stamps.min()} to "
            f"{stamps.max()}), which pandas periods of this precision cannot hold; "
            "correct or drop these rows.",
            field=name,
        )
    return stamps.as_unit("ns").take(codes), zone


def check_zone(timezone: str | None) -> None:
    """Raise SettingsError unless `timezone` is None or a zone that pandas knows."""
    if timezone is None:
        return
    try:
        pd.Timestamp(0, tz=timezone)
    except Exception as error:  # pytz and zoneinfo raise errors of their own
        hint = nearest(timezone, zoneinfo.available_timezones())
        raise SettingsError(
            f"timezone={timezone!r} is not a known time zone.{hint} "
            "Use an IANA name such as 'Europe/Berlin'."
        ) from error


def utc_offsets(column: pd.Series[Any]) -> list[str]:
    """Return the different UTC offsets that stamps are written with, in order; none if naive.

    Args:
        column: Time stamps with a time of day, as text or as objects.
    """
    tails = pd.Series(column.astype(str).str.strip().str[-_TAIL:].unique())
    offsets: list[str] = sorted(tails.str.extract(_OFFSET, expand=False).dropna().unique())
    return offsets


def localise(stamps: pd.DatetimeIndex, timezone: str) -> pd.DatetimeIndex:
    """Put wall-clock times into their zone: the first of two equal times, NaT where none exists."""
    first = np.ones(len(stamps), dtype=bool)
    return stamps.tz_localize(timezone, ambiguous=first, nonexistent="NaT")


def nonexistent_times(stamps: pd.DatetimeIndex, timezone: str | None) -> Mask:
    """Mark the wall-clock times that the zone skips when summer time begins."""
    if timezone is None:
        return np.zeros(len(stamps), dtype=bool)
    return np.asarray(localise(stamps, timezone).isna())


def ambiguous_times(stamps: pd.DatetimeIndex, timezone: str | None) -> Mask:
    """Mark the wall-clock times that occur twice when summer time ends."""
    if timezone is None:
        return np.zeros(len(stamps), dtype=bool)
    located = stamps.tz_localize(timezone, ambiguous="NaT", nonexistent="shift_forward")
    return np.asarray(located.isna())


def _refuse_numbers(column: pd.Series[Any], name: str) -> None:
    if pd.api.types.is_numeric_dtype(column.dtype):
        raise _numbers_error(name, column.iloc[0], 0)


_UNITS = ((1e17, "nanoseconds", "ns"), (1e14, "microseconds", "us"), (1e11, "milliseconds", "ms"))


def _numbers_error(name: str, value: Any, row: int) -> NumbersError:
    size = abs(float(value))
    word, unit = next(((w, u) for least, w, u in _UNITS if size >= least), ("seconds", "s"))
    return NumbersError(
        f"Column '{name}' holds numbers (row {row}: {value}), not time stamps. For step numbers "
        "(0, 1, 2 ...) pass start= and freq=, for example start='2020-01-01' and freq='h'; Unix "
        f"{word} convert first, pd.to_datetime(table['{name}'], unit='{unit}').",
        field=name,
        row=row,
    )


def _read(
    distinct: pd.Series[Any], name: str, timezone: str | None, codes: Indices
) -> pd.DatetimeIndex:
    if isinstance(distinct.dtype, pd.CategoricalDtype):
        distinct = distinct.astype(distinct.cat.categories.dtype)
    if isinstance(distinct.dtype, pd.PeriodDtype):
        return pd.DatetimeIndex(distinct.dt.to_timestamp())
    if pd.api.types.is_datetime64_any_dtype(distinct.dtype):
        return pd.DatetimeIndex(distinct)
    text = distinct.map(str).astype(object).str.strip()
    refuse_dateless(text, name, codes)
    refuse_zone_words(text, name, codes)
    offsets = text.str.extract(_OFFSET, expand=False).where(text.str.contains(_CLOCK))
    if offsets.isna().all():
        return _read_naive(text, name, codes)
    return _read_aware(text, offsets, name, timezone, codes)


def _read_aware(
    text: pd.Series[Any],
    offsets: pd.Series[Any],
    name: str,
    timezone: str | None,
    codes: Indices,
) -> pd.DatetimeIndex:
    without = offsets.isna()
    if without.any():
        naive = pd.to_datetime(text[without], format="ISO8601", errors="coerce")
        _refuse_unread(naive.isna().reindex(text.index, fill_value=False), text, name, codes)
        row = first_row(without, codes)
        raise DataError(
            f"Column '{name}' mixes time stamps with and without a UTC offset (row {row}: "
            f"'{text[codes[row]]}' has none); write all of them in one way.",
            field=name,
            row=row,
        )
    stamps = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
    _refuse_unread(stamps.isna(), text, name, codes)
    kinds = offsets.unique()
    if len(kinds) > 1 and timezone is None:
        raise DataError(
            f"Column '{name}' mixes the UTC offsets {', '.join(sorted(kinds)[:3])}, so its wall "
            "clock is unknown; say the zone, for example timezone='Europe/Berlin'.",
            field=name,
        )
    index = pd.DatetimeIndex(stamps)
    return index if timezone else index.tz_convert(pd.Timestamp(text[0]).tz)


def _read_naive(text: pd.Series[Any], name: str, codes: Indices) -> pd.DatetimeIndex:
    stamps = pd.to_datetime(text, format="ISO8601", errors="coerce")
    digits = text.str.isdecimal()  # 240131 could be any of three dates
    if stamps.isna().any() and not stamps.notna().any() and not digits.any():
        stamps = read_other_format(text, name, stamps)
    _refuse_unread(stamps.isna(), text, name, codes)
    _refuse_parts(text, name, codes)
    return pd.DatetimeIndex(stamps)


def _refuse_parts(text: pd.Series[Any], name: str, codes: Indices) -> None:
    """Refuse years and months among dates: each would become the first of its days."""
    part = text.str.fullmatch(_PART_OF_DATE).astype(bool)
    if part.any() and not part.all():
        row = first_row(part, codes)
        raise DataError(
            f"Column '{name}' has '{text[codes[row]]}' in row {row}, a year or a month among dates "
            "of days; write the whole date.",
            field=name,
            row=row,
        )


def _refuse_unread(
    unread: pd.Series[bool], text: pd.Series[Any], name: str, codes: Indices
) -> None:
    if unread.any():
        row = first_row(unread, codes)
        if _NUMBER.fullmatch(text[codes[row]]):
            raise _numbers_error(name, text[codes[row]], row)
        year = _YEAR.match(text[codes[row]])
        if year and not _YEARS[0] <= int(year[1]) <= _YEARS[1]:
            raise DataError(
                f"Column '{name}' has '{text[codes[row]]}' in row {row}; years from {_YEARS[0]} to "
                f"{_YEARS[1]} can be read. Correct the row or drop it.",
                field=name,
                row=row,
            )
        raise DataError(
            f"Column '{name}' cannot be read as a time stamp in row {row}: "
            f"'{text[codes[row]]}'. Write ISO dates such as 2024-12-31 23:00.",
            field=name,
            row=row,
        )


def _zone_name(zone: Any, name: str) -> str:
    text = str(zone)
    try:
        pd.Timestamp(0, tz=text)
    except Exception:  # a fixed offset of pytz, a zone file of dateutil
        offset = zone.utcoffset(None)
        if offset is None:
            raise DataError(
                f"Column '{name}' has a time zone without a name ({text}); "
                "say which, for example timezone='Europe/Berlin'.",
                field=name,
            ) from None
        return str(datetime.timezone(offset))
    return text

"""Dates in texts: what means several times, or none, is refused and not guessed at."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Indices
from tsgen.errors import DataError

__all__ = [
    "check_date",
    "first_row",
    "read_other_format",
    "refuse_dateless",
    "refuse_zone_words",
]

_NUMBER = re.compile(r"-?\d+(\.\d*)?")
_WORDS = "now today mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec"
_CLOCK = r"\d{1,2}(:\d{2}){1,2}([.,]\d+)?\s*([ap]\.?m\.?)?\s*(z|[+-]\d{2}:?\d{2})?"
_MONTHS = "|".join(rf"{word}[a-z]*\.?" for word in _WORDS.split()[9:])
_NO_DATE = rf"t?{_CLOCK}(\s+(\d{{4}}|{_MONTHS}))?|(\d{{4}}(-\d{{1,2}})?|{_MONTHS})\s+{_CLOCK}"
_NO_DATE += "".join(rf"|{word}[a-z]*\.?" for word in _WORDS.split())
"""What pandas reads as a time, or a month, of this very day or year, or of the first of one."""

_NO_YEAR = r"\d{2}-\d{1,2}-\d{2}(?!\d).*"
"""What pandas reads as day or month, and year; other programs begin with the year."""

_ZONE_WORD = r".*\d{1,2}:\d{2}.*\s(?!AM\b|PM\b|UTC\b|GMT\b)[A-Z]{2,5}"
"""A time with a zone in letters, which pandas would leave out in silence."""
_NO_MONTH = r"\d{4}-(?:1[3-9]|[2-9]\d)-\d{1,2}\b"
"""What pandas reads as year, day and month."""

_SHORT_DATE = r"(\d{1,2})([/.-])(\d{1,2})\2\d{2,4}\b"
"""Day and month in either order, before a year."""

_SHORT_YEAR = r"\s*(\d{2})([/.])\d{1,2}\2(\d{2})(?!\d)"
"""A day before, or a year of two digits; and the other of them."""

_EXCHANGED, _FEW = 0.05, 3
_MONTHS_IN_A_YEAR = 12
_LAST_YEAR = 29


def check_date(time: Any) -> None:
    """Refuse a text that means no one time, though pandas would find one for it.

    Raises:
        DataError: It has no date, no such month, a zone in letters, or day and month in either
            order.
    """
    if isinstance(time, str) and not _NUMBER.fullmatch(time.strip()):
        text = pd.Series([time.strip()], dtype=object)
        codes = np.zeros(1, dtype=np.intp)
        refuse_dateless(text, "time", codes)
        refuse_zone_words(text, "time", codes)
        if pd.isna(pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)[0]):
            read = read_other_format(text, "time", pd.Series([pd.NaT]))
            if text.str.match(_NO_MONTH)[0] and read.isna()[0]:
                raise DataError(f"{time!r} has no month; write year, month and day.")


def refuse_dateless(text: pd.Series[Any], name: str, codes: Indices) -> None:
    """Refuse a time of day, a weekday or "today", which pandas would give the date of today.

    So are dates whose year could be either end of them.

    Args:
        text: Distinct stamps, shape (stamps,).
        name: The column they stand in.
        codes: The stamp of each row, shape (rows,).

    Raises:
        DataError: One is such.
    """
    dateless = text.str.fullmatch(_NO_DATE, case=False)
    what = "a time without a date; write the date too, such as 2024-12-31 18:00"
    _refuse(dateless, what, text, name, codes)
    what = "which may begin or end with its year; write years with four digits"
    _refuse(text.str.fullmatch(_NO_YEAR), what, text, name, codes)


def refuse_zone_words(text: pd.Series[Any], name: str, codes: Indices) -> None:
    """Refuse times with a zone such as CET, which several places have; see `refuse_dateless`.

    Raises:
        DataError: One is such.
    """
    what = (
        "with a time zone in letters, which can mean several; write UTC offsets (+01:00), or leave "
        "it out and say timezone='Europe/Berlin'"
    )
    _refuse(text.str.fullmatch(_ZONE_WORD), what, text, name, codes)


def _refuse(
    odd: pd.Series[bool], what: str, text: pd.Series[Any], name: str, codes: Indices
) -> None:
    """Refuse stamps of which one is odd; the message names the first row that has it."""
    if odd.any():
        row = first_row(odd, codes)
        raise DataError(
            f"Column '{name}' has '{text[codes[row]]}' in row {row}, {what}.", field=name, row=row
        )


def read_other_format(text: pd.Series[Any], name: str, unread: pd.Series[Any]) -> pd.Series[Any]:
    """Read text that is not ISO, unless day and month could be exchanged.

    Args:
        text: Distinct stamps, shape (stamps,).
        name: The column they stand in.
        unread: What to give for each that cannot be read, shape (stamps,).

    Raises:
        DataError: Day and month can be exchanged in all stamps, or are in some of them; or all seem
            to begin with a year of two digits.
    """
    _refuse_year_first(text, name)
    readings = []
    for dayfirst in (False, True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            reading = pd.to_datetime(text, dayfirst=dayfirst, errors="coerce")
        readings.append(reading if pd.api.types.is_datetime64_any_dtype(reading) else unread)
    readings = [reading.mask(text.str.match(_NO_MONTH)) for reading in readings]
    month_first, day_first = readings
    whole = [reading for reading in readings if reading.notna().all()]
    if len(whole) == 2 and not month_first.equals(day_first):
        raise DataError(
            f"Column '{name}': in '{text[0]}' day and month cannot be told apart; write ISO dates "
            f"(2024-12-31), or convert with pd.to_datetime(table['{name}'], format=...).",
            field=name,
            row=0,
        )
    if whole:
        _refuse_mixed_orders(whole[0], text, name)
        return whole[0]
    _refuse_both_orders(text, name)
    return max(readings, key=lambda reading: int(reading.notna().sum()))


def _refuse_year_first(text: pd.Series[Any], name: str) -> None:
    """Refuse stamps such as 24/12/31, which would be read as of the 24th of December 2031.

    The year is what differs less; one that no day of usual logs is (30, 31) is no doubt.

    Raises:
        DataError: They are such.
    """
    ends = text.str.extract(_SHORT_YEAR)[[0, 2]].astype(float)
    first, last = ends[0], ends[2]
    days = first.between(_MONTHS_IN_A_YEAR + 1, _LAST_YEAR).all() and last.between(1, 31).all()
    if days and max(first.nunique(), _FEW - 1) < last.nunique():
        raise DataError(
            f"Column '{name}' has '{text[0]}' in row 0, which seems to begin with its year and "
            "would be read as ending with it; write years with four digits.",
            field=name,
            row=0,
        )


def _refuse_mixed_orders(read: pd.Series[Any], text: pd.Series[Any], name: str) -> None:
    """Refuse stamps of which some fit the certain ones only with day and month exchanged."""
    either = text.str.match(rf"\s*{_SHORT_DATE}") & (read.dt.day <= _MONTHS_IN_A_YEAR)
    if either.all() or not either.any():
        return
    low, high = _around(read.mask(either))
    room = pd.Timedelta(days=31) if low.nunique() == 1 else pd.Timedelta(days=1)
    inside = read.between(low - room, high + room)
    exchanged = either & ~inside & _exchanged(read, either).between(low - room, high + room)
    if exchanged.sum() >= _FEW or exchanged.mean() > _EXCHANGED:
        first = text[exchanged].iloc[0]
        raise DataError(
            f"Column '{name}' seems to mix day/month and month/day: {int(exchanged.sum())} of its "
            f"{len(text)} different stamps (such as '{first}') lie far from the others unless day "
            f"and month are exchanged. Write ISO dates (2024-12-31), or convert with "
            f"pd.to_datetime(table['{name}'], format=...).",
            field=name,
        )


def _exchanged(read: pd.Series[Any], either: pd.Series[bool]) -> pd.Series[Any]:
    """Return stamps with day and month exchanged, NaT where that is no date."""
    stamps = read[either]
    days = pd.to_datetime({"year": stamps.dt.year, "month": stamps.dt.day, "day": stamps.dt.month})
    exchanged: pd.Series[Any] = days + (stamps - stamps.dt.normalize())
    return exchanged.reindex(read.index)


def _around(certain: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return between which certain stamps each one lies: its neighbours' where all are in order.

    Args:
        certain: Stamps in the order of the table, none where day and month may be exchanged.
    """
    plain = certain.dropna()
    if plain.is_monotonic_increasing:
        before, after = certain.ffill(), certain.bfill()
    elif plain.is_monotonic_decreasing:
        before, after = certain.bfill(), certain.ffill()
    else:
        before = after = pd.Series(pd.NaT, certain.index, dtype=certain.dtype)
    return before.fillna(plain.min()), after.fillna(plain.max())


def _refuse_both_orders(text: pd.Series[Any], name: str) -> None:
    """Refuse stamps of which some have no 13th month as day/month, and some as month/day.

    Raises:
        DataError: There are both; how many, and the first of each.
    """
    parts = text.str.extract(f"^\\s*{_SHORT_DATE}").astype({0: float, 2: float})
    day_first, month_first = (parts[k] > _MONTHS_IN_A_YEAR for k in (0, 2))
    if day_first.any() and month_first.any():
        raise DataError(
            f"Column '{name}' mixes day/month and month/day: {int(day_first.sum())} of its "
            f"{len(text)} different stamps can be day/month alone (such as "
            f"'{text[day_first].iloc[0]}'), {int(month_first.sum())} month/day alone (such as "
            f"'{text[month_first].iloc[0]}'). Write ISO dates (2024-12-31), or convert each part "
            f"with pd.to_datetime(..., format=...).",
            field=name,
        )


def first_row(marked: pd.Series[bool], codes: Indices) -> int:
    """Return the first row whose stamp is marked."""
    return int(np.asarray(marked)[codes].argmax())

"""Numbers as times of events: what they count since 1970, and dates that are written as numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Integers, Mask
from tsgen.errors import DataError, DataWarning

from .scales import MICROSECONDS, to_stamps

__all__ = ["fits_better", "missing_time", "read_numbers_as_times"]

_USUAL = (631_152_000_000_000, 4_102_444_800_000_000)  # the years 1990 to 2099
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
    "%Y%j": (1_900_001, 2_099_366),
    "%Y%m%d%H": (1_900_010_100, 2_099_123_123),
    "%y%m%d%H%M": (1_001_010_000, 9_912_312_359),
    "%y%m%d%H%M%S": (100_101_000_000, 991_231_235_959),
    "%d%m%y%H%M": (101_000_000, 3_112_992_359),
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
    "%Y%j": "yyyyddd",
    "%Y%m%d%H": "yyyymmddhh",
    "%y%m%d%H%M": "yymmddhhmm",
    "%y%m%d%H%M%S": "yymmddhhmmss",
    "%d%m%y%H%M": "ddmmyyhhmm",
}
_SURE = dict.fromkeys(("%Y%m%d%H", "%y%m%d%H%M", "%y%m%d%H%M%S", "%d%m%y%H%M"), 30)
"""Different numbers that must be dates written so; a few may be seconds or milliseconds."""
_WIDTHS = {"%d%m%Y": 8, "%m%d%Y": 8, "%d%m%y%H%M": 10}
"""Digits where the first may be a zero: 1012024 is the first of January."""
_FULL = ("%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d")
_SHEET = np.datetime64("1899-12-30", "D")
"""Day 0 of spreadsheets."""


def read_numbers_as_times(column: pd.Series[Any], unit: str | None) -> Integers:
    """Return numbers as microseconds since 1970 UTC, finer parts cut off; see `read_times`.

    Args:
        column: Numbers, shape (rows,).
        unit: What they count; None means seconds, unless they look like written dates.

    Raises:
        DataError: One is missing or out of range, or they look like written dates.

    Warns:
        DataWarning: Another unit fits better.
    """
    name = str(column.name)
    missing = column.isna().to_numpy()
    if missing.any():
        raise missing_time(name, int(missing.argmax()))
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
    if unit is None:
        _refuse_mostly_dates(numbers, name)
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
    sure = (form for form in fits if len(distinct) >= _SURE.get(form, 1))
    return next((form for form in sure if _are_dates(distinct, form)), None)


def _refuse_mostly_dates(numbers: AnyArray, name: str) -> None:
    """Refuse numbers half of which or more are whole dates, and the others are not.

    Raises:
        DataError: They are; it counts them and names the first that is none.
    """
    for form in _FULL:
        low, high = _WRITTEN[form]
        with np.errstate(invalid="ignore"):
            within = (low <= numbers) & (numbers <= high) & (numbers % 1 == 0)
        if 2 * within.sum() < len(numbers):
            continue
        distinct, place = np.unique(numbers[within].astype(np.int64), return_inverse=True)
        dates = within.copy()
        dates[within] = _which_are_dates(distinct, form)[place]
        if 2 * dates.sum() >= len(numbers):
            row = int((~dates).argmax())
            raise DataError(
                f"Column '{name}' holds {int(dates.sum())} whole numbers such as "
                f"{numbers[int(dates.argmax())]:.0f}, which look like dates written "
                f"{_WORDS[form]}, and {int((~dates).sum())} that do not (the first: "
                f"{numbers[row]:.17g} in row {row}); correct these and say date_format='{form}' "
                "(with on_bad_time='drop' they are left out), or unit='s' if all count seconds "
                "since 1970.",
                field=name,
                row=row,
            )


def _are_dates(numbers: AnyArray, form: str) -> bool:
    """Return whether all whole numbers are dates written so, in the years 1900 to 2099."""
    return bool(_which_are_dates(numbers, form).all())


def _which_are_dates(numbers: AnyArray, form: str) -> Mask:
    texts = pd.Series(numbers.astype(str)).str.zfill(_WIDTHS.get(form, 0))
    years = pd.to_datetime(texts, format=form, errors="coerce").dt.year
    return years.between(1900, 2099).to_numpy()


def _as_sheet(low: float, high: float, unit: str) -> str:
    """Return what days would be as those of a spreadsheet, and how to read them so."""
    if unit != "D":
        return ""
    first, last = (_SHEET + np.timedelta64(int(days), "D") for days in (low, high))
    return (
        f", as day numbers of a spreadsheet {first} to {last} (pd.to_datetime(column, unit='D', "
        f"origin='{_SHEET}') makes them dates)"
    )


def fits_better(column: pd.Series[Any]) -> bool:
    """Return whether another unit than seconds makes usual dates of numbers: it has been said."""
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


def missing_time(name: str, row: int) -> DataError:
    """Return the error of a row without a time."""
    return DataError(
        f"Column '{name}' has no time stamp in row {row}; fill it in or drop the row.",
        field=name,
        row=row,
    )

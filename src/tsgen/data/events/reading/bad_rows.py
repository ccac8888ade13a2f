"""Rows of a table that cannot be events: no user, no item, no readable time."""

from __future__ import annotations

import datetime
import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers, Mask
from tsgen.errors import DataError, DataWarning, SettingsError

from ...columns import pick
from ..ids import is_blank
from ..times import read_times
from .read_options import ReadOptions

__all__ = ["read_stamps", "without_bad_rows"]


def without_bad_rows(table: pd.DataFrame, options: ReadOptions) -> pd.DataFrame:
    """Return the table without the rows that `options` say to leave out.

    Warns:
        DataWarning: Rows are left out; it counts them and names the first.
    """
    if options.on_missing_id == "drop":
        for role in ("user_id", "item_id"):
            name = getattr(options, role)
            table = _without(table, _absent(pick(table, name, role)), f"no id in column '{name}'")
    if options.on_bad_time == "drop":
        name = options.timestamp
        stamps = pick(table, name, "timestamp")
        table = _without(table, _unreadable(stamps, options), f"no readable time in '{name}'")
    return table


def read_stamps(table: pd.DataFrame, options: ReadOptions) -> tuple[Integers, str | None]:
    """Return the times of a table in microseconds since 1970 UTC, (rows,), and their zone.

    Raises:
        DataError: A time is missing or cannot be read; what to do about it is said.
    """
    stamps = pick(table, options.timestamp, "timestamp")
    try:
        if options.date_format is not None:
            stamps = _dated(stamps, options.date_format)
        return read_times(stamps, unit=options.unit, timezone=options.timezone)
    except DataError as error:
        if pd.api.types.is_numeric_dtype(stamps.dtype):
            raise
        advice = f"{error} Or pass on_bad_time='drop' to leave out what cannot be read"
        if options.date_format is None and not pd.api.types.is_datetime64_any_dtype(stamps.dtype):
            advice += ", or say date_format='%d/%m/%Y' if all dates are written so"
        raise DataError(f"{advice}.", field=error.field, row=error.row) from error


def _without(table: pd.DataFrame, bad: Mask, why: str) -> pd.DataFrame:
    if not bad.any():
        return table
    warnings.warn(
        f"{int(bad.sum())} of {len(bad)} rows have {why} and were left out (the first: row "
        f"{int(bad.argmax())}).",
        DataWarning,
        stacklevel=6,
    )
    return table[~bad]


def _absent(ids: pd.Series[Any]) -> Mask:
    codes, distinct = pd.factorize(ids)
    blank = np.array([is_blank(one) for one in distinct], bool)
    return np.asarray((codes < 0) | np.append(blank, False)[codes])


def _dated(stamps: pd.Series[Any], date_format: str) -> pd.Series[Any]:
    """Return texts, or whole numbers such as 20241231, as datetimes.

    Raises:
        DataError: One is not written so.
    """
    dates = _coerced(stamps, date_format)
    wrong = (dates.isna() & stamps.notna()).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"Column '{stamps.name}' has {int(wrong.sum())} times that are not written as "
            f"date_format='{date_format}' says (the first: {stamps.iloc[row]!r} in row {row}); "
            "correct them.",
            field=str(stamps.name),
            row=row,
        )
    return dates


def _coerced(stamps: pd.Series[Any], date_format: str) -> pd.Series[Any]:
    codes, distinct = pd.factorize(stamps)
    texts = [f"{one:.0f}" if isinstance(one, float) else str(one) for one in distinct]
    if pd.api.types.is_numeric_dtype(stamps.dtype):  # which have lost their first zero
        width = len(datetime.datetime(2000, 11, 11).strftime(date_format))
        texts = [text.zfill(width) for text in texts]
    try:
        dates = pd.to_datetime(pd.Series(texts, dtype=object), format=date_format, errors="coerce")
    except ValueError as error:
        raise SettingsError(f"date_format='{date_format}' is not possible: {error}.") from None
    return pd.Series(
        np.append(dates.to_numpy("datetime64[us]"), np.datetime64("NaT"))[codes],
        index=stamps.index,
        name=stamps.name,
    )


def _unreadable(stamps: pd.Series[Any], options: ReadOptions) -> Mask:
    if options.date_format is not None:
        return _coerced(stamps, options.date_format).isna().to_numpy()
    absent = stamps.isna().to_numpy()
    if pd.api.types.is_numeric_dtype(stamps.dtype) or pd.api.types.is_datetime64_any_dtype(
        stamps.dtype
    ):
        return absent
    codes, distinct = pd.factorize(stamps)
    texts = pd.Series(distinct).astype(str)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        read = [
            pd.to_datetime(texts, errors="coerce", utc=True, format=form, dayfirst=first).isna()
            for form, first in (("ISO8601", False), ("mixed", False), ("mixed", True))
        ]
    nowhere = np.asarray(read[0] & read[1] & read[2])
    return np.asarray(absent | np.append(nowhere, True)[codes])

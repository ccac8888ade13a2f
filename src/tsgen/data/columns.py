"""The columns of a long table, read strictly: ids, numbers and static values."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Indices, Integers, Mask
from tsgen.errors import DataError, DataWarning, SettingsError, nearest

from .alike_ids import warn_of_alike
from .odd_ids import check_texts, warn_of_missing

__all__ = [
    "check_finite",
    "check_roles",
    "factorise",
    "pick",
    "plain_value",
    "read_ids",
    "read_numbers",
    "read_static",
    "say_left_out",
    "warn_of_truths",
]

_DECIMAL_COMMA = re.compile(r"[+-]?\d+(\.\d{3})*,\d+")
_LARGEST = float(np.finfo(np.float32).max)


def pick(table: pd.DataFrame, name: str, role: str, *, one_series: bool = False) -> pd.Series[Any]:
    """Return the column `name` of the table.

    Args:
        table: The table.
        name: How the column is called.
        role: The argument that names it, for the message.
        one_series: Whether the column may be missing in a table of one series, for the message.

    Raises:
        DataError: The column is missing, or there are two of it.
    """
    if name in table.columns:
        column = table[name]
        if isinstance(column, pd.DataFrame):
            raise DataError(f"The table has two columns '{name}'; rename one.", field=name)
        return column
    if name in table.index.names:
        raise DataError(
            f"'{name}' is the index of the table; make it a column with table.reset_index().",
            field=name,
        )
    advice = f"Say {role}='...'."
    if one_series:
        advice += (
            " If the table is one series, say so by item_id=''; if each column is a series, by "
            "layout='wide'."
        )
    called = "" if name == role else f" ({role})"
    raise DataError(
        f"The table has no column '{name}'{called}."
        f"{nearest(name, map(_printed, table.columns))} It has: "
        f"{', '.join(map(_printed, table.columns[:20]))}. {advice}",
        field=name,
    )


def _printed(name: Any) -> str:
    """Return the name of a column on one line."""
    return str(name) if str(name).isprintable() else repr(str(name))


def factorise(column: pd.Series[Any]) -> tuple[Indices, Any]:
    """Return the code of each row's value, -1 for none, and the distinct values in code order.

    Raises:
        DataError: A value is a list, a dictionary or another thing that has no code, or a text that
            goes on after a NUL, where pandas ends it.
    """
    try:
        codes, distinct = pd.factorize(column)
    except TypeError:
        row = next(k for k, value in enumerate(column) if not _has_hash(value))
        raise DataError(
            f"Column '{column.name}' has a value of type {type(column.iloc[row]).__name__} in row "
            f"{row}; a cell holds one text, number or time.",
            field=str(column.name),
            row=row,
        ) from None
    if not pd.api.types.is_numeric_dtype(column.dtype):
        _refuse_cut_off(column, codes, distinct)
    return codes, distinct


def _refuse_cut_off(column: pd.Series[Any], codes: Indices, distinct: Any) -> None:
    """Refuse texts that go on after a NUL: pandas takes them for the part before it."""
    if len(distinct) == len(codes) or not isinstance(next(iter(distinct), None), str):
        return
    filled = np.flatnonzero(codes >= 0)  # pd.NA is not comparable
    wrong = np.asarray(distinct, object)[codes[filled]] != column.to_numpy(object)[filled]
    if wrong.any():
        row = int(filled[wrong.argmax()])
        raise DataError(
            f"Column '{column.name}' has {column.iloc[row]!r} in row {row}, with a NUL character, "
            "at which other programs cut it off; remove it.",
            field=str(column.name),
            row=row,
        )


def _has_hash(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def read_ids(column: pd.Series[Any]) -> tuple[Indices, tuple[str | int, ...]]:
    """Return each row's series, in order of first appearance, and the series' ids.

    Raises:
        DataError: A row has no id, or an id is neither text nor a whole number.
    """
    codes, distinct = factorise(column)
    _refuse_null(codes < 0, str(column.name), "item id")
    ids = [plain_value(value) for value in distinct]
    for code, value in enumerate(ids):
        if isinstance(value, str) and not value.strip():
            _refuse_null(codes == code, str(column.name), "item id")
        if isinstance(value, bool) or not isinstance(value, str | int):
            row = int((codes == code).argmax())
            raise DataError(
                f"Column '{column.name}' has the item id {value!r} in row {row}; ids must be text "
                "or whole numbers (astype(str) makes them text).",
                field=str(column.name),
                row=row,
            )
    check_texts(ids, str(column.name), "item id")
    warn_of_alike(ids, str(column.name), "item")
    warn_of_missing(ids, str(column.name))
    return codes, tuple(ids)


def check_roles(
    roles: Mapping[str, str | None], several: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Refuse one column in two roles.

    Args:
        roles: Role -> column.
        several: Roles that many columns may have.

    Raises:
        SettingsError: A column has two, or one twice.
    """
    named: dict[str, str] = {}
    many = [(role, name) for role, names in (several or {}).items() for name in names]
    for role, column in (*roles.items(), *many):
        if column and column in named:
            raise SettingsError(
                f"{named[column]}='{column}' and {role}='{column}' are one column; give each role "
                "a column of its own."
            )
        if column:
            named[column] = role


def read_numbers(
    column: pd.Series[Any], otherwise: str = "or leave it empty if it is missing"
) -> Array:
    """Return the column as float64, nulls as NaN, shape (rows,).

    Args:
        column: Numbers, or text that means numbers.
        otherwise: What can be done about text other than correcting it, for the message.

    Raises:
        DataError: A value is not a number; the message names the first.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if pd.api.types.is_datetime64_any_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
        raise DataError(f"Column '{column.name}' holds times, not numbers.", field=str(column.name))
    given = column.astype(object)
    numbers = pd.to_numeric(given.map(_unwrap), errors="coerce").to_numpy(np.float64, copy=True)
    _refuse_text(numbers, given, otherwise)
    return numbers


def warn_of_truths(column: pd.Series[Any]) -> None:
    """Say that a column of values holds true and false.

    Warns:
        DataWarning: It does; they are read as 1 and 0.
    """
    if pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        warnings.warn(
            f"Column '{column.name}' holds true and false, which are read as 1 and 0; if it is not "
            "what is measured, name another column.",
            DataWarning,
            stacklevel=4,
        )


def check_finite(values: Array, on_infinite: str, name: str, ids: Any = None) -> Array:
    """Return the values with infinities as NaN if that was asked for.

    Numbers beyond the range of float32 count as infinite: GluonTS targets are float32.

    Raises:
        DataError: A value is infinite and `on_infinite` is "error".
    """
    infinite = np.abs(values) > _LARGEST
    if not infinite.any():
        return values
    row = int(infinite.argmax())
    if on_infinite == "error":
        item_id = None if ids is None else ids(row)
        raise DataError(
            f"Column '{name}' is infinite (or beyond 32-bit numbers) in row {row}"
            f"{'' if item_id is None else f' (item {item_id!r})'}: {values[row]}. Correct it, or "
            "pass on_infinite='missing'.",
            item_id=item_id,
            field=name,
            row=row,
        )
    warnings.warn(
        f"{int(infinite.sum())} infinite values of '{name}' are taken as missing.",
        DataWarning,
        stacklevel=4,
    )
    return np.where(infinite, np.nan, values)


def read_static(
    column: pd.Series[Any], series: Indices, ids: tuple[str | int, ...]
) -> tuple[Integers, tuple[Any, ...]]:
    """Return each series' code in a static column, and its values in code order.

    Values are in their categorical order, or else sorted.

    Raises:
        DataError: A value is missing, one that no file holds, one text with another, or changes
            within a series.
    """
    name = str(column.name)
    codes, distinct = factorise(column)
    _refuse_null(codes < 0, name, "static value")
    first = np.full(len(ids), -1, dtype=np.int64)
    first[series[::-1]] = codes[::-1]
    changed = codes != first[series]
    if changed.any():
        row = int(changed.argmax())
        item_id = ids[series[row]]
        raise DataError(
            f"The static column '{name}' changes within series {item_id!r}: "
            f"{distinct[first[series[row]]]!r}, but {distinct[codes[row]]!r} in row {row}. "
            "A static column has one value per series; leave it out, or correct it.",
            item_id=item_id,
            field=name,
            row=row,
        )
    values = [plain_value(value) for value in distinct]
    check_texts(values, name, "static value")
    order = _category_order(column, values)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[first], tuple(values[k] for k in order)


def say_left_out(ids: Sequence[Any], total: int) -> None:
    """Warn that the series `ids`, of `total`, have no observed value and are left out.

    Raises:
        DataError: No series is left.
    """
    if len(ids) == total:
        raise DataError("No series has an observed value; there is nothing to read.")
    if ids:
        warnings.warn(
            f"{len(ids)} of {total} series have no observed value and were left out (the first is "
            f"{ids[0]!r}).",
            DataWarning,
            stacklevel=5,
        )


def plain_value(value: Any) -> Any:
    """Return a NumPy scalar as the Python value that it stands for."""
    return value.item() if isinstance(value, np.generic) else value


def _category_order(column: pd.Series[Any], values: list[Any]) -> list[int]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        place = {plain_value(v): k for k, v in enumerate(column.dtype.categories)}
        return sorted(range(len(values)), key=lambda k: place[values[k]])
    try:
        return sorted(range(len(values)), key=lambda k: values[k])
    except TypeError:  # values of several types have no order but that of appearance
        return list(range(len(values)))


def _unwrap(value: Any) -> Any:
    """Return decimals as floats, which pandas does not do by itself; text stays as it is."""
    if value is None or isinstance(value, str | float | int):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None if value is pd.NA else str(value)


def _refuse_text(numbers: Array, given: pd.Series[Any], otherwise: str) -> None:
    absent = given.isna().to_numpy() | given.isin(["", "nan", "NaN"]).to_numpy()
    wrong = np.isnan(numbers) & ~absent
    if not wrong.any():
        return
    row = int(wrong.argmax())
    text = str(given.iloc[row])
    advice = f"Correct it, {otherwise}."
    if _DECIMAL_COMMA.fullmatch(text.strip()):
        advice = (
            "It seems to have a decimal comma: write decimal points, or read the file with "
            "pandas.read_csv(path, decimal=',') and give that table."
        )
    raise DataError(
        f"Column '{given.name}' is not a number in row {row}: {text!r}. {advice}",
        field=str(given.name),
        row=row,
    )


def _refuse_null(missing: Mask, name: str, what: str) -> None:
    if missing.any():
        row = int(missing.argmax())
        raise DataError(
            f"Column '{name}' has no {what} in row {row}; fill it in or drop the row.",
            field=name,
            row=row,
        )

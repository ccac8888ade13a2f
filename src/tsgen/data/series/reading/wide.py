"""Wide tables, one column a series and one row a time, become long ones.

A series begins with its first observed value and ends with its last: a wide table has empty cells
before and after. A column without any value is a series of missing ones.

Shape legend: T rows, n series.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.errors import DataError, DataWarning, SettingsError

from ...columns import pick, plain_value, read_numbers
from ..times import wall_clock
from .roles import Roles

__all__ = ["TableLayout", "arranged"]

TableLayout = Literal["auto", "long", "wide"]

_OTHER_ROLES = {"id", "item", "series", "value"}
"""Columns with such names look like those of a long table."""


def arranged(
    table: pd.DataFrame, asked: Roles, layout: TableLayout, beside: Sequence[str] = ()
) -> tuple[pd.DataFrame, Roles]:
    """Return a table as a long one, and which of its columns are what.

    Args:
        table: Long or wide.
        asked: The columns as the caller calls them.
        layout: What the table is; "auto" takes it as wide if it has a column of times and numbers
            beside them alone, and none of the columns that a long table has.
        beside: Further columns that the caller names, which long tables alone have.

    Raises:
        DataError: Which of the two it is cannot be told, or a wide table is broken.

    Warns:
        DataWarning: It was taken as wide without being asked.
    """
    if layout == "wide":
        _refuse_long_names(asked, beside)
    table = asked.in_columns(table)
    roles = asked.within(table.columns)
    if layout == "long" or (layout == "auto" and (beside or not roles.free(table.columns))):
        return table, roles
    time = _time_column(table, roles)
    if layout == "auto":
        if time is None or not _only_numbers(table, time):
            return table, roles
        _check_plain(table, time)
    if time is None:
        raise DataError(
            "The wide table has no column of times, or several; say timestamp='...'. It has: "
            f"{', '.join(map(str, table.columns[:20]))}."
        )
    return _melted(table, time, roles), Roles(timestamp=roles.timestamp)


def _refuse_long_names(asked: Roles, beside: Sequence[str]) -> None:
    given = [asked.item_id] if asked.item_id not in {None, Roles().item_id} else list(beside)
    if given:
        raise SettingsError(
            f"layout='wide' has a column for each series and none for '{given[0]}'; leave it out, "
            "or give a long table."
        )


def _time_column(table: pd.DataFrame, roles: Roles) -> Any:
    """Return the column that has the role of times, or else the only one that reads as times."""
    if roles.timestamp in table.columns:
        return roles.timestamp
    times = [name for name in table.columns if _reads_as_times(table[name])]
    return times[0] if len(times) == 1 else None


def _reads_as_times(column: Any) -> bool:
    if isinstance(column, pd.DataFrame) or pd.api.types.is_numeric_dtype(column.dtype):
        return False
    try:
        wall_clock(column, None)
    except ValueError:
        return False
    return True


def _only_numbers(table: pd.DataFrame, time: Any) -> bool:
    others = table.drop(columns=time)
    return others.shape[1] > 0 and all(
        pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
        for dtype in others.dtypes
    )


def _check_plain(table: pd.DataFrame, time: Any) -> None:
    """Say that the table is taken as wide, or refuse it where it could be long."""
    names = [name for name in table.columns if name != time]
    like_ids = [n for n in names if str(n).lower() in _OTHER_ROLES or str(n).endswith("_id")]
    why = f"has a column '{like_ids[0]}'" if like_ids else "has a time in several rows"
    if like_ids or table[time].duplicated().any():
        raise DataError(
            f"The table has no columns 'item_id' and 'target', and {why}: is it long or wide? Name "
            "its columns by item_id='...' (item_id='' for one series) and target='...', or say "
            "layout='wide' if each column is a series.",
            field=str(like_ids[0] if like_ids else time),
        )
    warnings.warn(
        f"The table is taken as wide: its {len(names)} columns beside '{time}' "
        f"({', '.join(map(str, names[:5]))}{', ...' if len(names) > 5 else ''}) are a series each. "
        "layout='wide' says so.",
        DataWarning,
        stacklevel=4,
    )


def _melted(table: pd.DataFrame, time: Any, roles: Roles) -> pd.DataFrame:
    """Return the series of a wide table one below the other."""
    names = [n for n in table.columns if n != time] if roles.free(()) else list(roles.targets)
    _check_labels(table, names)
    values = np.stack([read_numbers(pick(table, name, "target")) for name in names], axis=1)
    row, series = _within(values)
    if not pd.api.types.is_numeric_dtype(table[time].dtype):
        wall_clock(table[time], None)  # so that what is wrong with a time names its row here
    labels = pd.Index([plain_value(name) for name in names], dtype=object)
    return pd.DataFrame({
        "item_id": pd.Categorical.from_codes(series, labels),
        roles.timestamp: table[time].iloc[row].array,
        "target": values[row, series],
    })  # fmt: skip


def _within(values: Array) -> tuple[Any, Any]:
    """Return row and column of the cells of each series, column by column."""
    seen = ~np.isnan(values)
    seen[:, ~seen.any(axis=0)] = True
    begun = np.logical_or.accumulate(seen, axis=0)
    goes_on = np.logical_or.accumulate(seen[::-1], axis=0)[::-1]
    series, row = np.nonzero((begun & goes_on).T)
    return row, series


def _check_labels(table: pd.DataFrame, names: Sequence[Any]) -> None:
    if isinstance(table.columns, pd.MultiIndex):
        raise DataError(
            "The wide table has names of several levels; join them first: "
            "table.columns = ['/'.join(map(str, name)) for name in table.columns]."
        )
    if not names:
        raise DataError("The wide table has no column beside the times; there is nothing to read.")

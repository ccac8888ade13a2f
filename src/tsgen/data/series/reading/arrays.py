"""Series, dictionaries of series and arrays become long tables.

Shape legend: n series, T steps, C channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray
from tsgen.errors import DataError

from ...frames import as_pandas
from .roles import Roles

__all__ = ["as_long_table"]

_DATED = "start='2024-01-01', freq='h'"


def as_long_table(data: Any, roles: Roles, *, dated: bool) -> tuple[Any, Roles]:
    """Return what holds values without being a table as a long table; anything else as it is.

    Args:
        data: A pandas Series with an index of times (and ids); a dictionary from ids to such
            Series, to tables of one series, or to values; or an array (n, T, C) or (T,).
        roles: How columns are called.
        dated: Whether `start` and `freq` date the steps, so that values need no times.

    Raises:
        DataError: Times are lacking, or the shape says nothing.
    """
    if isinstance(data, pd.Series):
        return _of_series(data, roles, dated), roles.with_ids()
    if isinstance(data, Mapping):
        return _of_mapping(data, roles, dated), roles.with_ids()
    if _is_array(data):
        return _of_array(_numbers(data), roles, dated)
    return data, roles


def _of_series(data: pd.Series[Any], roles: Roles, dated: bool) -> pd.DataFrame:
    """Return one series, or those of an index of ids and times."""
    ids, target = roles.with_ids().item_id, roles.targets[0]
    index = data.index
    if isinstance(index, pd.MultiIndex) and index.nlevels == 2 and _is_time(index.levels[1]):
        pairs = {ids: index.get_level_values(0), roles.timestamp: index.get_level_values(1)}
        return pd.DataFrame({name: level.array for name, level in pairs.items()}).assign(
            **{target: data.array}
        )
    name = "0" if data.name is None else data.name
    if _is_time(index):
        return _column_of(index.array, data.array, name, roles)
    if dated and not isinstance(index, pd.MultiIndex):
        return _column_of(np.arange(len(data)), data.array, name, roles)
    raise DataError(
        "The Series has no index of times; give it one, series.set_axis(pandas.date_range("
        f"'2024-01-01', periods=len(series), freq='h')), or pass {_DATED}."
    )


def _column_of(times: Any, values: Any, name: Any, roles: Roles) -> pd.DataFrame:
    columns = {roles.timestamp: times, roles.targets[0]: values}
    table = pd.DataFrame(columns)
    table.insert(0, str(roles.with_ids().item_id), name)
    return table


def _of_mapping(data: Mapping[Any, Any], roles: Roles, dated: bool) -> pd.DataFrame:
    if {"start", "target"} <= set(data):
        raise DataError("This is one GluonTS entry; give a list of entries: [entry].")
    if not data:
        raise DataError("The dictionary has no series; there is nothing to read.")
    if roles.within(data).timestamp in data:
        raise DataError("The dictionary holds columns, not series; give pandas.DataFrame(data).")
    tables = [_one_of(name, as_pandas(values), roles, dated) for name, values in data.items()]
    kinds = {table[roles.timestamp].dtype.kind in "iu" for table in tables}
    if len(kinds) > 1:
        raise DataError(
            "Some series of the dictionary have times and others have none; give all of them an "
            "index of times."
        )
    return pd.concat(tables, ignore_index=True)


def _one_of(name: Any, values: Any, roles: Roles, dated: bool) -> pd.DataFrame:
    """Return the long table of one value of a dictionary."""
    ids = str(roles.with_ids().item_id)
    if isinstance(values, pd.DataFrame):
        table = replace(roles, item_id=None).in_columns(values)
        columns = replace(roles, item_id=None).within(table.columns)
        renamed = dict(zip(columns.targets, roles.targets, strict=True))
        table = table.rename(columns={columns.timestamp: roles.timestamp, **renamed})
        lacking = [n for n in (roles.timestamp, *roles.targets) if n not in table.columns]
        if lacking:
            raise DataError(
                f"The table of series {name!r} has no column '{lacking[0]}'; it has "
                f"{', '.join(map(str, table.columns[:20]))}. Name its columns by timestamp= and "
                "target=, or give one column, table['NAME'].",
                item_id=name,
                field=lacking[0],
            )
        return table.assign(**{ids: name})
    if not isinstance(values, pd.Series):
        values = pd.Series(_one_row(name, values))
    try:
        return _of_series(values.rename(name), roles, dated)
    except DataError as error:
        raise DataError(f"Series {name!r}: {error}", item_id=name) from None


def _one_row(name: Any, values: Any) -> AnyArray:
    row = _numbers(values)
    if row.ndim != 1 or not len(row):
        raise DataError(
            f"Series {name!r} of the dictionary has values of shape {row.shape}; give (T,) "
            "numbers, T from 1, or all series of several channels as one array (n, T, C).",
            item_id=name,
        )
    return row


def _of_array(values: AnyArray, roles: Roles, dated: bool) -> tuple[pd.DataFrame, Roles]:
    """Return n series of T steps and C channels, called "0", "1", ..."""
    if values.dtype.names is not None:
        raise DataError("An array of records is a table; give pandas.DataFrame(data).")
    if values.ndim == 2:
        raise DataError(
            f"An array of shape {values.shape} may have its series in rows or in columns; give "
            "array[:, :, None] for n series in rows, array.T[:, :, None] for columns."
        )
    if values.ndim not in {1, 3} or values.size == 0:
        raise DataError(
            f"An array of shape {values.shape} is no set of series; give (n, T, C): n series of T "
            "steps and C channels."
        )
    if not dated:
        raise DataError(f"An array has no times; pass those of its first step, as {_DATED}.")
    number, steps, channels = values.reshape(1, -1, 1).shape if values.ndim == 1 else values.shape
    named = roles.targets if len(roles.targets) == channels else tuple(map(str, range(channels)))
    if len(roles.targets) not in {1, channels}:
        raise DataError(
            f"The array has {channels} channels, target= names {len(roles.targets)}: "
            f"{', '.join(roles.targets)}."
        )
    roles = replace(roles.with_ids(), targets=named)
    table = pd.DataFrame({
        roles.item_id: np.repeat([str(i) for i in range(number)], steps),
        roles.timestamp: np.tile(np.arange(steps), number),
    })  # fmt: skip
    return table.assign(**dict(zip(named, values.reshape(-1, channels).T, strict=True))), roles


def _numbers(data: Any) -> AnyArray:
    try:
        return np.asarray(data)
    except Exception as error:  # a tensor on a device, or rows of several lengths
        reason = (str(error).splitlines() or [""])[0].rstrip(".")
        raise DataError(
            f"A {type(data).__name__} is no array of numbers ({reason}); give a NumPy array, for a "
            "tensor tensor.detach().cpu().numpy()."
        ) from error


def _is_array(data: Any) -> bool:
    other = pd.DataFrame | pd.Index
    return hasattr(data, "__array__") and hasattr(data, "ndim") and not isinstance(data, other)


def _is_time(index: pd.Index) -> bool:
    return isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)

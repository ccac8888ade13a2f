"""Attributes of users and items as static features of series: categories and real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Indices, Integers
from tsgen.errors import DataError, nearest

from ..columns import read_numbers, read_static

__all__ = ["static_features"]


def static_features(
    table: pd.DataFrame | None,
    rows: Indices,
    chosen: Sequence[str] | None,
    ids: tuple[str | int, ...],
    by: str,
) -> dict[str, Any]:
    """Return the static fields of a `SeriesDataset` from the attributes of users or items.

    Args:
        table: Attributes, one row a code, or None.
        rows: (n,) the codes that have a series.
        chosen: The columns to use; None is all.
        ids: Their n ids, for messages.
        by: "user" or "item", for messages.

    Raises:
        DataError: A column is not there, or a number is missing.
    """
    if isinstance(chosen, str):
        chosen = (chosen,)
    present = [] if table is None else list(table.columns)
    for name in chosen or ():
        if name not in present:
            raise DataError(
                f"The {by} table has no column '{name}'.{nearest(name, present)} It has: "
                f"{', '.join(map(str, present)) or 'no columns'}.",
                field=name,
            )
    names = present if chosen is None else list(chosen)
    if table is None or not names:
        return {}
    columns = {name: table[name].iloc[rows].reset_index(drop=True) for name in names}
    numbers = {name: column for name, column in columns.items() if _is_number(column)}
    kinds = [_categories(column, ids) for name, column in columns.items() if name not in numbers]
    reals = [_reals(column, ids, by) for column in numbers.values()]
    empty = np.zeros((len(ids), 0))
    return {
        "static_names": tuple(str(name) for name in columns if name not in numbers),
        "static_cat": np.stack([codes for codes, _ in kinds], 1) if kinds else empty,
        "static_categories": tuple(values for _, values in kinds),
        "static_real": np.stack(reals, 1) if reals else empty,
    }


def _is_number(column: pd.Series[Any]) -> bool:
    dtype = column.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)


def _categories(column: pd.Series[Any], ids: tuple[Any, ...]) -> tuple[Integers, tuple[Any, ...]]:
    filled = np.flatnonzero(column.notna())
    values: tuple[Any, ...] = ()
    codes = np.zeros(len(column), np.int64)
    if len(filled):
        codes[filled], values = read_static(
            column.iloc[filled], np.arange(len(filled)), tuple(ids[i] for i in filled)
        )
    if len(filled) == len(column):
        return codes, values
    codes[column.isna().to_numpy()] = len(values)
    return codes, (*values, None)


def _reals(column: pd.Series[Any], ids: tuple[Any, ...], by: str) -> Array:
    values = read_numbers(column)
    wrong = ~np.isfinite(values)
    if wrong.any():
        item_id = ids[int(wrong.argmax())]
        raise DataError(
            f"The {by} table has no finite number in '{column.name}' for {int(wrong.sum())} "
            f"{by}s (the first: {item_id!r}); fill it in, or name the columns to use with "
            "static=[...].",
            item_id=item_id,
            field=str(column.name),
        )
    return values

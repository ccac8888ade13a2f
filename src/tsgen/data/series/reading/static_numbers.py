"""Static columns that are numbers: one for each series, or missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Indices
from tsgen.errors import DataError

from ...columns import check_finite, pick, read_numbers

__all__ = ["read_static_numbers"]


def read_static_numbers(
    table: pd.DataFrame,
    names: Sequence[str],
    series: Indices,
    ids: tuple[str | int, ...],
    on_infinite: str,
) -> Array:
    """Return each series' numbers, (series, names), NaN where they are missing.

    Args:
        table: The rows.
        names: Of the columns.
        series: Of each row.
        ids: Of the series.
        on_infinite: See `to_dataset`.

    Raises:
        DataError: A column is not there, holds something else than numbers, or changes within a
            series.
    """
    first = np.full(len(ids), 0)
    first[series[::-1]] = np.arange(len(series))[::-1]
    columns = [_read(pick(table, name, "static_numbers"), series, ids, first, on_infinite)
               for name in names]  # fmt: skip
    return np.stack(columns, axis=1) if columns else np.zeros((len(ids), 0))


def _read(
    column: pd.Series[Any],
    series: Indices,
    ids: tuple[str | int, ...],
    first: Indices,
    on_infinite: str,
) -> Array:
    name = str(column.name)
    numbers = check_finite(
        read_numbers(column), on_infinite, name, ids=lambda row: ids[series[row]]
    )
    of_series = numbers[first]
    expected = of_series[series]
    changed = (numbers != expected) & ~(np.isnan(numbers) & np.isnan(expected))
    if changed.any():
        row = int(changed.argmax())
        item_id = ids[series[row]]
        raise DataError(
            f"The static number '{name}' changes within series {item_id!r}: {expected[row]:g}, but "
            f"{numbers[row]:g} in row {row}. It has one value per series; name it in dynamic=[...] "
            "if it changes in time, or correct it.",
            item_id=item_id,
            field=name,
            row=row,
        )
    return of_series

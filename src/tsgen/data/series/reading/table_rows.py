"""The rows of a long table, sorted by series and time."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Indices
from tsgen.errors import DataError, DataWarning

from ..times import nonexistent_times

__all__ = ["Rows", "refuse_nonexistent", "sort"]


@dataclass(frozen=True)
class Rows:
    """The rows of a table, sorted by series and time."""

    series: Indices
    stamps: pd.DatetimeIndex
    target: Array  # (rows, channels, then features)
    row: Indices  # where each row stood in the user's table
    ids: tuple[str | int, ...]
    zone: str | None

    def where(self, i: int) -> str:
        """Say which row of the user's table the sorted row `i` is."""
        return f"row {self.row[i]} (item {self.ids[self.series[i]]!r}, time {self.stamps[i]})"

    def error(self, i: int, message: str, field: str | None = None) -> DataError:
        """Return the error about the sorted row `i`."""
        item_id = self.ids[self.series[i]]
        return DataError(message, item_id=item_id, field=field, row=int(self.row[i]))


def sort(rows: Rows) -> Rows:
    """Sort by series, then time; rows of equal time stay in their order."""
    times = rows.stamps.asi8
    back = times[1:] < times[:-1]  # no differences: they overflow beyond 292 years
    same = np.diff(rows.series) == 0
    if (np.diff(rows.series) >= 0).all() and not back[same].any():
        return rows
    order = np.argsort(rows.series, kind="stable")
    backwards = (np.diff(rows.series[order]) == 0) & (times[order][1:] < times[order][:-1])
    if backwards.any():
        order = np.lexsort((times, rows.series))
        warnings.warn(
            f"{int(backwards.sum())} rows come before their series' previous row in time; "
            "the rows were sorted.",
            DataWarning,
            stacklevel=4,
        )
    return Rows(
        rows.series[order],
        rows.stamps[order],
        rows.target[order],
        rows.row[order],
        rows.ids,
        rows.zone,
    )


def refuse_nonexistent(rows: Rows, column: pd.Series[Any]) -> None:
    """Refuse values at naive times that the zone skips; they are not wall-clock times of it."""
    skipped = nonexistent_times(rows.stamps, rows.zone) & ~np.isnan(rows.target).all(axis=1)
    if skipped.any():
        i = int(skipped.argmax())
        raise rows.error(
            i,
            f"{rows.where(i)}: this time does not exist in {rows.zone}, where summer time skips "
            f"it. Is column '{column.name}' in another zone? Localise it before, or drop the row.",
            field=str(column.name),
        )

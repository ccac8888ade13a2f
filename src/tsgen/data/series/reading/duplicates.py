"""Rows of one series and time: refused, or merged as asked."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from tsgen.arrays import Integers
from tsgen.errors import DataError, DataWarning

from ..times import ambiguous_times
from .table_rows import Rows

__all__ = ["OnDuplicate", "merge_duplicates"]

OnDuplicate = Literal["error", "first", "last", "mean", "sum"]


def merge_duplicates(
    rows: Rows, ordinals: Integers, on_duplicate: OnDuplicate, num_targets: int
) -> tuple[Rows, Integers]:
    """Keep one row per series and step; features, behind the targets, are never added up.

    Raises:
        DataError: There are several, and `on_duplicate` is "error".
    """
    repeated = (np.diff(rows.series, prepend=-1) == 0) & (np.diff(ordinals, prepend=0) == 0)
    if not repeated.any():
        return rows, ordinals
    if on_duplicate == "error":
        raise _duplicate_error(rows, int(repeated.argmax()), int(repeated.sum()))
    first = np.flatnonzero(~repeated)
    last = np.append(first[1:], len(ordinals)) - 1
    kept = last if on_duplicate == "last" else first
    merged = rows.target[kept]
    if on_duplicate in {"mean", "sum"}:
        observed = ~np.isnan(rows.target)
        counts = np.add.reduceat(observed.astype(np.float64), first)
        merged = np.add.reduceat(np.where(observed, rows.target, 0.0), first)
        merged = np.where(counts > 0, merged, np.nan)
        if on_duplicate == "mean":
            merged = merged / np.maximum(counts, 1)
        merged[:, num_targets:] = rows.target[kept, num_targets:]
    warnings.warn(
        f"{int(repeated.sum())} rows repeat the series and time of another; "
        f"merged with on_duplicate='{on_duplicate}'.",
        DataWarning,
        stacklevel=4,
    )
    one = Rows(rows.series[kept], rows.stamps[kept], merged, rows.row[kept], rows.ids, rows.zone)
    return one, ordinals[kept]


def _duplicate_error(rows: Rows, i: int, count: int) -> DataError:
    message = f"{rows.where(i)} repeats row {rows.row[i - 1]}; {count} rows repeat another. "
    if ambiguous_times(rows.stamps[i : i + 1], rows.zone)[0]:
        message += (
            f"This is the hour that {rows.zone} has twice when daylight saving time (DST) ends: "
            "pass on_duplicate='mean' or 'first', or keep the data in UTC (timezone='UTC')."
        )
    else:
        message += "Correct them, or pass on_duplicate='first', 'last', 'mean' or 'sum'."
    return rows.error(i, message)

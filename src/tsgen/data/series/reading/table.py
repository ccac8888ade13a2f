"""A long table (one row per series and time) becomes a `SeriesDataset` for each target column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Indices, Integers
from tsgen.errors import DataError

from ...columns import (
    check_finite,
    check_roles,
    pick,
    plain_value,
    read_ids,
    read_numbers,
    read_static,
    say_left_out,
    warn_of_truths,
)
from ..dataset import SeriesDataset
from ..dynamic import say_missing
from ..times import (
    number_times,
    split_freq,
    wall_clock,
)
from .duplicates import OnDuplicate, merge_duplicates
from .feature_columns import FeatureColumns, without_future
from .static_numbers import read_static_numbers
from .table_grid import OnIrregular, grid
from .table_rows import Rows, refuse_nonexistent, sort

__all__ = ["OnInfinite", "OnUnobserved", "table_to_channels"]


OnInfinite = Literal["error", "missing"]
OnUnobserved = Literal["error", "drop"]


def table_to_channels(
    table: pd.DataFrame,
    *,
    freq: str | None,
    item_id: str | None,
    timestamp: str,
    targets: Sequence[str],
    static: Sequence[str],
    start: Any,
    timezone: str | None,
    on_duplicate: OnDuplicate,
    on_infinite: OnInfinite,
    on_unobserved: OnUnobserved = "error",
    on_irregular: OnIrregular = "error",
    dynamic: Sequence[str] = (),
    past_dynamic: Sequence[str] = (),
    static_numbers: Sequence[str] = (),
) -> tuple[SeriesDataset, ...]:
    """Read a long table, one dataset for each target column; see `to_dataset` for the rules."""
    named = {"target": targets, "static": static, "dynamic": dynamic, "past_dynamic": past_dynamic}
    named["static_numbers"] = static_numbers
    check_roles({"item_id": item_id, "timestamp": timestamp}, named)
    if table.empty:
        for role, name in (("timestamp", timestamp), *(("target", name) for name in targets)):
            pick(table, name, role)
        raise DataError("The table has no rows; there is nothing to read.")
    if on_unobserved == "drop":
        table = _observed(table, item_id, targets)
    ids_column = (
        pd.Series(0, range(len(table)))
        if item_id is None
        else pick(table, item_id, "item_id", one_series=True)
    )
    time_column = pick(table, timestamp, "timestamp")
    if start is not None:
        time_column = number_times(time_column, start, freq, timezone)
    target_columns = [pick(table, name, "target") for name in targets]
    for column in target_columns:
        warn_of_truths(column)
    statics = [pick(table, name, "static") for name in static]
    series, ids = read_ids(ids_column)
    if item_id is None:
        ids = ("0",)
    stamps, zone = wall_clock(time_column, timezone)
    numbers = [
        check_finite(read_numbers(column), on_infinite, name, ids=lambda row: ids[series[row]])
        for name, column in zip(targets, target_columns, strict=True)
    ]
    static_codes = [read_static(column, series, ids) for column in statics]
    static_real = read_static_numbers(table, static_numbers, series, ids, on_infinite)
    beside = FeatureColumns.read(table, dynamic, past_dynamic, on_infinite)
    target = np.concatenate([np.stack(numbers, axis=1), beside.values], axis=1)
    rows = sort(Rows(series, stamps, target, np.arange(len(table)), ids, zone))
    refuse_nonexistent(rows, time_column)
    freq, ordinals, label = grid(rows, freq, on_irregular)
    rows, ordinals = merge_duplicates(rows, ordinals, on_duplicate, len(targets))
    _refuse_unobserved(rows, targets)
    columns, ends, starts = _scatter(rows, ordinals, freq)
    values, offsets = columns[: len(targets)], ends
    if len(columns) > len(targets):
        values, offsets = without_future(values, ends)
    features = beside.features(columns[len(targets) :], ends, np.diff(offsets))
    say_missing(features, np.diff(offsets))
    sources = table.get("source_item_id")
    first = SeriesDataset(
        values=values[0],
        offsets=offsets,
        starts=starts,
        freq=freq,
        item_ids=ids,
        static_cat=_stack([codes for codes, _ in static_codes], len(ids)),
        static_names=tuple(static),
        static_categories=tuple(categories for _, categories in static_codes),
        static_real=static_real,
        timezone=zone,
        label=label,
        info=None if sources is None else _provenance(sources, series, len(ids)),
        dynamic=features,
    )
    return first, *(replace(first, values=channel) for channel in values[1:])


def _scatter(rows: Rows, ordinals: Integers, freq: str) -> tuple[Array, Integers, Integers]:
    """Put the rows on the grid, NaN where there is none: values (C, N), offsets, starts."""
    first = np.flatnonzero(np.diff(rows.series, prepend=-1))
    last = np.append(first[1:], len(ordinals)) - 1
    step = split_freq(freq)[1]
    starts = ordinals[first]
    offsets = np.concatenate([[0], ((ordinals[last] - starts) // step + 1).cumsum()])
    values = np.full((rows.target.shape[1], offsets[-1]), np.nan)
    values[:, offsets[rows.series] + (ordinals - starts[rows.series]) // step] = rows.target.T
    return values, offsets, starts


def _observed(table: pd.DataFrame, item_id: str | None, targets: Sequence[str]) -> pd.DataFrame:
    """Return the rows of series with an observed value of each target."""
    columns = [pick(table, name, "target") for name in targets]
    ids = pd.Series(0, table.index) if item_id is None else pick(table, item_id, "item_id")
    seen = np.logical_and.reduce([
        column.notna().groupby(ids, sort=False, observed=True).transform("any")
        for column in columns
    ])  # fmt: skip
    say_left_out([plain_value(i) for i in ids[~seen].unique()], ids.nunique())
    return table[seen]


def _refuse_unobserved(rows: Rows, targets: Sequence[str]) -> None:
    for name, column in zip(targets, rows.target.T[: len(targets)], strict=True):
        observed = np.bincount(rows.series[~np.isnan(column)], minlength=len(rows.ids))
        if (observed == 0).any():
            item_id = rows.ids[int((observed == 0).argmax())]
            what = "at all" if len(targets) == 1 else f"of '{name}'"
            raise DataError(
                f"Series {item_id!r} has no observed value {what} "
                f"({int((observed == 0).sum())} such series); leave it out, or pass "
                "on_unobserved='drop'.",
                item_id=item_id,
                field=name,
            )


def _stack(columns: list[Integers], num: int) -> Integers:
    return np.stack(columns, axis=1) if columns else np.zeros((num, 0), np.int64)


def _provenance(sources: pd.Series[Any], series: Indices, num: int) -> tuple[dict[str, Any], ...]:
    """Read back which series are synthetic, from the column that `to_frame` writes."""
    first = np.zeros(num, dtype=np.intp)
    first[series[::-1]] = np.arange(len(series))[::-1]
    values = [plain_value(value) for value in sources.iloc[first]]
    return tuple(
        {"synthetic": False} if pd.isna(value) else {"synthetic": True, "source_item_id": value}
        for value in values
    )

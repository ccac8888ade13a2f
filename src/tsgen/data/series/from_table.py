"""A long table (one row per series and time) becomes a `SeriesDataset` for each target column."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.errors import DataError, DataWarning

from ..columns import (
    check_finite,
    check_roles,
    pick,
    plain_value,
    read_ids,
    read_numbers,
    read_static,
    say_left_out,
)
from .dataset import SeriesDataset
from .frequency import StepLabel, infer_freq, normalise_freq, place_on_grid, split_freq
from .step_numbers import number_times
from .timestamps import ambiguous_times, nonexistent_times, wall_clock

__all__ = ["OnDuplicate", "OnInfinite", "OnUnobserved", "table_to_channels"]

_TELLING = 8
"""Rows, all equally far apart, that are no accident."""

OnDuplicate = Literal["error", "first", "last", "mean", "sum"]
OnInfinite = Literal["error", "missing"]
OnUnobserved = Literal["error", "drop"]


@dataclass(frozen=True)
class _Rows:
    """The rows of a table, sorted by series and time."""

    series: npt.NDArray[np.intp]
    stamps: pd.DatetimeIndex
    target: npt.NDArray[np.float64]  # (rows, channels)
    row: npt.NDArray[np.intp]  # where each row stood in the user's table
    ids: tuple[str | int, ...]
    zone: str | None

    def where(self, i: int) -> str:
        """Say which row of the user's table the sorted row `i` is."""
        return f"row {self.row[i]} (item {self.ids[self.series[i]]!r}, time {self.stamps[i]})"

    def error(self, i: int, message: str, field: str | None = None) -> DataError:
        """Return the error about the sorted row `i`."""
        item_id = self.ids[self.series[i]]
        return DataError(message, item_id=item_id, field=field, row=int(self.row[i]))


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
) -> tuple[SeriesDataset, ...]:
    """Read a long table, one dataset for each target column; see `to_dataset` for the rules."""
    if table.empty:
        raise DataError("The table has no rows; there is nothing to read.")
    named = [("target", name) for name in targets] + [("static", name) for name in static]
    for role, name in named:
        check_roles({"item_id": item_id, "timestamp": timestamp, role: name})
    if on_unobserved == "drop":
        table = _observed(table, item_id, targets)
    ids_column = (
        pd.Series(0, range(len(table))) if item_id is None else pick(table, item_id, "item_id")
    )
    time_column = pick(table, timestamp, "timestamp")
    if start is not None:
        time_column = number_times(time_column, start, freq, timezone)
    target_columns = [pick(table, name, "target") for name in targets]
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
    target = np.stack(numbers, axis=1)
    rows = _sort(_Rows(series, stamps, target, np.arange(len(table)), ids, zone))
    _refuse_nonexistent(rows, time_column)
    freq, ordinals, label = _grid(rows, freq)
    rows, ordinals = _merge_duplicates(rows, ordinals, on_duplicate)
    _refuse_unobserved(rows, targets)
    values, offsets, starts = _scatter(rows, ordinals, freq)
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
        timezone=zone,
        label=label,
        info=None if sources is None else _provenance(sources, series, len(ids)),
    )
    return first, *(replace(first, values=channel) for channel in values[1:])


def _sort(rows: _Rows) -> _Rows:
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
    return _Rows(
        rows.series[order],
        rows.stamps[order],
        rows.target[order],
        rows.row[order],
        rows.ids,
        rows.zone,
    )


def _refuse_nonexistent(rows: _Rows, column: pd.Series[Any]) -> None:
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


def _grid(rows: _Rows, freq: str | None) -> tuple[str, npt.NDArray[np.int64], StepLabel]:
    """Return the frequency, each row's period ordinal, and the label.

    Raises:
        DataError: Rows lie off the grid, or no frequency can be inferred.
    """
    asked = freq
    if asked is None:
        likely, _ = infer_freq(rows.stamps, rows.series)
        if likely is None and _is_irregular(rows):
            raise DataError(
                "The times are irregular: no step separates even a tenth of neighbouring rows, so "
                "there is no frequency. Bring the data to a regular step first, for example "
                "table.groupby('item_id').resample('h', on='timestamp')['target'].mean()"
                ".reset_index(), or pass freq= if they are meant to lie on a grid."
            )
        if likely is None:
            raise DataError(
                "The frequency cannot be inferred: no series has two different times a second or "
                "more apart. Pass freq=, for example freq='h'."
            )
        freq = likely
    else:
        freq = normalise_freq(asked)
    ordinals, label, off = place_on_grid(rows.stamps, freq)
    first = np.flatnonzero(np.diff(rows.series, prepend=-1))
    off |= (ordinals - ordinals[first][rows.series]) % split_freq(freq)[1] != 0
    if off.any():
        _refuse_off_grid(rows, freq, asked, int(off.argmax()), int(off.sum()))
    _refuse_sparse(rows, ordinals, freq, asked)
    if asked is None:
        _refuse_coarser(rows, ordinals, freq)
    return freq, ordinals, label


def _is_irregular(rows: _Rows) -> bool:
    """Whether some series has two times a second or more apart."""
    steps = np.diff(rows.stamps.asi8)[np.diff(rows.series) == 0]
    return bool((steps >= 10**9).any())


def _refuse_off_grid(rows: _Rows, freq: str, asked: str | None, i: int, count: int) -> None:
    likely = freq if asked is None else infer_freq(rows.stamps, rows.series)[0]
    message = f"{rows.where(i)} is not on the grid of freq='{freq}'; {count} rows are not."
    if asked is not None and likely not in {None, freq}:
        message += f" The most common step looks like freq='{likely}'."
    elif asked is None:
        message += (
            " That is the most common step of the data; correct these times, or pass another freq."
        )
    if split_freq(freq)[0][0] in "MQY":
        message += (
            " If each row stands for its period, whichever day it names (as business month ends "
            f"do), give periods: timestamp.dt.to_period('{freq}')."
        )
    if rows.zone is not None:
        message += f" (Times are wall clock of {rows.zone}.)"
    raise rows.error(i, message)


def _refuse_sparse(
    rows: _Rows, ordinals: npt.NDArray[np.int64], freq: str, asked: str | None
) -> None:
    """Refuse a grid that would be more than 90% empty, before memory is taken for it."""
    step = split_freq(freq)[1]
    first = np.flatnonzero(np.diff(rows.series, prepend=-1))
    last = np.append(first[1:], len(ordinals)) - 1
    steps = ((ordinals[last] - ordinals[first]) // step + 1).sum()
    if steps <= 10 * len(ordinals):
        return
    likely, _ = infer_freq(rows.stamps, rows.series)
    gaps = np.where(np.diff(rows.series) == 0, np.diff(ordinals), 0)
    i = int(gaps.argmax())
    message = f"freq='{freq}' would leave over 90% of {steps} steps empty ({len(ordinals)} rows)."
    if asked is not None and likely not in {None, freq}:
        message += f" The most common step looks like freq='{likely}'."
    raise rows.error(
        i + 1,
        f"{message} The widest gap is between {rows.stamps[i]} and {rows.where(i + 1)}; "
        "correct wrong times, pass a coarser freq, or write out rows whose absence means zero.",
    )


def _refuse_coarser(rows: _Rows, ordinals: npt.NDArray[np.int64], freq: str) -> None:
    """Refuse a series of a coarser step among finer ones: daily rows would be hours with gaps."""
    step = split_freq(freq)[1]
    firsts = np.flatnonzero(np.diff(rows.series, prepend=-1))
    counts = np.diff(np.append(firsts, len(ordinals)))
    gaps = np.diff(ordinals) // step
    for first, count in zip(firsts, counts, strict=True):
        own = gaps[first : first + count - 1]
        if count >= _TELLING and own[0] > 1 and (own == own[0]).all():
            raise rows.error(
                int(first),
                f"Series {rows.ids[rows.series[first]]!r} has a row every {own[0]} steps of "
                f"freq='{freq}', the step of most series, and none between. Read series of another "
                "step from a table of their own, or say freq= if the rows between are missing.",
            )


def _merge_duplicates(
    rows: _Rows, ordinals: npt.NDArray[np.int64], on_duplicate: OnDuplicate
) -> tuple[_Rows, npt.NDArray[np.int64]]:
    """Keep one row per series and step.

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
    warnings.warn(
        f"{int(repeated.sum())} rows repeat the series and time of another; "
        f"merged with on_duplicate='{on_duplicate}'.",
        DataWarning,
        stacklevel=4,
    )
    one = _Rows(rows.series[kept], rows.stamps[kept], merged, rows.row[kept], rows.ids, rows.zone)
    return one, ordinals[kept]


def _duplicate_error(rows: _Rows, i: int, count: int) -> DataError:
    message = f"{rows.where(i)} repeats row {rows.row[i - 1]}; {count} rows repeat another. "
    if ambiguous_times(rows.stamps[i : i + 1], rows.zone)[0]:
        message += (
            f"This is the hour that {rows.zone} has twice when daylight saving time (DST) ends: "
            "pass on_duplicate='mean' or 'first', or keep the data in UTC (timezone='UTC')."
        )
    else:
        message += "Correct them, or pass on_duplicate='first', 'last', 'mean' or 'sum'."
    return rows.error(i, message)


def _scatter(
    rows: _Rows, ordinals: npt.NDArray[np.int64], freq: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
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
        column.notna().groupby(ids, sort=False).transform("any") for column in columns
    ])  # fmt: skip
    say_left_out([plain_value(i) for i in ids[~seen].unique()], ids.nunique())
    return table[seen]


def _refuse_unobserved(rows: _Rows, targets: Sequence[str]) -> None:
    for name, column in zip(targets, rows.target.T, strict=True):
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


def _stack(columns: list[npt.NDArray[np.int64]], num: int) -> npt.NDArray[np.int64]:
    return np.stack(columns, axis=1) if columns else np.zeros((num, 0), np.int64)


def _provenance(
    sources: pd.Series[Any], series: npt.NDArray[np.intp], num: int
) -> tuple[dict[str, Any], ...]:
    """Read back which series are synthetic, from the column that `to_frame` writes."""
    first = np.zeros(num, dtype=np.intp)
    first[series[::-1]] = np.arange(len(series))[::-1]
    values = [plain_value(value) for value in sources.iloc[first]]
    return tuple(
        {"synthetic": False} if pd.isna(value) else {"synthetic": True, "source_item_id": value}
        for value in values
    )

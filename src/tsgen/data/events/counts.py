"""Event counts as series: an event log becomes one GluonTS series a user, or one an item."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Integers
from tsgen.errors import DataError, DataWarning, SettingsError

from ..columns import plain_value
from ..series import (
    SeriesDataset,
    StepLabel,
    nonexistent_times,
    normalise_freq,
    split_freq,
    step_ordinals,
    step_stamps,
)
from .attributes import static_features
from .times import to_stamps

if TYPE_CHECKING:
    from .interactions import Interactions

__all__ = ["count_panel", "count_series", "event_steps", "mark_skipped", "series_ids", "step_times"]

_LARGEST = 500_000_000
"""Steps in one dataset: 4 GB of numbers."""


def count_series(
    events: Interactions,
    by: Literal["user", "item"],
    freq: Any = "D",
    *,
    start: Literal["log", "first"] = "log",
    until: Any = None,
    incomplete: Literal["keep", "drop"] = "keep",
    target: Literal["count", "value"] = "count",
    static: Sequence[str] | None = None,
) -> SeriesDataset:
    """Count the events of each user, or of each item, in each period.

    Periods are those of the wall clock in the zone of the log (UTC if it has none): a day has 23 or
    25 hours when the clocks change, the hour that occurs twice in autumn is one period, and the
    hour that spring skips is missing (NaN). Periods of several steps ("2h", "7D") are counted from
    1970-01-01; with "B", weekends count towards Monday. A period without events is 0. The series
    add up to the events, exactly.

    Args:
        events: The log.
        by: "user" for activity, "item" for demand.
        freq: A pandas frequency, "D" or "h" or "W-SUN".
        start: Series begin in the period of the log's first event ("log"), all alike, or in that of
            their own first event ("first"); then a user or item without events has no series, and a
            warning says how many.
        until: Where the observation ends; later events are left out, and every series runs up to
            the period just before it. None is just after the last event of the log.
        incomplete: The first period holds only what came after the log's first event, and the last
            one only what came before `until`. "keep" counts what there is; "drop" leaves such a
            period out with its events. A period is whole if it begins at the first event, or ends
            at `until`.
        target: "count" the events, or add up the "value" column.
        static: Columns of the user or item table that become static features; None takes all.
            Numbers become real features, everything else categories; a missing category is one of
            its own, None.

    Returns:
        A GluonTS dataset, in the order of the ids. Ids other than text and whole numbers become
        text.

    Raises:
        DataError: There would be too many steps for memory, nothing is left, there are no values,
            or a number of the table is missing.
        SettingsError: An argument is impossible.

    Example:
        >>> import pandas as pd
        >>> from tsgen.data import Interactions
        >>> times = pd.to_datetime(["2024-01-01 09:00", "2024-01-01 10:00", "2024-01-03 09:00"])
        >>> table = pd.DataFrame({"user_id": ["a", "a", "b"], "item_id": 1, "timestamp": times})
        >>> days = Interactions.from_frame(table).activity_dataset("D")
        >>> days.series(0).tolist(), days.series(1).tolist()
        ([2.0, 0.0, 0.0], [0.0, 0.0, 1.0])
    """
    _check_choice("start", start, ("log", "first"))
    _check_choice("incomplete", incomplete, ("keep", "drop"))
    _check_choice("target", target, ("count", "value"))
    freq = normalise_freq(freq)
    if target == "value" and events.value is None:
        raise DataError("The log has no values; read it with value='COLUMN', or use 'count'.")
    events = events if until is None else events.before(until)
    if not len(events):
        raise DataError(f"No event lies before until={until}; choose a later time.")
    steps = event_steps(events.time, events.timezone, freq)
    end = int(events.time.max()) + 1 if until is None else events.read_time(until)
    first, stop = _bounds(events, steps, end, freq, incomplete)
    if incomplete == "drop":
        whole = (steps >= first) & (steps < stop)
        events, steps = events.where(whole), steps[whole]
    codes, vocabulary, table = (
        (events.user, events.users, events.user_table)
        if by == "user"
        else (events.item, events.items, events.item_table)
    )
    firsts = np.full(len(vocabulary), first if start == "log" else stop, np.int64)
    if start == "first":
        np.minimum.at(firsts, codes, steps)
    ends = np.full(len(vocabulary), stop, np.int64)
    weights = events.value if target == "value" else None
    values, offsets = count_panel(codes, steps, firsts, ends, freq, weights)
    there = np.flatnonzero(ends > firsts)
    _say_left_out(len(vocabulary) - len(there), by, len(there))
    offsets, firsts = np.append(offsets[there], offsets[-1]), firsts[there]
    mark_skipped(values, offsets, firsts, freq, events.timezone)
    ids = series_ids(vocabulary.ids[there])
    features = static_features(table, there, static, ids, by)
    zone = events.timezone
    return SeriesDataset(values, offsets, firsts, freq, ids, timezone=zone, **features)


def event_steps(times: Integers, timezone: str | None, freq: str) -> Integers:
    """Return the Period ordinal of the step that holds each time, by the wall clock.

    Args:
        times: (n,) microseconds since 1970 UTC.
        timezone: The zone of the wall clock; None is UTC.
        freq: A normalised frequency; steps of several periods begin at multiples since 1970.
    """
    stamps = to_stamps(times, timezone)
    base, size = split_freq(freq)
    ordinals = step_ordinals(stamps.tz_localize(None), base)
    return ordinals if size == 1 else ordinals // size * size


def step_times(steps: Integers, timezone: str | None, freq: str) -> Integers:
    """Return when each step begins, microseconds since 1970 UTC; `steps` of any shape."""
    base, _ = split_freq(freq)
    stamps = step_stamps(steps.ravel(), base, StepLabel())
    if timezone is not None:
        first = np.ones(len(stamps), dtype=bool)
        located = stamps.tz_localize(timezone, ambiguous=first, nonexistent="shift_forward")
        stamps = located.tz_convert("UTC").tz_localize(None)
    return np.asarray(stamps.as_unit("us").asi8).reshape(steps.shape)


def count_panel(
    rows: AnyArray,
    steps: Integers,
    firsts: Integers,
    ends: Integers,
    freq: str,
    weights: Array | None = None,
) -> tuple[Array, Integers]:
    """Count events on a grid of rows and steps.

    Args:
        rows: (events,) the row of each event.
        steps: (events,) its step, not before the row's first and before its end.
        firsts: (n,) the first step of each row.
        ends: (n,) the step after the last one of each row.
        freq: A normalised frequency.
        weights: (events,) what each event counts; None is 1.

    Returns:
        The counts of all rows one after another, and the offsets of the rows (n + 1,).

    Raises:
        DataError: There are too many steps for memory.
    """
    size = split_freq(freq)[1]
    lengths = np.maximum(ends - firsts, 0) // size
    total = int(lengths.sum())
    if total > _LARGEST:
        raise DataError(
            f"{len(lengths):,} series at freq='{freq}' would have {total:,} steps, "
            f"{total * 8 / 1e9:,.0f} GB; at most {_LARGEST:,} steps are possible. Choose a longer "
            "period, start='first', a later begin of the log, or fewer users or items."
        )
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int64)
    place = offsets[rows] + (steps - firsts[rows]) // size
    ones = np.ones(len(place)) if weights is None else weights
    return np.bincount(place, ones, minlength=total).astype(np.float64, copy=False), offsets


def series_ids(ids: pd.Index[Any]) -> tuple[str | int, ...]:
    """Return ids as series can have them: text and whole numbers as they are, others as text."""
    plain = (plain_value(one) for one in ids)
    return tuple(
        one if isinstance(one, str | int) and not isinstance(one, bool) else str(one)
        for one in plain
    )


def mark_skipped(
    values: Array, offsets: Integers, firsts: Integers, freq: str, zone: str | None
) -> None:
    """Make the steps missing, in place, that lie wholly in an hour that the zone skips."""
    if zone is None or not len(values):
        return
    base, size = split_freq(freq)
    ends = firsts + np.diff(offsets) * size
    steps = np.arange(firsts.min(), ends.max(), size)
    begins = step_stamps(steps, base, StepLabel())
    lasts = step_stamps(steps + size, base, StepLabel()) - pd.Timedelta(1, "us")
    gone = nonexistent_times(begins, zone)
    gone[gone] = nonexistent_times(lasts[gone], zone)
    for step in steps[gone]:
        there = (firsts <= step) & (step < ends)
        values[offsets[:-1][there] + (step - firsts[there]) // size] = np.nan


def _bounds(
    events: Interactions, steps: Integers, end: int, freq: str, incomplete: str
) -> tuple[int, int]:
    """Return the first step and the step after the last one."""
    begin = int(events.time.min())
    edges = np.array([begin - 1, begin, end - 1, end])
    before, first, last, after = event_steps(edges, events.timezone, freq).tolist()
    size = split_freq(freq)[1]
    # Where clocks go back, a later time can have an earlier step.
    first, stop = min(first, int(steps.min())), max(last, int(steps.max())) + size
    if incomplete == "drop":
        first += size * (before == first)
        stop -= size * (last == after)
        if stop <= first:
            raise DataError(
                f"The log has no whole period of freq='{freq}'; choose a shorter one, or "
                "incomplete='keep'."
            )
    return first, stop


def _say_left_out(missing: int, by: str, left: int) -> None:
    if not left:
        raise DataError(f"No {by} has an event in a whole period; choose shorter periods.")
    if missing:
        warnings.warn(
            f"{missing} of {missing + left} {by}s have no event and so no first one; they have no "
            "series (start='log' gives them zeros).",
            DataWarning,
            stacklevel=4,
        )


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingsError(
            f"{name}={value!r} is not possible: use {' or '.join(map(repr, choices))}."
        )

"""The grid that the rows of a table lie on: asked for, or inferred; some data have none."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from tsgen.arrays import Integers
from tsgen.errors import DataError, DataWarning

from ..times import (
    StepLabel,
    infer_freq,
    normalise_freq,
    place_on_grid,
    split_freq,
)
from .table_rows import Rows

__all__ = ["OnIrregular", "grid"]

OnIrregular = Literal["error", "floor"]

_TELLING = 8
"""Rows, most of them equally far apart, that are no accident."""
_SEEN, _FAR = 4, 4
"""Rows, all of them so many steps apart, that may be one."""
_MOST = 0.8


def grid(
    rows: Rows, freq: str | None, on_irregular: OnIrregular = "error"
) -> tuple[str, Integers, StepLabel]:
    """Return the frequency, each row's period ordinal, and the label.

    Args:
        rows: Sorted by series and time.
        freq: Asked for; None infers it.
        on_irregular: Whether rows off the grid are refused, or all count for the step they are in.

    Raises:
        DataError: Rows lie off the grid and were not to be floored, or no frequency can be
            inferred.
    """
    asked = freq
    if asked is None:
        likely, _ = infer_freq(rows.stamps, rows.series)
        if likely is None and _is_irregular(rows):
            raise DataError(
                "The times are irregular: no step separates even a tenth of neighbouring rows, so "
                "there is no frequency. Bring the data to a regular step first, for example "
                "table.groupby('item_id').resample('h', on='timestamp')['target'].mean()"
                ".reset_index(), or pass freq= if they are meant to lie on a grid (with "
                "on_irregular='floor' where each row is to count for the step it is in)."
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
    if off.any() and on_irregular == "error":
        _refuse_off_grid(rows, freq, asked, int(off.argmax()), int(off.sum()))
    if off.any():
        ordinals, label = _floored(ordinals, freq, int(off.sum())), StepLabel()
    _refuse_sparse(rows, ordinals, freq, asked)
    if asked is None:
        _refuse_coarser(rows, ordinals, freq)
    return freq, ordinals, label


def _floored(ordinals: Integers, freq: str, count: int) -> Integers:
    """Return the ordinals of the steps of `freq` that the rows are in, and say how many moved."""
    warnings.warn(
        f"{count} of {len(ordinals)} rows are not on the grid of freq='{freq}'; each row counts "
        "for the step it is in (on_irregular='floor').",
        DataWarning,
        stacklevel=5,
    )
    return ordinals - ordinals % split_freq(freq)[1]


def _is_irregular(rows: Rows) -> bool:
    """Whether some series has two times a second or more apart."""
    steps = np.diff(rows.stamps.asi8)[np.diff(rows.series) == 0]
    return bool((steps >= 10**9).any())


def _refuse_off_grid(rows: Rows, freq: str, asked: str | None, i: int, count: int) -> None:
    likely = freq if asked is None else infer_freq(rows.stamps, rows.series)[0]
    message = f"{rows.where(i)} is not on the grid of freq='{freq}'; {count} rows are not."
    if asked is not None and likely not in {None, freq}:
        message += f" The most common step looks like freq='{likely}'."
    elif asked is None:
        message += " That is the most common step of the data."
    message += (
        " Correct these times, pass another freq, or on_irregular='floor' if each row is to count "
        "for the step it is in."
    )
    if split_freq(freq)[0][0] in "MQY":
        message += (
            " If each row stands for its period, whichever day it names (as business month ends "
            f"do), give periods: timestamp.dt.to_period('{freq}')."
        )
    if rows.zone is not None:
        message += f" (Times are wall clock of {rows.zone}.)"
    raise rows.error(i, message)


def _refuse_sparse(rows: Rows, ordinals: Integers, freq: str, asked: str | None) -> None:
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


def _refuse_coarser(rows: Rows, ordinals: Integers, freq: str) -> None:
    """Refuse a series of a coarser step among finer ones: daily rows would be hours with gaps.

    Warns:
        DataWarning: Series look so that have too few rows to be sure.
    """
    step = split_freq(freq)[1]
    firsts = np.flatnonzero(np.diff(rows.series, prepend=-1))
    counts = np.diff(np.append(firsts, len(ordinals)))
    gaps = np.diff(ordinals) // step
    doubtful = []
    for first, count in zip(firsts.tolist(), counts.tolist(), strict=True):
        own = gaps[first : first + count - 1]
        if count < _SEEN or own[0] == 1 or not _is_coarser(own):
            continue
        if count >= _TELLING:
            raise rows.error(
                first,
                f"{_coarser(rows, first, int(np.gcd.reduce(own)), freq)}. Read series of another "
                "step from a table of their own, or say freq= if the rows between are missing.",
            )
        if len(set(own)) == 1 and own[0] >= _FAR:
            doubtful.append((first, int(own[0])))
    if doubtful:
        more = f" ({len(doubtful)} series are so)" if len(doubtful) > 1 else ""
        warnings.warn(
            f"{_coarser(rows, *doubtful[0], freq)}{more}. If it is of another step, read it from a "
            "table of its own; the rows between count as missing.",
            DataWarning,
            stacklevel=5,
        )


def _is_coarser(gaps: Integers) -> bool:
    """Whether rows lie on a coarser grid, most of whose steps are there."""
    common = np.gcd.reduce(gaps)
    return bool(common > 1 and (gaps == common).mean() >= _MOST)


def _coarser(rows: Rows, first: int, gap: int, freq: str) -> str:
    return (
        f"Series {rows.ids[rows.series[first]]!r} has a row every {gap} steps of freq='{freq}', "
        "the step of most series, and none between"
    )

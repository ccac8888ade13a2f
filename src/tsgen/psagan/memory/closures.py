"""Phases of the day, week or year at which a series is always the same: missing, or at one value.

Shops are closed at night and count nothing; the power of the sun is then 0, every night.

Shape legend: n series, P phases of a cycle, K levels, R series to draw, T steps.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import AnyArray, Array, Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.data.series import split_freq

__all__ = ["CLOSED", "RESTING", "kinds_at", "phases_of", "uncontradicted"]

CLOSED, RESTING = 1, 2
"""Kinds of a phase: 0 varies, 1 is always missing, 2 + k is always at level k."""

_CYCLES = {"min": (10_080, 1_440), "h": (168, 24), "D": (7,), "B": (5,), "M": (12,), "Q": (4,)}
"""Period ordinals of the cycles looked at, the longest first."""
_ROUNDING = 1e-6
_LEAST_CLOSED, _LEAST_RESTING = 2, 4
"""Visits of a phase, at least."""
_MISTAKES = 0.01
"""How many phases of a series may be expected to be the same every time by accident."""


def phases_of(dataset: SeriesDataset, levels: Array) -> AnyArray:
    """Return of which kind each phase of the longest cycle is, (n, P); P is 0 without a cycle.

    A phase is always missing, or at a level, if it came often enough for that to be no accident of
    what other phases are: at least twice, or four times, and oftener the more of the values at
    other phases, or at this hour of other days, are so. Where a week came too seldom, whatever is
    so at an hour of all days counts.

    Args:
        dataset: The series.
        levels: (n, K), values that a phase may always be at; NaN is none.
    """
    base, stride = split_freq(dataset.freq)
    cycles = [c // stride for c in _CYCLES.get(base.split("-")[0], ()) if c % stride == 0]
    if not cycles:
        return np.zeros((len(dataset), 0), np.int8)
    phases = np.zeros((len(dataset), cycles[0]), np.int8)
    for row in range(len(dataset)):
        values = dataset.series(row)
        first = int(dataset.starts[row]) // stride
        missing = np.isnan(values)
        for k, level in reversed(list(enumerate(levels[row]))):
            if np.isfinite(level):
                away = ~missing & (values != level)
                phases[row, _never(away, ~missing, first, cycles, _LEAST_RESTING)] = RESTING + k
        if missing.any():
            steps = np.ones_like(missing)
            phases[row, _never(~missing, steps, first, cycles, _LEAST_CLOSED)] = CLOSED
    return phases


def kinds_at(
    phases: AnyArray, rows: Integers, starts: Integers, length: int, stride: int
) -> AnyArray:
    """Return of which kind each of `length` steps of series is, (R, T).

    Args:
        phases: As `phases_of` returns them.
        rows: (R,), whose phases.
        starts: (R,), Period ordinal of each first step.
        length: T.
        stride: Period ordinals from one step to the next.
    """
    if phases.shape[1] == 0 or not phases[rows].any():
        return np.zeros((len(rows), length), np.int8)
    places = (starts[:, None] // stride + np.arange(length)) % phases.shape[1]
    return np.asarray(phases[rows[:, None], places])


def uncontradicted(phases: AnyArray, levels: Array, dataset: SeriesDataset) -> AnyArray:
    """Return phases (n, P) that vary where n series have another value than they rest at.

    Args:
        phases: As `phases_of` returned them for earlier data of the series.
        levels: (n, K), the values they rest at.
        dataset: What is given now; its values may be rounded to float32.
    """
    phases, stride = phases.copy(), split_freq(dataset.freq)[1]
    for row in np.flatnonzero((phases >= RESTING).any(axis=1)):
        values = dataset.series(int(row))
        places = (int(dataset.starts[row]) // stride + np.arange(len(values))) % phases.shape[1]
        kinds = phases[row, places]
        level = levels[row, np.maximum(kinds - RESTING, 0)]
        other = np.isfinite(values) & (np.abs(values - level) > _ROUNDING * np.abs(level))
        phases[row, places[(kinds >= RESTING) & other]] = 0
    return phases


def _never(seen: Mask, counted: Mask, first: int, cycles: list[int], least: int) -> Mask:
    """Return the phases of the longest cycle at which nothing of what counts is `seen`, (P,).

    Cycles are tried in order.
    """
    steps = first + np.arange(len(seen))
    for cycle in cycles:
        visits = np.bincount(steps % cycle, weights=counted, minlength=cycle)
        values = np.bincount(steps % cycle, weights=seen, minlength=cycle)
        open_, visited = values > 0, visits > 0
        if not open_.any():
            break
        others = 1 - values[open_].sum() / visits[open_].sum()
        if (visits[visited] >= _needed(others, cycle, least)).all():
            by_hour = (
                np.tile(part.reshape(-1, cycles[-1]).sum(axis=0), cycle // cycles[-1])
                for part in (values * open_, visits * open_)
            )
            came, could = by_hour  # at this hour of other days
            usual = np.where(could > 0, 1 - came / np.maximum(could, 1), 0.0)
            sure = visits >= _needed(usual, cycle, least)
            return np.asarray(np.tile(visited & ~open_ & sure, cycles[0] // cycle))
    return np.zeros(cycles[0], bool)


def _needed(share: Array | float, cycle: int, least: int) -> Array:
    """Return visits of a phase by which it is no accident that `share` was all there was."""
    few = np.clip(share, 1e-9, 1 - 1e-9)
    return np.asarray(np.maximum(least, np.log(_MISTAKES / cycle) / np.log(few)))

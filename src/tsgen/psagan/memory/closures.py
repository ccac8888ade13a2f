"""Hours that are always missing: a phase of the day or week at which a series never has a value.

Shape legend: n series, P phases of a cycle, R series to draw, T steps.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.data.series import split_freq

__all__ = ["closed_at", "closed_phases"]


_CYCLES = {"min": (10_080, 1_440), "h": (168, 24), "D": (7,), "B": (5,), "M": (12,), "Q": (4,)}
"""Period ordinals of the cycles looked at, the longest first."""
_MISTAKES = 0.01
"""How many phases of a series may be expected to be missing every time by accident."""


def closed_phases(dataset: SeriesDataset) -> Mask:
    """Return which phases of the longest cycle are always missing, (n, P); P is 0 without a cycle.

    A phase counts if it came often enough for that to be no accident of the gaps elsewhere: at
    least twice, and oftener the more values are missing at other phases. Where a week came too
    seldom, whatever is missing at an hour of all days counts.
    """
    base, stride = split_freq(dataset.freq)
    cycles = [c // stride for c in _CYCLES.get(base.split("-")[0], ()) if c % stride == 0]
    if not cycles:
        return np.zeros((len(dataset), 0), bool)
    closed = np.zeros((len(dataset), cycles[0]), bool)
    observed = np.isfinite(dataset.values)
    begins, ends = dataset.offsets[:-1], dataset.offsets[1:]
    for row in np.flatnonzero(~np.logical_and.reduceat(observed, begins)):
        seen = observed[begins[row] : ends[row]]
        first = int(dataset.starts[row]) // stride
        closed[row] = _of_series(seen, first, cycles)
    return closed


def closed_at(closed: Mask, rows: Integers, starts: Integers, length: int, stride: int) -> Mask:
    """Return which of `length` steps of series are closed, (R, T).

    Args:
        closed: As `closed_phases` returns them.
        rows: (R,), whose phases.
        starts: (R,), Period ordinal of each first step.
        length: T.
        stride: Period ordinals from one step to the next.
    """
    if closed.shape[1] == 0 or not closed[rows].any():
        return np.zeros((len(rows), length), bool)
    phases = (starts[:, None] // stride + np.arange(length)) % closed.shape[1]
    return np.asarray(closed[rows[:, None], phases])


def _of_series(seen: Mask, first: int, cycles: list[int]) -> Mask:
    """Return the closed phases of one series in its longest cycle; cycles are tried in order."""
    steps = first + np.arange(len(seen))
    for cycle in cycles:
        visits = np.bincount(steps % cycle, minlength=cycle)
        values = np.bincount(steps % cycle, weights=seen, minlength=cycle)
        open_ = values > 0
        if not open_.any():
            break
        gaps = 1 - values[open_].sum() / visits[open_].sum()
        needed = 2 if gaps == 0 else max(2, np.log(_MISTAKES / cycle) / np.log(gaps))
        if (visits >= needed).all():
            return np.asarray(np.tile(~open_, cycles[0] // cycle))
    return np.zeros(cycles[0], bool)

"""Forecast windows of series, scaled by their past: what the reference forecasters learn from.

Shape legend: N steps of all series together, W windows, C context steps, L steps to forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsgen.arrays import AnyIntegers, Array, Integers, Mask
from tsgen.data import SeriesDataset

__all__ = ["ForecastWindows", "rolling_windows", "training_windows"]

_FLOOR = 0.1
"""Least scale of a window, in mean absolute values of its series."""


@dataclass(frozen=True)
class ForecastWindows:
    """Places in flat values at which a future of L steps begins.

    Attributes:
        values: (N,), all series one after another, NaN = missing.
        begins: (W,), flat index of each future's first step.
        firsts: (W,), flat index of the first step of its series; contexts do not reach before it.
        floors: (W,), least scale.
        series: (W,), position of its series in the dataset.
        context_length: C.
        prediction_length: L.
    """

    values: Array
    begins: Integers
    firsts: Integers
    floors: Array
    series: Integers
    context_length: int
    prediction_length: int

    def __len__(self) -> int:
        return len(self.begins)

    def take(self, chosen: AnyIntegers | Mask) -> ForecastWindows:
        """Return some of the windows."""
        parts = (self.begins[chosen], self.firsts[chosen], self.floors[chosen], self.series[chosen])
        return ForecastWindows(self.values, *parts, self.context_length, self.prediction_length)

    def read(self) -> tuple[Array, Array, Array]:
        """Return contexts (W, C) and futures (W, L) over their scale, and the scale (W,).

        The scale is the mean absolute value of the observed context, at least a tenth of the
        series' own. Missing context steps have the context's mean; missing futures are NaN.
        """
        steps = np.arange(-self.context_length, self.prediction_length)
        places = self.begins[:, None] + steps
        outside = places < self.firsts[:, None]
        both = np.where(outside, np.nan, self.values[np.where(outside, 0, places)])
        past, future = both[:, : self.context_length], both[:, self.context_length :]
        observed = ~np.isnan(past)
        counts = np.maximum(observed.sum(axis=1), 1)
        zeroed = np.where(observed, past, 0.0)
        scale = np.maximum(np.abs(zeroed).sum(axis=1) / counts, self.floors)
        mean = zeroed.sum(axis=1) / counts
        filled = np.where(observed, past, mean[:, None])
        return filled / scale[:, None], future / scale[:, None], scale

    @staticmethod
    def concat(parts: Sequence[ForecastWindows]) -> ForecastWindows:
        """Put the windows of several datasets one after another."""
        shifts = np.cumsum([0, *(len(part.values) for part in parts[:-1])])
        moved = [
            (part.begins + shift, part.firsts + shift, part.floors, part.series)
            for part, shift in zip(parts, shifts, strict=True)
        ]
        begins, firsts, floors, series = (np.concatenate(c) for c in zip(*moved, strict=True))
        first = parts[0]
        values = np.concatenate([part.values for part in parts])
        lengths = first.context_length, first.prediction_length
        return ForecastWindows(values, begins, firsts, floors, series, *lengths)


def training_windows(
    dataset: SeriesDataset, context_length: int, prediction_length: int, *, stride: int = 1
) -> ForecastWindows:
    """Return every window whose future lies within its series, after at least L steps of past.

    Windows are counted from each series' end; those with no observed future or past are left out.

    Args:
        dataset: The series.
        context_length: C.
        prediction_length: L.
        stride: Steps between two futures of a series.
    """
    counts = np.maximum((dataset.lengths - 2 * prediction_length) // stride + 1, 0)
    rows = np.repeat(np.arange(len(dataset)), counts)
    back = np.arange(len(rows)) - np.repeat(counts.cumsum() - counts, counts)
    begins = dataset.lengths[rows] - prediction_length - back * stride
    return _windows(dataset, rows, begins, context_length, prediction_length)


def rolling_windows(
    dataset: SeriesDataset, context_length: int, prediction_length: int, num_windows: int
) -> ForecastWindows:
    """Return the last `num_windows` futures of each series, those of a series in order of time."""
    rows = np.repeat(np.arange(len(dataset)), num_windows)
    back = np.tile(np.arange(num_windows, 0, -1), len(dataset))
    begins = dataset.lengths[rows] - back * prediction_length
    return _windows(dataset, rows, begins, context_length, prediction_length, keep_all=True)


def _windows(
    dataset: SeriesDataset,
    rows: Integers,
    begins: Integers,
    context_length: int,
    prediction_length: int,
    *,
    keep_all: bool = False,
) -> ForecastWindows:
    values, first = dataset.values, dataset.offsets[rows]
    places = first + begins
    seen = np.concatenate([[0], np.cumsum(~np.isnan(values))])
    future = seen[places + prediction_length] - seen[places]
    past = seen[places] - seen[np.maximum(places - context_length, first)]
    kept = np.full(len(rows), keep_all) | ((future > 0) & (past > 0))
    absolute = np.concatenate([[0.0], np.nancumsum(np.abs(values))])
    level = np.diff(absolute[dataset.offsets]) / np.maximum(np.diff(seen[dataset.offsets]), 1)
    floors = np.maximum(_FLOOR * level[rows], np.finfo(np.float32).tiny)
    whole = ForecastWindows(values, places, first, floors, rows, context_length, prediction_length)
    return whole if kept.all() else whole.take(kept)

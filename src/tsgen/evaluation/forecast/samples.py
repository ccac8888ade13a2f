"""How a synthesizer's series are made, filled in or forecast with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from gluonts.model.forecast import SampleForecast

from tsgen.arrays import Array, Integers
from tsgen.contracts import SeriesSampler
from tsgen.curation import draw_sources
from tsgen.data import SeriesDataset
from tsgen.data.series import periods, split_freq

from .regime_windows import TestWindows

__all__ = ["draw_forecasts", "draw_over", "draw_series"]

_SAMPLES = 100
_CHUNK = 20


def draw_series(
    model: SeriesSampler, training: Any, ratio: float, seed: int, constraints: Any
) -> Any:
    """Return round(ratio * series) synthetic series, each with the length and calendar of one.

    Entries of several channels give entries of several channels.
    """
    rows = draw_sources(len(training), ratio, seed)
    starts, lengths = training.starts[rows], training.lengths[rows]
    return model.sample_after(training, rows, starts, lengths, constraints=constraints, seed=seed)


def draw_over(
    model: SeriesSampler,
    seen: SeriesDataset,
    training: SeriesDataset,
    rows: Integers,
    seed: int,
    constraints: Any,
) -> Array:
    """Return the values of `seen`, the missing ones of the series `rows` from one draw of each.

    Args:
        model: What draws.
        seen: The series to fill.
        training: Their training parts, from which the model takes level and spread of new series.
        rows: (R,), positions of the series to fill.
        seed: Same seed, same values.
        constraints: As the model takes them.
    """
    gaps = np.add.reduceat(np.isnan(seen.values), seen.offsets[:-1])
    rows = rows[gaps[rows] > 0]
    if not len(rows):
        return seen.values
    drawn = model.sample_after(
        training, rows, seen.starts[rows], seen.lengths[rows], constraints=constraints, seed=seed
    )
    values = seen.values.copy()
    places = np.concatenate([np.arange(*seen.offsets[[i, i + 1]]) for i in rows])
    missing = np.isnan(values[places])
    values[places[missing]] = drawn.values[missing]
    return values


def draw_forecasts(
    model: SeriesSampler, windows: TestWindows, training: SeriesDataset, seed: int, constraints: Any
) -> Iterator[SampleForecast]:
    """Yield samples at each window's time as its forecast; `training` as in `draw_over`."""
    stride = split_freq(training.freq)[1]
    for chunk in range(0, len(windows.rows), _CHUNK):
        rows = windows.rows[chunk : chunk + _CHUNK]
        starts = training.starts[rows] + windows.begins[chunk : chunk + _CHUNK] * stride
        drawn = model.sample_after(
            training,
            np.repeat(rows, _SAMPLES),
            np.repeat(starts, _SAMPLES),
            np.full(_SAMPLES * len(rows), windows.length),
            constraints=constraints,
            seed=seed + chunk,
        )
        samples = drawn.values.reshape(len(rows), _SAMPLES, windows.length)
        for row, time, sample in zip(rows, periods(starts, training.freq), samples, strict=True):
            yield SampleForecast(sample, start_date=time, item_id=str(training.item_ids[row]))

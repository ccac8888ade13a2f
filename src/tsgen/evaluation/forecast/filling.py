"""Plain ways to fill missing steps, which look at nothing that comes later."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tsgen.arrays import Array
from tsgen.data import SeriesDataset

__all__ = ["FILLINGS", "moving_average", "seasonal_fill"]

_WINDOW = 10


def moving_average(dataset: SeriesDataset, season: int = 1) -> Array:
    """Fill each missing step with the mean of the 10 before it, filled ones included.

    Steps before a series' first value get the mean of its first 10 observed ones; a series without
    any stays missing. The paper's filling of DeepAR's lags (section 4.2 there).
    """
    return _filled(dataset, lambda table, t: table[max(0, t - _WINDOW) : t].mean(axis=0))


def seasonal_fill(dataset: SeriesDataset, season: int = 1) -> Array:
    """Fill each missing step with the step one season before; the first season as the above."""
    return _filled(
        dataset,
        lambda table, t: (
            table[t - season] if t >= season else table[max(0, t - _WINDOW) : t].mean(axis=0)
        ),
    )


FILLINGS: dict[str, Callable[[SeriesDataset, int], Array]] = {
    "moving_average": moving_average,
    "seasonal_fill": seasonal_fill,
}


def _filled(dataset: SeriesDataset, guess: Callable[[Array, int], Array]) -> Array:
    """Go through time once, for all series together: (longest, series), padded with NaN."""
    owner = np.repeat(np.arange(len(dataset)), dataset.lengths)
    step = np.arange(dataset.values.size) - dataset.offsets[:-1][owner]
    table = np.full((int(dataset.lengths.max()), len(dataset)), np.nan)
    table[step, owner] = dataset.values
    start = _first_values(table)
    for t in range(len(table)):
        missing = np.isnan(table[t])
        if missing.any():
            fresh = start if t == 0 else guess(table, t)
            table[t, missing] = fresh[missing]
    filled: Array = table[step, owner]
    return filled


def _first_values(table: Array) -> Array:
    """Return the mean of each column's first 10 observed values, NaN if there are none."""
    observed = ~np.isnan(table)
    early = observed & (observed.cumsum(axis=0) <= _WINDOW)
    counts = early.sum(axis=0)
    sums = np.where(early, table, 0.0).sum(axis=0)
    first: Array = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return first

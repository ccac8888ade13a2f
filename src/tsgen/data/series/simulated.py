"""A toy panel with known structure, for tests, examples and a first look."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.errors import SettingsError
from tsgen.rng import numpy_stream, resolve_seed

from .dataset import SeriesDataset
from .times import normalise_freq, split_freq, start_period

__all__ = ["simulate_series"]

_SECONDS = {"s": 1, "min": 60, "h": 3_600, "D": 86_400}
_DAY, _WEEK = 86_400, 604_800
_SEASONS = {
    "B": (5.0, 260.0),
    "W": (52.0, 13.0),
    "M": (12.0, 6.0),
    "Q": (4.0, 8.0),
    "Y": (7.0, 11.0),
}


def simulate_series(
    num_series: int, length: int, freq: str = "h", *, seed: int | None = 0
) -> SeriesDataset:
    """Draw positive series with two seasons, levels over several orders of magnitude, and noise.

    Series i is `level * exp(first season + second season + noise)`. The seasons are a day and a
    week below a day's step, a week and a year for "D", and the usual ones above ("M": 12 steps).
    Levels are log-uniform from 1 to 10,000; each series has its own amplitudes and phases; the
    noise is autoregressive with a standard deviation of about 0.1. Nothing is missing.

    Args:
        num_series: How many series.
        length: Steps of each.
        freq: Their frequency; all start on 2024-01-01.
        seed: The same seed gives the same series.

    Raises:
        SettingsError: A number is below 1, or the frequency is impossible.

    Example:
        >>> from tsgen.data import simulate_series
        >>> simulate_series(3, 48, seed=7)
        SeriesDataset(3 series, 144 steps, freq='h')
    """
    for name, number in (("num_series", num_series), ("length", length)):
        if number < 1:
            raise SettingsError(f"{name}={number!r} is not possible: use a whole number from 1.")
    freq = normalise_freq(freq)
    random = numpy_stream(resolve_seed(seed), "simulated")
    level = 10 ** random.uniform(0, 4, (num_series, 1))
    logarithm = _noise(random, num_series, length)
    for period, amplitude in zip(_seasons(freq), (0.5, 0.25), strict=True):
        size = amplitude * random.uniform(0.5, 1.5, (num_series, 1))
        phase = random.normal(0.0, 0.5, (num_series, 1))
        logarithm += size * np.sin(2 * np.pi * np.arange(length) / period + phase)
    return SeriesDataset(
        values=(level * np.exp(logarithm)).ravel(),
        offsets=np.arange(num_series + 1) * length,
        starts=np.full(num_series, start_period(pd.Timestamp("2024-01-01"), freq).ordinal),
        freq=freq,
        item_ids=tuple(f"series-{i}" for i in range(num_series)),
    )


def _seasons(freq: str) -> tuple[float, float]:
    """Return the lengths of the two seasons, in steps."""
    base, count = split_freq(freq)
    if base == "D":
        return 7 / count, 365.25 / count
    if base in _SECONDS:
        step = _SECONDS[base] * count
        return _DAY / step, _WEEK / step
    first, second = _SEASONS[base[0]]
    return first / count, second / count


def _noise(random: np.random.Generator, num_series: int, length: int) -> Array:
    """Return autoregressive noise with coefficient 0.7, shape (series, length)."""
    noise = random.normal(0.0, 0.07, (num_series, length))
    for t in range(1, length):  # each step needs the one before
        noise[:, t] += 0.7 * noise[:, t - 1]
    return noise

"""Twenty-two plain features of a window: what the tree judge and the feature distance see."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, Mask, as_rows
from tsgen.metrics import autocorrelation

__all__ = ["SHAPE_FEATURES", "window_features"]

SHAPE_FEATURES = (
    "mean",
    "deviation",
    "skewness",
    "kurtosis",
    "median_position",
    "quartile_width",
    "share_above_mean",
    "autocorrelation_1",
    "autocorrelation_2",
    "autocorrelation_eighth",
    "autocorrelation_quarter",
    "power_low",
    "power_high",
    "spectral_centroid",
    "spectral_entropy",
    "step_deviation",
    "largest_step",
    "repeated_values",
    "turning_points",
    "longest_run_above_mean",
    "longest_rise",
    "trend",
)


def window_features(windows: npt.ArrayLike) -> Array:
    """Return the features of each window, in the order of `SHAPE_FEATURES`.

    All but the first two describe shape and ignore level and unit. A constant window has 0 for
    every feature that its lack of spread leaves undefined.

    Args:
        windows: (n, L), L >= 8.

    Returns:
        (n, 22).

    Raises:
        DataError: Missing values, or windows shorter than 8.
    """
    rows = as_rows(windows, "windows", min_width=8)
    mean = rows.mean(axis=1)
    varies = np.ptp(rows, axis=1) > 0
    deviation = np.where(varies, rows.std(axis=1), 0.0)
    safe = np.where(varies, deviation, 1.0)[:, None]
    standard = np.where(varies[:, None], (rows - mean[:, None]) / safe, 0.0)
    columns = [
        mean,
        deviation,
        *_shape(standard),
        *_memory(rows),
        *_frequencies(standard),
        *_steps(standard),
        *_runs(standard),
    ]
    return np.column_stack(columns)


def _shape(standard: Array) -> list[Array]:
    """Return skewness, kurtosis, median position, quartile width, share above the mean."""
    low, first, median, third, high = np.quantile(standard, [0, 0.25, 0.5, 0.75, 1], axis=1)
    span = np.where(high > low, high - low, 1.0)
    return [
        (standard**3).mean(axis=1),
        (standard**4).mean(axis=1),
        (median - low) / span,
        (third - first) / span,
        (standard > 0).mean(axis=1),
    ]


def _memory(rows: Array) -> list[Array]:
    """Return the autocorrelation at lags 1, 2, L/8 and L/4."""
    length = rows.shape[1]
    lags = [1, 2, max(3, length // 8), max(4, length // 4)]
    correlations = autocorrelation(rows, max(lags))
    return [correlations[:, lag - 1] for lag in lags]


def _frequencies(standard: Array) -> list[Array]:
    """Return the shares of power below 1/16 and above 1/4, the centroid and the entropy."""
    power = np.abs(np.fft.rfft(standard, axis=1)[:, 1:]) ** 2
    total = power.sum(axis=1, keepdims=True)
    share = np.divide(power, total, out=np.zeros_like(power), where=total > 0)
    frequency = np.arange(1, power.shape[1] + 1) / standard.shape[1]
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    return [
        share @ (frequency <= 1 / 16),
        share @ (frequency > 1 / 4),
        share @ frequency,
        -(share * logs).sum(axis=1) / np.log(power.shape[1]),
    ]


def _steps(standard: Array) -> list[Array]:
    """Return the steps' deviation, largest size, share of zeros, and share of turning points."""
    steps = np.diff(standard, axis=1)
    turns = steps[:, 1:] * steps[:, :-1] < 0
    return [
        steps.std(axis=1),
        np.abs(steps).max(axis=1),
        (steps == 0).mean(axis=1),
        turns.mean(axis=1),
    ]


def _runs(standard: Array) -> list[Array]:
    """Return the longest runs above the mean and of rises, over L; the correlation with time."""
    length = standard.shape[1]
    time = np.arange(length) - (length - 1) / 2
    return [
        _longest_run(standard > 0) / length,
        _longest_run(np.diff(standard, axis=1) > 0) / length,
        standard @ (time / time.std()) / length,
    ]


def _longest_run(flags: Mask) -> Array:
    """Return the length of each row's longest run of True."""
    places = np.arange(1, flags.shape[1] + 1)
    last_false = np.maximum.accumulate(np.where(flags, 0, places), axis=1)
    longest: Array = (places - last_false).max(axis=1).astype(np.float64)
    return longest

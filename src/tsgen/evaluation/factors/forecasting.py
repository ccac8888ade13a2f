"""Is a forecaster that also saw made windows better on combinations of factors nobody saw?

Shape legend: N windows, L steps, P of them known, H to be forecast, R features.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array
from tsgen.rng import numpy_stream

__all__ = ["CONTEXT_SHARE", "change", "forecast_errors"]

CONTEXT_SHARE = 0.75
"""Share of a window that is known; the rest is forecast."""
_HIDDEN, _SEEDS = 384, 4
_PENALTY = 1e-3
"""Of the squared weights, for each training window."""


def forecast_errors(training: Array, test: Array, seed: int) -> Array:
    """Return the mean squared error (M,) of forecasts of the test windows (M, L).

    The known part of a window, in deviations of it, goes through a random layer, and ridge
    regression on what comes out gives the rest (random features: Rahimi and Recht 2008), so that
    the answer is exact and no luck of a training. The mean over a few random layers.
    """
    errors = [_errors_of(training, test, seed, number) for number in range(_SEEDS)]
    mean: Array = np.mean(errors, axis=0)
    return mean


def change(errors: Array, alone: Array) -> tuple[float, float, float]:
    """Return the relative change of the mean error, and its 95 % interval over the test windows.

    Args:
        errors: (M,), with made windows.
        alone: (M,), with real windows alone, of the same test windows.
    """
    difference = errors - alone
    centre, base = difference.mean(), alone.mean()
    half = 1.96 * difference.std(ddof=1) / np.sqrt(len(difference))
    return float(centre / base), float((centre - half) / base), float((centre + half) / base)


def _errors_of(training: Array, test: Array, seed: int, number: int) -> Array:
    context = round(CONTEXT_SHARE * training.shape[1])
    random = numpy_stream(seed, "forecaster", number)
    layer = random.normal(size=(context + 1, _HIDDEN)) / np.sqrt(context)
    past, future, _ = _scaled(training, context)
    features = _features(past, layer)
    normal = features.T @ features + _PENALTY * len(past) * np.eye(features.shape[1])
    weights = np.linalg.solve(normal, features.T @ future)
    past, future, spread = _scaled(test, context)
    misses = (_features(past, layer) @ weights - future) * spread
    errors: Array = (misses**2).mean(axis=1)
    return errors


def _features(past: Array, layer: Array) -> Array:
    """Return 1, the past itself and the random layer's outputs, (N, R)."""
    whole = np.concatenate([np.ones((len(past), 1)), past], axis=1)
    return np.concatenate([whole, np.tanh(2 * whole @ layer)], axis=1)


def _scaled(windows: Array, context: int) -> tuple[Array, Array, Array]:
    """Return past (N, P) and future (N, H) in deviations of the past, and those (N, 1)."""
    past = windows[:, :context]
    centre, spread = past.mean(axis=1, keepdims=True), past.std(axis=1, keepdims=True)
    scaled = (windows - centre) / spread
    return scaled[:, :context], scaled[:, context:], spread

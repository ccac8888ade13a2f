"""GluonTS forecasts of counts: their means, and what they expect in a stretch of time."""

from __future__ import annotations

from typing import Any

import numpy as np
from gluonts.model import Forecast, Predictor, QuantileForecast

from tsgen.arrays import Array, Integers
from tsgen.data.events import span_text, step_times
from tsgen.data.series import split_freq
from tsgen.errors import DataError, SettingsError
from tsgen.rng import global_seed, seed_argument

__all__ = ["mean_forecasts", "steps_in_horizon", "time_weights"]

_CLOCK_CHANGE = 3_600_000_000
"""Microseconds that days may be short of 24 hours."""


def mean_forecasts(predictor: Predictor, dataset: Any, seed: int) -> Array:
    """Return the mean forecast of each series, negative ones as 0, shape (series, steps).

    Raises:
        DataError: A forecast has no mean, is not finite or of another length, or one is missing.
    """
    with global_seed(seed):
        forecasts = predictor.predict(dataset, **seed_argument(predictor.predict, seed))
        rows = [_mean(forecast) for forecast in forecasts]
    wanted = (len(dataset), predictor.prediction_length)
    if len(rows) != wanted[0] or any(row.shape != wanted[1:] for row in rows):
        raise DataError(
            f"{type(predictor).__name__} gave {len(rows)} forecasts for {wanted[0]} series, or not "
            f"{wanted[1]} steps each; a forecaster of one number a step is needed."
        )
    means = np.stack(rows)
    if not np.isfinite(means).all():
        row = int((~np.isfinite(means)).any(axis=1).argmax())
        item_id = [entry["item_id"] for entry in dataset][row]
        raise DataError(
            f"{type(predictor).__name__} gave a forecast that is not finite for {item_id!r}; use a "
            "forecaster that copes with short series of zeros.",
            item_id=item_id,
        )
    return np.maximum(means, 0.0)


def _mean(forecast: Forecast) -> Array:
    if isinstance(forecast, QuantileForecast) and "mean" not in forecast.forecast_keys:
        raise DataError(
            "The forecaster gives quantiles without a mean, and the median of a sparse count is 0; "
            "use one that gives samples, a distribution or a 'mean'."
        )
    return np.asarray(forecast.mean, np.float64)


def time_weights(
    first: int, num_steps: int, freq: str, timezone: str | None, times: Integers
) -> Array:
    """Return what part of each forecast step lies between two times.

    The events of a step are spread evenly over it. Before the forecast there are none; after it,
    they go on at its mean rate.

    Args:
        first: Period ordinal of the first step.
        num_steps: P, the steps of the forecast.
        freq: A normalised frequency.
        timezone: The zone whose wall clock the steps follow.
        times: (m + 1,) rising, microseconds since 1970 UTC.

    Returns:
        (P, m): mean forecasts (series, P) @ these weights are expected events (series, m).
    """
    steps = first + np.arange(num_steps + 1) * split_freq(freq)[1]
    edges = step_times(steps, timezone, freq).astype(np.float64)
    lengths = np.maximum(np.diff(edges), 1.0)  # a skipped hour has no time
    passed = np.clip((times - edges[:-1, None]) / lengths[:, None], 0.0, 1.0)
    passed += np.maximum(times - edges[-1], 0.0) / (edges[-1] - edges[0])
    return np.diff(passed, axis=1)


def steps_in_horizon(
    predictor: Predictor, first: int, freq: str, timezone: str | None, horizon: int
) -> int:
    """Return how many forecast steps from `first` on the horizon (microseconds) takes, rounded.

    Raises:
        SettingsError: The forecast does not reach that far, or does not begin at once.
    """
    num_steps = predictor.prediction_length
    if predictor.lead_time:
        raise SettingsError(
            f"The forecaster has lead_time={predictor.lead_time}; it must begin at once (0)."
        )
    ends = first + np.array([0, num_steps]) * split_freq(freq)[1]
    reach = int(np.diff(step_times(ends, timezone, freq))[0])
    needed = horizon / reach * num_steps
    if reach < horizon - _CLOCK_CHANGE:
        raise SettingsError(
            f"The forecaster reaches {num_steps} steps of '{freq}' ({span_text(reach)}), the "
            f"horizon is {span_text(horizon)}; give it a prediction_length of {np.ceil(needed):g}."
        )
    return max(int(np.rint(needed)), 1)

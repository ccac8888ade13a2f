"""Forecast errors by `gluonts.ev`, kept apart by series so that series can be resampled.

Shape legend: n windows, L steps of a window, S scored series.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from gluonts.ev.metrics import MASE, MSE, SumAbsoluteLabel, SumQuantileLoss
from gluonts.ev.ts_stats import seasonal_error

from tsgen.arrays import Array
from tsgen.errors import DataError

from .regime_windows import TestWindows

__all__ = ["LEVELS", "METRICS", "metric_of", "score_forecasts"]

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
METRICS = ("mean_weighted_quantile_loss", "mase", "nrmse")
_PARTS = (
    "quantile_loss",
    "absolute_label",
    "squared_error",
    "count",
    "scaled_error",
    "scaled_count",
)


def score_forecasts(
    forecasts: Iterable[Any], windows: TestWindows, season: int
) -> dict[str, Array]:
    """Return what the metrics are made of, summed over the windows of each series, (S,) each.

    Missing labels count nowhere. A window whose history repeats itself exactly from season to
    season has no scale, and is left out of MASE.

    Args:
        forecasts: One GluonTS forecast a window.
        windows: The windows over the truth, those of a series one after another.
        season: Steps of a season, for MASE.

    Raises:
        DataError: A forecast is missing, or has a NaN.
    """
    made = list(forecasts)
    if len(made) != len(windows.rows):
        raise DataError(f"{len(made)} forecasts came for {len(windows.rows)} windows.")
    label = np.ma.masked_invalid(windows.truth)
    data: dict[str, Any] = {"label": label, "seasonal_error": _seasonal_errors(windows, season)}
    for name in ("mean", *map(str, LEVELS)):
        data[name] = np.stack([np.asarray(f[name], dtype=np.float64) for f in made])
        if np.isnan(data[name]).any():
            bad = windows.rows[int(np.isnan(data[name]).any(axis=1).argmax())]
            raise DataError(f"The forecast of series {windows.dataset.item_ids[bad]!r} has a NaN.")
    count = np.asarray(label.count(axis=1), dtype=np.float64)
    losses = [_by_window(SumQuantileLoss(q), data) for q in LEVELS]
    scaled = _by_window(MASE(), data)
    has_scale = (data["seasonal_error"][:, 0] > 0) & (count > 0)
    parts = (
        np.mean(losses, axis=0),
        _by_window(SumAbsoluteLabel(), data),
        _by_window(MSE(), data) * count,
        count,
        np.where(has_scale, scaled * count, 0.0),
        np.where(has_scale, count, 0.0),
    )
    _, series = np.unique(windows.rows, return_inverse=True)
    return {
        name: np.bincount(series, weights=part).astype(np.float64)
        for name, part in zip(_PARTS, parts, strict=True)
    }


def metric_of(
    parts: Mapping[str, npt.ArrayLike], metric: str, weights: npt.ArrayLike | None = None
) -> Array:
    """Return a metric from the parts of its series, as `gluonts.ev` has it over all of them.

    `nrmse` is the root of the mean squared error of the mean over the mean absolute value, as in
    the paper.

    Args:
        parts: (..., S) arrays of `score_forecasts`.
        metric: One of `METRICS`.
        weights: (B, S), how often each series counts, for a bootstrap; once if None.

    Returns:
        (...) without weights, else (..., B).
    """

    def total(name: str) -> Array:
        part = np.asarray(parts[name], dtype=np.float64)
        summed: Array = part.sum(axis=-1) if weights is None else part @ np.asarray(weights).T
        return summed

    if metric == "mase":
        return total("scaled_error") / total("scaled_count")
    if metric == "nrmse":
        mean_square = total("squared_error") / total("count")
        return np.sqrt(mean_square) / (total("absolute_label") / total("count"))
    return total("quantile_loss") / total("absolute_label")


def _by_window(metric: Any, data: dict[str, Any]) -> Array:
    """Return a metric of each window, 0 where nothing is observed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = metric(axis=1).update(data).get()
    filled: Array = np.nan_to_num(np.ma.filled(values, 0.0), posinf=0.0, neginf=0.0)
    return filled


def _seasonal_errors(windows: TestWindows, season: int) -> Array:
    """Return the mean absolute seasonal difference of each window's history, (n, 1)."""
    errors = [
        seasonal_error(np.ma.masked_invalid(entry["target"]), seasonality=season)
        for entry in windows.input
    ]
    return np.ma.filled(np.ma.stack(errors), 0.0).astype(np.float64)

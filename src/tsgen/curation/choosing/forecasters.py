"""The user's own forecaster, judged on the same windows as the reference forecasters.

Shape legend: V judging windows of each series, S series, L steps to forecast, Q levels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.data import SeriesDataset
from tsgen.errors import DataError, SettingsError, TsgenError

from ..reference import LEVELS
from ..seeded import seeded
from .gains import window_losses
from .validation import Validation

__all__ = ["UserForecaster", "reason", "user_forecaster"]


class UserForecaster(Protocol):
    """Trains on a dataset and forecasts the judging windows."""

    @property
    def given(self) -> Any:
        """What the user gave."""
        ...

    def losses(self, training: SeriesDataset, validation: Validation, seed: int) -> Array:
        """Return the loss of each window, (V, S)."""
        ...


def user_forecaster(forecaster: Any) -> UserForecaster:
    """Return a GluonTS estimator, or a fit_predict function, as what the choice asks.

    Raises:
        SettingsError: It is neither.
    """
    if hasattr(forecaster, "train"):
        return _GluonTS(forecaster)
    if callable(forecaster):
        return _FitPredict(forecaster)
    raise SettingsError(
        f"forecaster={forecaster!r} is neither a GluonTS estimator nor a function from a long "
        "table and a horizon to a long table of forecasts."
    )


@dataclass(frozen=True)
class _GluonTS:
    """A GluonTS estimator, trained once for all judging windows."""

    estimator: Any

    @property
    def given(self) -> Any:
        return self.estimator

    def losses(self, training: SeriesDataset, validation: Validation, seed: int) -> Array:
        with seeded(seed, "forecaster"):
            predictor = self.estimator.train(list(training))
            made = [
                np.stack([_levels(f) for f in predictor.predict(list(validation.before(window)))])
                for window in range(validation.num_windows)
            ]
        return _judged(np.stack(made), validation)


@dataclass(frozen=True)
class _FitPredict:
    """A function (long table, horizon) -> long table, called anew for each judging window."""

    function: Callable[[pd.DataFrame, int], pd.DataFrame]

    @property
    def given(self) -> Any:
        return self.function

    def losses(self, training: SeriesDataset, validation: Validation, seed: int) -> Array:
        synthetic = training.subset(training.synthetic) if training.synthetic.any() else None
        made = []
        for window in range(validation.num_windows):
            past = validation.before(window)
            table = _table(past if synthetic is None else SeriesDataset.concat([past, synthetic]))
            with seeded(seed, "forecaster"):
                answer = self.function(table, validation.prediction_length)
            made.append(_read(answer, past, validation.prediction_length))
        return _judged(np.stack(made), validation)


def _levels(forecast: Any) -> Array:
    """Return a GluonTS forecast's quantiles, (L, Q)."""
    return np.stack([np.asarray(forecast.quantile(q), np.float64) for q in LEVELS], axis=-1)


def _judged(quantiles: Array, validation: Validation) -> Array:
    """Return the losses (V, S) of forecasts (V, S, L, Q)."""
    if not np.isfinite(quantiles).all():
        raise DataError("The forecaster gave forecasts that are missing or infinite.")
    by_window = quantiles.swapaxes(0, 1).reshape(-1, *quantiles.shape[2:])
    lost = window_losses(by_window, validation.judging)
    return lost.reshape(-1, validation.num_windows).T


def _table(dataset: SeriesDataset) -> pd.DataFrame:
    table = replace(dataset, timezone=None, info=None).to_frame()
    return table.assign(item_id=table["item_id"].astype(str))


def _read(answer: Any, series: SeriesDataset, length: int) -> Array:
    """Return the forecasts of a table, (S, L, Q); without columns of quantiles, all its target."""
    columns = list(map(str, LEVELS))
    if not isinstance(answer, pd.DataFrame) or not {"item_id", "timestamp"} <= set(answer.columns):
        raise DataError(
            "The forecaster must give a long table with the columns item_id, timestamp and target "
            "(or quantiles '0.1' to '0.9')."
        )
    answer = answer.rename(columns=str).assign(item_id=answer["item_id"].astype(str))
    names = columns if set(columns) <= set(answer.columns) else ["target"]
    if "target" in names and "target" not in answer.columns:
        raise DataError("The forecaster's table has neither 'target' nor columns '0.1' to '0.9'.")
    groups = dict(list(answer.sort_values("timestamp").groupby("item_id")))
    forecasts = []
    for item_id in map(str, series.item_ids):
        rows = groups.get(item_id)
        if rows is None or len(rows) != length:
            given = 0 if rows is None else len(rows)
            raise DataError(
                f"The forecaster gave {given} steps for series {item_id!r}; {length} were asked."
            )
        forecasts.append(np.broadcast_to(rows[names].to_numpy(np.float64), (length, len(columns))))
    return np.stack(forecasts)


def reason(error: Exception) -> str:
    """Return in a line why something failed."""
    text = str(error) if isinstance(error, TsgenError) else f"{type(error).__name__}: {error}"
    return text.splitlines()[0] if text else type(error).__name__

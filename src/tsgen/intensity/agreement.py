"""Do the users' intensities and the items' demand tell the same story?"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
from gluonts.model import Estimator, Predictor

from tsgen.arrays import Array
from tsgen.data import Interactions, as_interactions
from tsgen.data.events import event_steps, step_times, to_stamps
from tsgen.data.series import normalise_freq
from tsgen.errors import DataError
from tsgen.rng import global_seed

from .activity import mean_forecasts, steps_in_horizon, time_weights
from .model import RIMModel

__all__ = ["agreement"]


def agreement(
    model: RIMModel,
    events: Any,
    forecaster: Estimator | Predictor,
    *,
    freq: str = "D",
    seed: int = 0,
) -> pd.DataFrame:
    """Compare each item's expected engagements, summed over users, with its demand forecast.

    Two views of one number that share nothing but the log: RIM adds up what its users will do with
    the item; the forecaster goes on with the item's own series of whole periods before the cut-off.

    Args:
        model: A RIM; the horizon begins at its training cut-off.
        events: A log that holds the training events; if it goes on, what happened is told too.
        forecaster: A GluonTS estimator, trained on the items' series, or a predictor.
        freq: Its period.
        seed: Of GluonTS's random numbers.

    Returns:
        One row an item of the model that the log has: item_id, past (events before the cut-off),
        intensity (expected by RIM of the users there at the cut-off), forecast (expected by the
        forecaster) and happened (events in the horizon, NaN unless the log covers it).

    Raises:
        DataError: The log has no event before the cut-off.
        SettingsError: The forecaster does not reach as far as the horizon.
    """
    log = as_interactions(events)
    at, span, freq = model.states.at, model.settings.span, normalise_freq(freq)
    past = log.where(log.time < at)
    if not len(past):
        raise DataError("The log has no event before the model's training cut-off.")
    columns = model.items.codes(log.items.ids)
    here = np.flatnonzero(columns >= 0)
    happened = np.full(len(here), np.nan)
    if log.time.max() >= at + span - 1:
        window = log.where((log.time >= at) & (log.time < at + span))
        happened = window.item_counts()[here].astype(np.float64)
    return pd.DataFrame({
        "item_id": log.items.ids[here],
        "past": past.item_counts()[here],
        "intensity": model.scores(present=True).item_sums()[columns[here]],
        "forecast": _demand(past, at, span, forecaster, freq, seed)[here],
        "happened": happened,
    })  # fmt: skip


def _demand(past: Interactions, at: int, span: int, forecaster: Any, freq: str, seed: int) -> Array:
    """Return each item's expected events in the horizon by the forecaster, shape (items,)."""
    zone = past.timezone
    first = event_steps(np.array([at]), zone, freq)
    until = to_stamps(step_times(first, zone, freq), zone)[0]
    series = past.demand_dataset(freq, until=until, static=())
    if isinstance(forecaster, Estimator):
        with global_seed(seed):
            forecaster = deepcopy(forecaster).train(series)
    steps_in_horizon(forecaster, int(first[0]), freq, zone, span)
    means = mean_forecasts(forecaster, series, seed)
    weights = time_weights(int(first[0]), means.shape[1], freq, zone, np.array([at, at + span]))
    return np.asarray(means @ weights[:, 0])

"""Forecasts as a table, with the time stamps of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Floats
from tsgen.data import MultivariateDataset, SeriesDataset, as_dataset, as_pandas, as_series
from tsgen.data.series import split_freq
from tsgen.errors import SettingsError
from tsgen.rng import resolve_seed

from .predictor import PSAGANPredictor

__all__ = ["forecast_table"]


def forecast_table(
    predictor: PSAGANPredictor,
    dataset: Any,
    *,
    num_samples: int = 100,
    quantiles: Sequence[float] | None = (0.1, 0.5, 0.9),
    constraints: Literal["infer"] | None = "infer",
    seed: int | None = None,
) -> pd.DataFrame:
    """Forecast every series of a dataset from its end.

    Args:
        predictor: A trained PSA-GAN-C.
        dataset: A GluonTS dataset or long table.
        num_samples: Sample paths of each series.
        quantiles: Levels between 0 and 1; None gives the paths themselves.
        constraints: As in `PSAGANPredictor.predict`. With "infer", times of the day, week or year
            at which a series never has a value are empty.
        seed: Same seed, same numbers; None is the predictor's `draw_seed`.

    Returns:
        One row a series and step: item_id ("ITEM_ID/CHANNEL" of several channels), timestamp,
        static columns, `mean` and one column for each quantile ("0.1"); or, with the paths, one row
        a series, path and step, with the columns `target` and `sample`. `attrs["seed"]` is the
        seed.

    Raises:
        SettingsError: An impossible level or number of samples.
        DataError: The dataset does not fit the model.
    """
    for level in quantiles or ():
        if not 0 < level < 1:
            raise SettingsError(f"quantile {level!r} is not possible; give levels between 0 and 1.")
    read: dict[str, Any] = {}
    dataset = as_pandas(dataset)
    if isinstance(dataset, pd.DataFrame) and predictor.data.dynamic is not None:
        read = predictor.data.dynamic.columns_in(dataset.columns)
    channels = predictor.data.channels
    if channels:
        read |= {"target": channels}
    data = as_dataset(dataset, **read) if channels else as_series(dataset, **read)
    data = data.with_dtype("float64")
    predictor.data.refuse_other_grid(data)
    series = data.series if isinstance(data, MultivariateDataset) else data
    seed = resolve_seed(predictor.draw_seed if seed is None else seed)
    forecasts = predictor.predict(data, num_samples, constraints=constraints, seed=seed)
    paths = np.stack([_open(forecast) for forecast in forecasts])  # (n, S, steps) or (..., C)
    if paths.ndim == 4:  # every channel of an entry is a series, one channel after the other
        paths = np.concatenate(np.moveaxis(paths, 3, 0))
    if quantiles is None:
        frames = [
            _ahead(series, paths[:, sample]).assign(sample=sample) for sample in range(num_samples)
        ]
        return _recorded(pd.concat(frames, ignore_index=True), seed)
    table = _ahead(series, paths.mean(axis=1)).rename(columns={"target": "mean"})
    levels = np.quantile(paths, list(quantiles), axis=1)
    for level, values in zip(quantiles, levels, strict=True):
        table[f"{level:g}"] = _ahead(series, values)["target"]
    return _recorded(table, seed)


def _open(forecast: Any) -> AnyArray:
    """Return the paths of a forecast; NaN where the series never has a value."""
    samples = np.asarray(forecast.samples)
    closed = (forecast.info or {}).get("closed")
    return samples if closed is None else np.where(closed, np.nan, samples)


def _recorded(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    table.attrs["seed"] = seed
    return table


def _ahead(series: SeriesDataset, values: Floats) -> pd.DataFrame:
    """Return values (n, steps) that follow each series as a long table."""
    count, steps = values.shape
    following = replace(
        series,
        values=values.reshape(-1).astype(np.float64),
        offsets=np.arange(count + 1) * steps,
        starts=series.starts + series.lengths * split_freq(series.freq)[1],
        info=None,
        dynamic=None,
    )
    return following.to_frame()

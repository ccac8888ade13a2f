"""Forecasters trained on synthetic series alone, against those trained on the real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tsgen.curation import Cells, seeded
from tsgen.data import SeriesDataset
from tsgen.rng import seed_argument

from ..forecast import (
    Forecaster,
    TestWindows,
    gluonts_season,
    metric_of,
    paired_difference,
    score_forecasts,
    train_forecaster,
)

__all__ = ["DEFAULT_FORECASTERS", "Utility", "compare_forecasters"]

_METRIC = "mean_weighted_quantile_loss"
DEFAULT_FORECASTERS = {
    "reference": Forecaster(estimator="reference"),
    "reference_linear": Forecaster(estimator="reference_linear"),
    "deepar": Forecaster(estimator="deepar", settings={"trainer_kwargs": {"max_epochs": 20}}),
}
"""Ten small quantile networks, a ridge regression, and DeepAR for twenty epochs."""


@dataclass(frozen=True)
class Utility:
    """One forecaster, trained on either.

    Attributes:
        forecaster: Its name.
        real: Mean weighted quantile loss when trained on the real series.
        synthetic: The same when trained on the synthetic series alone.
        change: synthetic / real - 1.
        low: Lower end of its 95 % interval over series.
        high: Upper end.
        seeds: Trainings of each.
    """

    forecaster: str
    real: float
    synthetic: float
    change: float
    low: float
    high: float
    seeds: int


def compare_forecasters(
    real: SeriesDataset,
    synthetic: Callable[[], SeriesDataset],
    whole: SeriesDataset,
    prediction_length: int,
    forecasters: Mapping[str, Forecaster],
    seeds: Sequence[int],
    cells: Cells | None = None,
) -> list[Utility]:
    """Train each forecaster on either, and test on what follows the real training part.

    Args:
        real: The training part of the real series.
        synthetic: Gives the series to be handed out, made of nothing else.
        whole: The real series to their end; the windows roll over what `real` lacks.
        prediction_length: Steps to forecast.
        forecasters: By name.
        seeds: Each trains every forecaster once.
        cells: Where what each training lost is kept.
    """
    kept = cells or Cells(None, None)
    windows = _windows(real, whole, prediction_length)
    season = gluonts_season(whole.freq)

    def losses(
        spec: Forecaster, training: Callable[[], SeriesDataset], seed: int
    ) -> dict[str, Any]:
        with seeded(seed, "training"):
            predictor = train_forecaster(spec, training(), prediction_length, season)
        with seeded(seed, "forecast"):
            drawn = seed_argument(predictor.predict, seed)
            made = list(predictor.predict(windows.input, **drawn))
        scores = score_forecasts(made, windows, season)
        return {name: part.tolist() for name, part in scores.items()}

    rows = []
    for name, spec in forecasters.items():
        sides = [
            [
                kept.facts_of(
                    ["use", spec.to_json(), side, seed], partial(losses, spec, series, seed)
                )
                for seed in seeds
            ]
            for side, series in (("synthetic", synthetic), ("real", lambda: real))
        ]
        rows.append(_utility(name, *sides))
    return rows


def _windows(real: SeriesDataset, whole: SeriesDataset, length: int) -> TestWindows:
    counts = (whole.lengths - real.lengths) // length
    rows = np.repeat(np.arange(len(whole)), counts)
    place = np.arange(len(rows)) - np.repeat(counts.cumsum() - counts, counts)
    return TestWindows(whole, rows, real.lengths[rows] + place * length, length)


def _utility(name: str, synthetic: list[dict[str, Any]], real: list[dict[str, Any]]) -> Utility:
    floors, values = (
        float(np.mean([metric_of(parts, _METRIC) for parts in side])) for side in (real, synthetic)
    )
    gap = paired_difference(synthetic, real, _METRIC)
    ends = (gap.difference, gap.low_series, gap.high_series)
    change, low, high = (end / floors for end in ends)
    return Utility(name, floors, values, change, low, high, len(real))

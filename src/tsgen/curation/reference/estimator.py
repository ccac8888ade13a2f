"""The reference networks as one GluonTS-like estimator: K seeds at once, their mean as forecast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from gluonts.model.forecast import QuantileForecast

from tsgen.data import SeriesDataset
from tsgen.data.series import to_series
from tsgen.errors import DataError

from ..operations import season_of
from .network import LEVELS, Member, NetworkSettings, StackedNetwork, train_stack
from .windows import ForecastWindows, rolling_windows, training_windows

__all__ = ["ReferenceEstimator", "ReferencePredictor"]


@dataclass(frozen=True)
class ReferenceEstimator:
    """K small quantile networks, trained at once as one stacked network.

    Training stops by the last window of each real series, which is not learnt from. The forecast
    is the mean of the K networks' quantiles, so that it depends less on seeds than one network.

    Attributes:
        prediction_length: Steps to forecast.
        freq: The data's frequency.
        num_networks: K.
        seed: Of the first network; the others count on.
    """

    prediction_length: int
    freq: str
    num_networks: int = 10
    seed: int = 0

    def train(self, training_data: Iterable[dict[str, Any]]) -> ReferencePredictor:
        """Train on GluonTS entries.

        Raises:
            DataError: No series is longer than three prediction lengths.
        """
        dataset, length = to_series(list(training_data)), self.prediction_length
        season = season_of(dataset.freq)
        context = max(2 * length, 2 * season)
        real = np.flatnonzero(~dataset.synthetic & (dataset.lengths > 3 * length))
        if not len(real):
            raise DataError(
                f"No real series has more than {3 * length} steps, three times the "
                "prediction_length; give longer series."
            )
        ends = np.where(dataset.synthetic, dataset.lengths, dataset.lengths - length)
        learning = dataset.cut(np.arange(len(dataset)), np.zeros_like(ends), ends)
        sets = [training_windows(learning, context, length)]
        stopping = rolling_windows(dataset.subset(real), context, length, 1)
        members = [Member(self.seed + k) for k in range(self.num_networks)]
        network = train_stack(members, sets, stopping, NetworkSettings())
        return ReferencePredictor(network, context, length)


@dataclass(frozen=True)
class ReferencePredictor:
    """Trained reference networks. Made by `ReferenceEstimator.train`.

    Attributes:
        network: The K networks.
        context_length: Steps that they see.
        prediction_length: Steps to forecast.
    """

    network: StackedNetwork
    context_length: int
    prediction_length: int

    def predict(self, dataset: Iterable[dict[str, Any]]) -> Iterator[QuantileForecast]:
        """Yield the forecast of what follows each entry."""
        entries = list(dataset)
        drawn = self.network.quantiles(self._windows(entries)).mean(axis=0)
        keys = [*map(str, LEVELS), "mean"]
        for entry, quantiles in zip(entries, drawn, strict=True):
            arrays = np.concatenate([quantiles.T, quantiles.mean(axis=1)[None]])
            start = entry["start"] + len(entry["target"])
            yield QuantileForecast(arrays, start, keys, item_id=entry.get("item_id"))

    def _windows(self, entries: list[dict[str, Any]]) -> ForecastWindows:
        """Return the windows whose future, not known, follows each entry."""
        unknown = np.full(self.prediction_length, np.nan)
        rows = [np.concatenate([e["target"], unknown]).astype(np.float64) for e in entries]
        lengths = np.array([len(row) for row in rows])
        dataset = SeriesDataset(
            np.concatenate(rows),
            np.concatenate([[0], lengths.cumsum()]),
            np.zeros(len(rows), np.int64),
            "h",
            tuple(range(len(rows))),
        )
        return rolling_windows(dataset, self.context_length, self.prediction_length, 1)

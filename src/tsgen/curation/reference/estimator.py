"""The reference forecasters as GluonTS-like estimators: quantile networks, ridge regression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from gluonts.model.forecast import QuantileForecast

from tsgen.arrays import Array
from tsgen.data import SeriesDataset, as_series
from tsgen.errors import DataError

from ..operations import season_of
from .linear import fit_linear
from .network import LEVELS, Member, NetworkSettings, StackedNetwork, train_stack
from .windows import ForecastWindows, rolling_windows, training_windows

__all__ = ["ReferenceEstimator", "ReferenceLinearEstimator", "ReferencePredictor"]

_SEEDS = 1000
"""Seeds of networks that one seed of the estimator has for itself."""

Entries = Iterable[dict[str, Any]]


@dataclass(frozen=True)
class ReferenceEstimator:
    """K small quantile networks, trained at once as one stacked network.

    Training stops by the last window of each real series (of each series, if none is real), which
    is not learnt from. The forecast is the mean of the K networks' quantiles, so that it depends
    less on seeds than one network.

    Attributes:
        prediction_length: Steps to forecast.
        freq: The data's frequency.
        num_networks: K.
        seed: Same seed, same networks.
    """

    prediction_length: int
    freq: str
    num_networks: int = 10
    seed: int = 0
    lead_time: ClassVar[int] = 0  # GluonTS asks for it

    def train(self, training_data: Entries) -> ReferencePredictor:
        """Train on GluonTS entries.

        Raises:
            DataError: No series is longer than three prediction lengths.
        """
        return self.train_many([(self.seed, training_data)])[0]

    def train_many(self, jobs: Sequence[tuple[int, Entries]]) -> list[ReferencePredictor]:
        """Train for several (seed, entries) at once; each is as if it were trained alone.

        Raises:
            DataError: As `train`.
        """
        parts = [_Parts.of(list(entries), self.prediction_length) for _, entries in jobs]
        stacks: dict[tuple[int, int], list[int]] = {}
        for job, part in enumerate(parts):  # what can be trained at once has one shape
            stacks.setdefault((len(part.stopping), part.context_length), []).append(job)
        made: dict[int, ReferencePredictor] = {}
        for together in stacks.values():
            members = [
                Member(_SEEDS * jobs[job][0] + k, ((place, 1.0),))
                for place, job in enumerate(together)
                for k in range(self.num_networks)
            ]
            stopping = [parts[job].stopping for job in together for _ in range(self.num_networks)]
            network = train_stack(
                members, [parts[job].learning for job in together], stopping, NetworkSettings()
            )
            for place, job in enumerate(together):
                first = place * self.num_networks
                mine = network.members(slice(first, first + self.num_networks))
                context = parts[job].context_length
                made[job] = ReferencePredictor(mine, context, self.prediction_length)
        return [made[job] for job in range(len(jobs))]


@dataclass(frozen=True)
class ReferenceLinearEstimator:
    """Ridge regression of the scaled future on the scaled past, by closed form; no seeds.

    Attributes:
        prediction_length: Steps to forecast.
        freq: The data's frequency.
        ridge: Penalty on the squared coefficients.
    """

    prediction_length: int
    freq: str
    ridge: float = 1.0
    lead_time: ClassVar[int] = 0  # GluonTS asks for it

    def train(self, training_data: Entries) -> ReferencePredictor:
        """Fit on all windows of GluonTS entries.

        Raises:
            DataError: No series is longer than three prediction lengths.
        """
        parts = _Parts.of(list(training_data), self.prediction_length, stops=False)
        fitted = fit_linear(parts.learning, ridge=self.ridge)
        return ReferencePredictor(fitted, parts.context_length, self.prediction_length)


class _Quantiles(Protocol):
    def quantiles(self, windows: ForecastWindows) -> Array: ...


@dataclass(frozen=True)
class ReferencePredictor:
    """A trained reference forecaster. Made by `ReferenceEstimator.train`.

    Attributes:
        network: What forecasts windows: (n, L, Q), or (K, n, L, Q) of which the mean is taken.
        context_length: Steps that it sees.
        prediction_length: Steps to forecast.
    """

    network: _Quantiles | StackedNetwork
    context_length: int
    prediction_length: int

    def predict(
        self, dataset: Entries, num_samples: int | None = None
    ) -> Iterator[QuantileForecast]:
        """Yield the forecast of what follows each entry.

        Args:
            dataset: GluonTS entries.
            num_samples: GluonTS passes it; quantiles are not drawn, so it changes nothing.
        """
        entries = list(dataset)
        drawn = self.network.quantiles(self._windows(entries))
        drawn = drawn.mean(axis=0) if drawn.ndim == 4 else drawn
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


@dataclass(frozen=True)
class _Parts:
    """Windows to learn from, and those that stop the training."""

    learning: ForecastWindows
    stopping: ForecastWindows
    context_length: int

    @classmethod
    def of(cls, entries: list[dict[str, Any]], length: int, *, stops: bool = True) -> _Parts:
        dataset = as_series(entries)
        context = max(2 * length, 2 * season_of(dataset.freq))
        held = ~dataset.synthetic if not dataset.synthetic.all() else dataset.synthetic
        judges = np.flatnonzero(held & (dataset.lengths > 3 * length))
        if not len(judges):
            raise DataError(
                f"No real series has more than {3 * length} steps, three times the "
                "prediction_length; give longer series."
            )
        ends = np.where(held & stops, dataset.lengths - length, dataset.lengths)
        learning = dataset.cut(np.arange(len(dataset)), np.zeros_like(ends), ends)
        return cls(
            training_windows(learning, context, length),
            rolling_windows(dataset.subset(judges), context, length, 1),
            context,
        )

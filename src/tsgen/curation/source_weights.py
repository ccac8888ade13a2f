"""How much of each source of series a forecaster should learn from: one weight a source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from tsgen.arrays import Array, Mask
from tsgen.data import SeriesDataset, as_series
from tsgen.errors import DataError, SettingsError
from tsgen.rng import numpy_stream

from .derivative import LeaveOneOut, leave_one_out
from .operations import season_of
from .reference import ForecastWindows, regression, training_windows

__all__ = ["SourceMix", "SourceWeights"]

_RIDGES = (0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True)
class SourceWeights:
    """Weights sources by the leave-one-out loss of a ridge forecaster on real windows.

    DIVA by source: the derivative of the loss by each source's weight is exact and in closed form,
    so that the weights are found in seconds, before any forecaster is trained. Real windows have
    weight 1. A source whose series copy the validated windows (jitter of the same steps) looks
    better than it is: make sources of series without their last steps, and validate on those.

    Attributes:
        prediction_length: Steps to forecast, L.
        context_length: Steps that the forecaster sees; None is twice L or two seasons.
        validate_last: Real windows whose future lies in this many last steps of their series are
            validated; None validates all.
        most: Largest weight of a window.
        max_windows: Windows of each source at most, drawn at random; with `validate_last`, all real
            windows that are validated stay.
        seed: Of that draw.

    Example:
        >>> from tsgen.data import simulate_series
        >>> from tsgen.curation import Transform, make_series
        >>> real = simulate_series(num_series=6, length=96, seed=1)
        >>> past, _ = real.split(last=12)
        >>> sources = {"mixing": make_series(past, Transform("mixing"), seed=1)}
        >>> mix = SourceWeights(12, validate_last=12).fit(real, **sources)
        >>> sorted(mix.weights)
        ['mixing', 'real']
    """

    prediction_length: int
    context_length: int | None = None
    validate_last: int | None = None
    most: float = 2.0
    max_windows: int = 600
    seed: int = 0

    def fit(self, real: Any, **sources: Any) -> SourceMix:
        """Find the weights.

        Args:
            real: GluonTS dataset or long table of real series.
            **sources: Name of a source -> its series.

        Raises:
            SettingsError: No source, or one called "real".
            DataError: A source has another frequency or no complete window.
        """
        if not sources or "real" in sources:
            raise SettingsError("Give at least one source, by a name other than 'real'.")
        data = {name: as_series(given) for name, given in {"real": real, **sources}.items()}
        freq = data["real"].freq
        for name, dataset in data.items():
            if dataset.freq != freq:
                raise DataError(f"'{name}' has freq={dataset.freq!r}, the real series {freq!r}.")
        rows = {name: self._rows(name, dataset) for name, dataset in data.items()}
        x, y, valid = (np.concatenate([part[k] for part in rows.values()]) for k in range(3))
        owner = np.repeat(np.arange(len(rows)), [len(part[0]) for part in rows.values()])

        def look(weights: Array, ridge: float) -> LeaveOneOut:
            return leave_one_out(x, y, weights[owner], valid, ridge=ridge)

        alone = np.eye(len(rows))[0]
        ridge = min(_RIDGES, key=lambda r: look(alone, r).loss)
        start = np.array([1.0, *[0.5] * len(sources)])

        def loss(weights: Array) -> tuple[float, Array]:
            seen = look(weights, ridge)
            slope = np.bincount(owner, weights=seen.gradient, minlength=len(rows))
            return math.log(seen.loss), slope / seen.loss

        bounds = [(1.0, 1.0), *[(0.0, self.most)] * len(sources)]
        minimum = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
        best = min((minimum, alone), key=lambda w: look(w, ridge).loss)
        changes = [look(w, ridge).loss / look(alone, ridge).loss - 1 for w in (best, start)]
        weights = dict(zip(rows, map(float, best), strict=True))
        windows = self._table(rows, look(best, ridge), best[owner])
        return SourceMix(weights, changes[0], changes[1], ridge, data, windows)

    def _rows(self, name: str, dataset: SeriesDataset) -> tuple[Array, Array, Any]:
        """Return inputs, outputs and which windows are validated, of one source."""
        length, season = self.prediction_length, season_of(dataset.freq)
        context = self.context_length or max(2 * length, 2 * season)
        windows = training_windows(dataset, context, length, stride=max(1, length // 2))
        if not len(windows):
            raise DataError(f"'{name}' has no window of {2 * length} steps; give longer series.")
        late = self._late(dataset, windows) & (name == "real")
        if len(windows) > self.max_windows:
            draw = numpy_stream(self.seed, name).permutation(len(windows))
            first = np.argsort(~late[draw], kind="stable")  # all that are validated stay
            chosen = np.sort(draw[first][: max(self.max_windows, int(late.sum()))])
            windows, late = windows.take(chosen), late[chosen]
        inputs, outputs, kept = regression(windows)
        return inputs, outputs, late[kept]

    def _late(self, dataset: SeriesDataset, windows: ForecastWindows) -> Mask:
        """Return which windows have their future in the last steps of their series."""
        if self.validate_last is None:
            return np.ones(len(windows), bool)
        ends = dataset.offsets[windows.series + 1]
        late: Mask = windows.begins >= ends - self.validate_last
        return late

    @staticmethod
    def _table(rows: Mapping[str, Any], seen: LeaveOneOut, weights: Array) -> pd.DataFrame:
        names = np.repeat(list(rows), [len(part[0]) for part in rows.values()])
        residual = np.sqrt((seen.residuals**2).mean(axis=1))
        columns = {"source": names, "weight": weights, "derivative": seen.gradient}
        return pd.DataFrame(columns | {"left_out_residual": residual})


@dataclass(frozen=True)
class SourceMix:
    """Weights of sources, and the dataset in those proportions. Made by `SourceWeights.fit`.

    Attributes:
        weights: Source -> weight of its windows; 1 for real ones.
        expected_gain: Change of the leave-one-out loss against real alone; below 0 is better.
        uniform_gain: The same with weight 0.5 for every source.
        ridge: The penalty that is best for real alone.
        sources: The series.
        windows: For inspection: each window's source, weight, derivative and left-out residual. A
            window's derivative says little of it alone; the residual finds errors better.
    """

    weights: dict[str, float]
    expected_gain: float
    uniform_gain: float
    ridge: float
    sources: dict[str, SeriesDataset]
    windows: pd.DataFrame

    def dataset(self, *, seed: int) -> SeriesDataset:
        """Return the real series and, of each source, its weight's share of series, at most all."""
        parts = [self.sources["real"]]
        for name, weight in self.weights.items():
            made = self.sources[name]
            count = min(round(weight * len(made)), len(made))
            if name != "real" and count:
                chosen = numpy_stream(seed, name).permutation(len(made))[:count]
                parts.append(made.subset(np.sort(chosen)))
        return SeriesDataset.concat(parts)

"""The measures of fidelity: what each compares, which way is better, what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tsgen.arrays import Array, Indices
from tsgen.errors import SettingsError
from tsgen.metrics import (
    autocorrelation_distance,
    coverage,
    density,
    frechet_distance,
    linear_predictive_ratio,
    marginal_distance,
    membership_advantage,
    nearest_real_distance_ratio,
    spectral_distance,
    step_distance,
)
from tsgen.results import floored_row

from .encoder import CausalEncoder
from .judges import Judge, discriminative_scores
from .shape_features import window_features

__all__ = [
    "CROSS_CORRELATION",
    "MEASURES",
    "NEAREST",
    "NOISE_SPREAD",
    "WINDOW_MEASURES",
    "Measure",
    "WindowComparison",
    "WindowMeasure",
    "WindowPool",
    "control_columns",
    "feature_scale",
    "measure_named",
    "measure_title",
]

NEAREST = "nearest_real_distance_ratio"
CROSS_CORRELATION = "cross_correlation_distance"
NOISE_SPREAD = "noise_spread"
_TITLES = {
    "context_fid": "Context-FID",
    "judge_trees": "discriminative score of boosted trees",
    "judge_recurrent": "discriminative score of a recurrent network",
    "linear_predictive_ratio": "predictive score ratio of a linear forecaster",
    "membership_advantage": "membership inference advantage",
    NEAREST: "closest-record distance ratio",
    NOISE_SPREAD: "spread ratio of draws",
}
"""What the field calls them, where the name alone does not say it."""


@dataclass(frozen=True)
class WindowPool:
    """Windows with what is computed once for each.

    Attributes:
        windows: (n, L).
        features: (n, 22), standardised by the real training windows.
        embeddings: (n, E), or None without an encoder.
    """

    windows: Array
    features: Array
    embeddings: Array | None

    @classmethod
    def of(
        cls, windows: Array, scale: tuple[Array, Array], encoder: CausalEncoder | None
    ) -> WindowPool:
        """Compute features and embeddings of `windows`."""
        features = (window_features(windows) - scale[0]) / scale[1]
        return cls(windows, features, encoder.embed(windows) if encoder else None)

    def take(self, rows: Indices) -> WindowPool:
        """Return the part at these rows."""
        embeddings = None if self.embeddings is None else self.embeddings[rows]
        return WindowPool(self.windows[rows], self.features[rows], embeddings)


def feature_scale(windows: Array) -> tuple[Array, Array]:
    """Return mean and deviation of the windows' features; 1 where a feature never varies."""
    features = window_features(windows)
    deviation = features.std(axis=0)
    return features.mean(axis=0), np.where(deviation > 0, deviation, 1.0)


@dataclass(frozen=True)
class WindowComparison:
    """One draw: the windows on trial, real test windows and real training windows, n of each."""

    trial: WindowPool
    test: WindowPool
    train: WindowPool
    seed: int


Need = Literal["judge", "encoder", "all training windows", "channels", "model"]


@dataclass(frozen=True)
class Measure:
    """A number of fidelity: every one that a study shows is in `MEASURES`.

    Attributes:
        name: In the table.
        better: "lower", "higher", or "one" (the nearer to 1 the better).
        meaning: One sentence for a reader who is no specialist.
        needs: What it takes beside the windows: a judge that has to be trained, an encoder, all
            training windows in the place of n of them, several channels, or the model itself.
        ideal: What the best sample scores.
    """

    name: str
    better: Literal["lower", "higher", "one"]
    meaning: str
    needs: frozenset[Need] = field(default=frozenset(), kw_only=True)
    ideal: float = field(default=0.0, kw_only=True)

    def row(self, values: Sequence[float], floors: Sequence[float]) -> dict[str, Any]:
        """Return its columns of a table, of the samples and of real data, one number a draw."""
        return floored_row(self.name, self.better, self.ideal, values, floors)


def control_columns(values: Sequence[float]) -> dict[str, float]:
    """Return the columns of the control, "real windows, rounding removed", of one number a draw."""
    return {
        "unrounded": float(np.mean(values)),
        "unrounded_spread": float(np.std(values, ddof=1)),
    }


@dataclass(frozen=True)
class WindowMeasure(Measure):
    """A number of a `WindowComparison` of windows.

    Attributes:
        compute: Gives the number of each comparison; of several at once, because judges are trained
            side by side.
    """

    compute: Callable[[Iterable[WindowComparison]], list[float]]


def _each(
    compute: Callable[[WindowComparison], float],
) -> Callable[[Iterable[WindowComparison]], list[float]]:
    return lambda comparisons: [compute(comparison) for comparison in comparisons]


def _judged_by(judge: Judge) -> Callable[[Iterable[WindowComparison]], list[float]]:
    return lambda comparisons: discriminative_scores(
        ((c.test.windows, c.trial.windows, c.seed) for c in comparisons), judge=judge
    )


def _embedding_distance(c: WindowComparison) -> float:
    if c.test.embeddings is None or c.trial.embeddings is None:
        return float("nan")
    return frechet_distance(c.test.embeddings, c.trial.embeddings)


WINDOW_MEASURES = (
    WindowMeasure(
        "context_fid",
        "lower",
        "Distance between the two sets as a trained encoder sees them.",
        _each(_embedding_distance),
        needs=frozenset({"encoder"}),
    ),
    WindowMeasure(
        "feature_distance",
        "lower",
        "Distance between the two sets in 22 plain features of shape.",
        _each(lambda c: frechet_distance(c.test.features, c.trial.features)),
    ),
    WindowMeasure(
        "marginal_distance",
        "lower",
        "How far the values' distribution is off, in standard deviations.",
        _each(lambda c: marginal_distance(c.test.windows, c.trial.windows)),
    ),
    WindowMeasure(
        "step_distance",
        "lower",
        "The same for changes from one step to the next.",
        _each(lambda c: step_distance(c.test.windows, c.trial.windows)),
    ),
    WindowMeasure(
        "autocorrelation_distance",
        "lower",
        "How far the mean autocorrelation is off.",
        _each(lambda c: autocorrelation_distance(c.test.windows, c.trial.windows)),
    ),
    WindowMeasure(
        "spectral_distance",
        "lower",
        "How far the mean spectrum is off, in powers of ten.",
        _each(lambda c: spectral_distance(c.test.windows, c.trial.windows)),
    ),
    WindowMeasure(
        "linear_predictive_ratio",
        "lower",
        "Error of a linear forecaster that learnt from the sample, over one that learnt from real "
        "windows; 1 is as useful as real.",
        _each(lambda c: linear_predictive_ratio(c.trial.windows, c.train.windows, c.test.windows)),
        ideal=1.0,
    ),
    WindowMeasure(
        "judge_trees",
        "lower",
        "How well boosted trees on the features tell the two apart: 0 not at all, 0.5 always.",
        _judged_by("trees"),
        needs=frozenset({"judge"}),
    ),
    WindowMeasure(
        "judge_recurrent",
        "lower",
        "The same for a small recurrent network on the windows themselves.",
        _judged_by("recurrent"),
        needs=frozenset({"judge"}),
    ),
    WindowMeasure(
        "coverage",
        "higher",
        "Share of real windows with a synthetic one in their neighbourhood (in feature space): "
        "variety.",
        _each(lambda c: coverage(c.test.features, c.trial.features)),
        ideal=1.0,
    ),
    WindowMeasure(
        "density",
        "one",
        "How often synthetic windows lie among real ones (in feature space).",
        _each(lambda c: density(c.test.features, c.trial.features)),
        ideal=1.0,
    ),
    WindowMeasure(
        "membership_advantage",
        "lower",
        "How well nearness to the sample gives away which windows were trained on: 0 not at all.",
        _each(lambda c: membership_advantage(c.trial.windows, c.train.windows, c.test.windows)),
    ),
    WindowMeasure(
        NEAREST,
        "one",
        "Distance of a sample to its nearest training window, over that of real test windows: "
        "well below 1 points to copies.",
        _each(
            lambda c: nearest_real_distance_ratio(c.trial.windows, c.train.windows, c.test.windows)
        ),
        needs=frozenset({"all training windows"}),
        ideal=1.0,
    ),
)
"""Those of windows."""

MEASURES: tuple[Measure, ...] = (
    *WINDOW_MEASURES,
    Measure(
        CROSS_CORRELATION,
        "lower",
        "How far the channels' correlations with each other, at all lags, are off.",
        needs=frozenset({"channels"}),
    ),
    Measure(
        NOISE_SPREAD,
        "one",
        "How much the model's draws of one series and time differ, over how much real weeks (or "
        "days, or years) of a series do: well below 1 points to one answer for each time.",
        needs=frozenset({"model"}),
        ideal=1.0,
    ),
)
"""All of them."""


def measure_title(name: str) -> str:
    """Return what a reader calls the measure of this name in a table."""
    return _TITLES.get(name, name.replace("_", " "))


def measure_named(name: str) -> Measure:
    """Return the measure that tables call `name`.

    Raises:
        SettingsError: There is none.
    """
    named = {measure.name: measure for measure in MEASURES}
    if name not in named:
        raise SettingsError(f"There is no metric '{name}'; use {', '.join(named)}.")
    return named[name]

"""Intervals of the difference of two arms that saw the same windows and seeds.

Shape legend: K seeds, S series, B bootstrap draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array
from tsgen.metrics import percentile_interval, resample_counts, student_quantile
from tsgen.rng import numpy_stream

from ..scores import metric_of

__all__ = ["PairedDifference", "paired_difference"]

_DRAWS = 2000


@dataclass(frozen=True)
class PairedDifference:
    """A mean difference with two 95 % intervals; NaN where fewer than two pairs allow none.

    Attributes:
        difference: Mean over seeds of (arm - other); below 0, the arm is better.
        low: Lower end over seeds (Student's t, paired).
        high: Upper end over seeds.
        low_series: Lower end over series (bootstrap of the series, seeds as they are).
        high_series: Upper end over series.
        num_seeds: K.
    """

    difference: float
    low: float
    high: float
    low_series: float
    high_series: float
    num_seeds: int


def paired_difference(
    arm: Sequence[Mapping[str, npt.ArrayLike]],
    other: Sequence[Mapping[str, npt.ArrayLike]],
    metric: str,
    *,
    groups: Sequence[int] = (),
) -> PairedDifference:
    """Compare two arms, seed by seed and series by series.

    Args:
        arm: For each of K seeds, the parts of its metrics, (S,) each (see `score_forecasts`).
        other: The same of the other arm, in the same order of seeds and series.
        metric: One of `METRICS`.
        groups: For each of the K, which draw of the series it is of; the interval is over draws if
            there are several, since runs of one draw are not independent.
    """
    nan = float("nan")
    if not arm:
        return PairedDifference(nan, nan, nan, nan, nan, num_seeds=0)
    mine, theirs = _stacked(arm), _stacked(other)
    gaps = metric_of(mine, metric) - metric_of(theirs, metric)
    mean, num_seeds, num_series = float(gaps.mean()), len(gaps), mine["count"].shape[1]
    reach = low_series = high_series = nan
    units = _by_group(gaps, groups)
    if len(units) > 1:
        reach = student_quantile(len(units)) * float(units.std(ddof=1)) / len(units) ** 0.5
    if num_series > 1:
        draw = numpy_stream(0, "bootstrap of series")
        weights = resample_counts(draw, num_series, _DRAWS)
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = metric_of(mine, metric, weights) - metric_of(theirs, metric, weights)
        low_series, high_series = percentile_interval(drawn.mean(axis=0))
    return PairedDifference(mean, mean - reach, mean + reach, low_series, high_series, num_seeds)


def _by_group(gaps: Array, groups: Sequence[int]) -> Array:
    """Return the means of the groups if there are several, else the gaps themselves."""
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    if len(names) < 2:
        return gaps
    means: Array = np.bincount(place, weights=gaps) / np.bincount(place)
    return means


def _stacked(seeds: Sequence[Mapping[str, npt.ArrayLike]]) -> dict[str, Array]:
    """Return each part as (K, S)."""
    return {name: np.array([parts[name] for parts in seeds], np.float64) for name in seeds[0]}

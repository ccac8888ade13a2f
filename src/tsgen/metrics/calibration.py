"""Whether predicted counts and probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, xlogy

from tsgen.arrays import Array, Integers
from tsgen.errors import DataError

__all__ = [
    "CalibrationTable",
    "bernoulli_log_score",
    "brier_score",
    "calibration_table",
    "poisson_log_score",
]


@dataclass(frozen=True)
class CalibrationTable:
    """Predictions in groups of rising size, against what happened; arrays of one row a group.

    Attributes:
        count: Predictions in the group.
        predicted: Their mean.
        observed: The mean of what happened.
        standard_error: Of `observed` less `predicted`.
    """

    count: Integers
    predicted: Array
    observed: Array
    standard_error: Array

    @property
    def ratio(self) -> float:
        """All that was predicted over all that happened; 1 is right. Infinite if nothing did."""
        happened = float((self.observed * self.count).sum())
        predicted = float((self.predicted * self.count).sum())
        return predicted / happened if happened else float("inf")

    @property
    def error(self) -> float:
        """The expected calibration error: mean absolute difference of predicted and observed."""
        return self._mean(np.abs(self.predicted - self.observed))

    @property
    def error_at_random(self) -> float:
        """What `error` would be on average if every group were right, from its standard errors."""
        return self._mean(np.sqrt(2 / np.pi) * self.standard_error)

    @property
    def misses(self) -> Array:
        """How many standard errors more was observed than predicted, by group; 0 for 0 / 0."""
        gap = self.observed - self.predicted
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(gap == 0, 0.0, gap / self.standard_error)

    def _mean(self, of_groups: Array) -> float:
        return float((of_groups * self.count).sum() / self.count.sum())


def calibration_table(
    predicted: npt.ArrayLike,
    observed: npt.ArrayLike,
    *,
    num_groups: int = 10,
    equal: Literal["number", "total"] = "number",
    clusters: Integers | None = None,
) -> CalibrationTable:
    """Compare predictions with outcomes, by decile of the prediction.

    Standard errors add up what each cluster misses by, and are at least those of independent events
    that come as predicted: a group in which nothing happened is not sure of it.

    Args:
        predicted: (n,) expected counts, or probabilities.
        observed: (n,) counts, or 0 and 1.
        num_groups: How many groups; equal predictions share a group, so there may be fewer.
        equal: What groups have alike: "number" of predictions, or "total" of the predictions, where
            nearly all of them are nearly 0 and the few others matter.
        clusters: (n,) codes from 0 of what belongs together (a user's pairs); None: nothing does.

    Raises:
        DataError: The arrays differ in shape, are empty, or hold negative or missing numbers.
    """
    predicted, observed = _pair(predicted, observed)
    order = np.argsort(predicted, kind="stable")
    predicted, observed = predicted[order], observed[order]
    rows = np.arange(len(order))
    new = np.diff(predicted, prepend=-1.0) > 0
    first = np.maximum.accumulate(np.where(new, rows, 0))  # of the equal predictions
    if equal == "total":
        below = np.cumsum(predicted) - predicted
        share = below[first] / max(float(predicted.sum()), 1e-300)
        place = np.minimum((share * num_groups).astype(np.int64), num_groups - 1)
    else:
        place = first * num_groups // len(order)
    begins = np.flatnonzero(np.diff(place, prepend=-1))
    count = np.diff(np.append(begins, len(order)))
    said, came = (np.add.reduceat(values, begins) / count for values in (predicted, observed))
    group = np.repeat(np.arange(len(count)), count)
    missed = observed - predicted - (came - said)[group]
    squares = _cluster_squares(missed, group, None if clusters is None else clusters[order])
    least = count * said * np.clip(1 - said, 0, 1)
    return CalibrationTable(count, said, came, np.sqrt(np.maximum(squares, least)) / count)


def _cluster_squares(missed: Array, group: Integers, clusters: Integers | None) -> Array:
    """Return, by group, the sum over clusters of the square of the sum of what each misses by."""
    if clusters is None:
        return np.asarray(np.bincount(group, missed**2), np.float64)
    size = int(clusters.max()) + 1
    sums = np.bincount(group * size + clusters, missed, minlength=(int(group[-1]) + 1) * size)
    return np.asarray((sums.reshape(-1, size) ** 2).sum(axis=1))


def poisson_log_score(predicted: npt.ArrayLike, observed: npt.ArrayLike) -> float:
    """Return the mean log-likelihood of counts under Poisson(predicted); higher is better.

    -inf where an event was said to be impossible.
    """
    mean, count = _pair(predicted, observed)
    with np.errstate(divide="ignore"):
        return float(np.mean(xlogy(count, mean) - mean - gammaln(count + 1)))


def bernoulli_log_score(predicted: npt.ArrayLike, observed: npt.ArrayLike) -> float:
    """Return the mean log-likelihood of 0/1 outcomes; higher is better."""
    probability, happened = _pair(predicted, observed)
    _refuse_above_one(probability)
    with np.errstate(divide="ignore"):
        return float(np.mean(xlogy(happened, probability) + xlogy(1 - happened, 1 - probability)))


def brier_score(predicted: npt.ArrayLike, observed: npt.ArrayLike) -> float:
    """Return the mean squared difference of probability and 0/1 outcome; lower is better."""
    probability, happened = _pair(predicted, observed)
    _refuse_above_one(probability)
    return float(np.mean((probability - happened) ** 2))


def _pair(predicted: npt.ArrayLike, observed: npt.ArrayLike) -> tuple[Array, Array]:
    first, second = np.asarray(predicted, np.float64), np.asarray(observed, np.float64)
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise DataError(
            f"predicted has shape {first.shape} and observed {second.shape}; both must be lists of "
            "equal length, with at least one number."
        )
    for name, values in (("predicted", first), ("observed", second)):
        wrong = ~(np.isfinite(values) & (values >= 0))
        if wrong.any():
            row = int(wrong.argmax())
            raise DataError(
                f"{name} is {values[row]} in row {row}; expected numbers from 0.", row=row
            )
    return first, second


def _refuse_above_one(probability: Array) -> None:
    if (probability > 1).any():
        row = int((probability > 1).argmax())
        raise DataError(f"predicted is {probability[row]} in row {row}; a probability ends at 1.")

"""How predictions would have to be bent to be right: slope and intercept, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from tsgen.arrays import Array, Integers
from tsgen.errors import DataError

from .resampling import student_quantile

__all__ = ["CalibrationFit", "Estimate", "calibration_fit"]

_SURE = 1e-12
_STEPS = 100


class Estimate(NamedTuple):
    """A number and the ends of its 95 % interval; all NaN where the data determine none."""

    value: float
    low: float
    high: float

    def holds(self, ideal: float) -> bool:
        """Return whether `ideal` is within the interval."""
        return bool(self.low <= ideal <= self.high)


@dataclass(frozen=True)
class CalibrationFit:
    """What is wrong with predictions as a whole.

    Attributes:
        slope: b of g(truth) = a + b g(predicted); g is the log odds of chances, the logarithm of
            counts. Below 1: too extreme, high predictions too high and low ones too low.
        intercept: a with b = 1, calibration in the large. Below 0: predictions are too high.
        ratio: All that was observed over all that was predicted.
    """

    slope: Estimate
    intercept: Estimate
    ratio: Estimate


def calibration_fit(
    predicted: npt.ArrayLike,
    observed: npt.ArrayLike,
    *,
    kind: Literal["chance", "count"] = "chance",
    clusters: Integers | None = None,
) -> CalibrationFit:
    """Fit slope and intercept of calibration (Cox 1958; Van Calster et al. 2016, section 2).

    Chances by logistic regression, counts by Poisson regression. Intervals are of 95 % with
    standard errors that hold for any dependence within a cluster (Liang and Zeger 1986). Without an
    observed event, with all possible ones, or with equal predictions, there is no slope: NaN.

    Args:
        predicted: (n,) chances, or expected counts.
        observed: (n,) 0 and 1, or counts.
        kind: Which of the two.
        clusters: (n,) codes from 0 of what belongs together (a user's pairs); None: nothing does.

    Raises:
        DataError: The arrays differ in length or are empty.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> truth = draw.uniform(0.1, 0.9, 20_000)
        >>> said = expit(2 * logit(truth))  # twice as sure as is right
        >>> fit = calibration_fit(said, draw.random(20_000) < truth)
        >>> fit.slope.holds(0.5), fit.slope.holds(1)
        (True, False)
    """
    said, came = np.asarray(predicted, np.float64), np.asarray(observed, np.float64)
    if said.shape != came.shape or said.ndim != 1 or not len(said):
        raise DataError(
            f"predicted has shape {said.shape} and observed {came.shape}; both must be lists of "
            "equal length, with at least one number."
        )
    codes = np.arange(len(said)) if clusters is None else np.asarray(clusters)
    if kind == "chance":
        x, mean, slack = logit(np.clip(said, _SURE, 1 - _SURE)), expit, _bernoulli_variance
    else:
        x, mean, slack = np.log(np.maximum(said, _SURE)), np.exp, _poisson_variance
    line, shift = np.column_stack([np.ones(len(x)), x]), np.ones((len(x), 1))
    regression = _Regression(came, codes, mean, slack)
    within = came.sum() > 0 and (kind == "count" or came.sum() < len(came))
    spread = bool(np.ptp(x) > 0)
    return CalibrationFit(
        slope=regression.last(line, np.zeros(len(x))) if within and spread else _unknown(),
        intercept=regression.last(shift, x) if within else _unknown(),
        ratio=_ratio(said, came, codes),
    )


@dataclass(frozen=True)
class _Regression:
    """Outcomes with a link: Newton's steps, then the sandwich over clusters."""

    came: Array
    codes: Integers
    mean: Callable[[Array], Array]
    variance: Callable[[Array], Array]

    def last(self, columns: Array, offset: Array) -> Estimate:
        """Return the last coefficient; unknown where the steps do not end."""
        beta = np.zeros(columns.shape[1])
        beta[-1] = float(columns.shape[1] > 1)  # as predicted
        for _ in range(_STEPS):
            mean = self.mean(columns @ beta + offset)
            bread = columns.T @ (self.variance(mean)[:, None] * columns)
            try:
                step = np.linalg.solve(bread, columns.T @ (self.came - mean))
            except np.linalg.LinAlgError:
                return _unknown()
            beta = beta + np.clip(step, -1, 1)
            if np.abs(step).max() < 1e-9:
                return self._estimate(beta, columns, offset)
        return _unknown()

    def _estimate(self, beta: Array, columns: Array, offset: Array) -> Estimate:
        mean = self.mean(columns @ beta + offset)
        inverse = np.linalg.inv(columns.T @ (self.variance(mean)[:, None] * columns))
        scores = (self.came - mean)[:, None] * columns
        sums = np.column_stack([np.bincount(self.codes, column) for column in scores.T])
        covariance = inverse @ (sums.T @ sums) @ inverse
        return _interval(float(beta[-1]), float(covariance[-1, -1]), self.codes)


def _interval(value: float, variance: float, codes: Integers) -> Estimate:
    number = len(np.unique(codes))
    if number < 2:
        return Estimate(value, -np.inf, np.inf)
    reach = student_quantile(number) * np.sqrt(variance * number / (number - 1))
    return Estimate(value, value - reach, value + reach)


def _ratio(said: Array, came: Array, codes: Integers) -> Estimate:
    """Return observed over expected, its interval on the logarithmic scale."""
    expected, events = float(said.sum()), float(came.sum())
    if not expected or not events:
        return _unknown() if not expected else Estimate(0.0, 0.0, 3.0 / expected)  # rule of three
    missed = np.bincount(codes, came - events / expected * said)
    variance = float((missed**2).sum()) / events**2
    return Estimate(*np.exp(_interval(np.log(events / expected), variance, codes)).tolist())


def _bernoulli_variance(mean: Array) -> Array:
    return mean * (1 - mean)


def _poisson_variance(mean: Array) -> Array:
    return mean


def _unknown() -> Estimate:
    return Estimate(np.nan, np.nan, np.nan)

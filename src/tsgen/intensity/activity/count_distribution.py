"""The distribution of a count, where a model gives its expectation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln, xlog1py, xlogy

from tsgen.arrays import Array

__all__ = ["CountDistribution", "fit_dispersion", "shape_of"]

_LEAST = 1e-9
"""Expectations below are taken as this, so that a surprise costs much but not infinitely much."""

_PENALTY = 1.0
_MOST = 12.0


@dataclass(frozen=True)
class CountDistribution:
    """Negative binomial counts: Poisson counts whose rates differ as a gamma distribution does.

    Attributes:
        mean: (r,) expected counts.
        shape: (r,) of the gamma distribution; the variance is mean + mean^2 / shape.

    Example:
        >>> import numpy as np
        >>> counts = CountDistribution(np.array([2.0]), np.array([2.0]))
        >>> counts.at_least_one()
        array([0.75])
        >>> np.exp(counts.log_probability(np.array([0])))
        array([0.25])
    """

    mean: Array
    shape: Array

    def log_probability(self, counts: npt.ArrayLike) -> Array:
        """Return the log-probability of one count each, shape (r,)."""
        y, mean = np.asarray(counts, np.float64), np.maximum(self.mean, _LEAST)
        ways = gammaln(y + self.shape) - gammaln(self.shape) - gammaln(y + 1)
        none = -xlog1py(self.shape, mean / self.shape)
        return np.asarray(ways + none + xlogy(y, mean / (self.shape + mean)))

    def at_least_one(self) -> Array:
        """Return the probability of at least one event, shape (r,)."""
        return np.asarray(-np.expm1(-xlog1py(self.shape, self.mean / self.shape)))


def shape_of(mean: Array, dispersion: Array) -> Array:
    """Return the shapes exp(a + b log mean), shape (r,), of dispersion (2,) = (a, b)."""
    logarithm = dispersion[0] + dispersion[1] * np.log(np.maximum(mean, _LEAST))
    return np.asarray(np.exp(np.clip(logarithm, -_MOST, _MOST)))


def fit_dispersion(mean: Array, counts: npt.ArrayLike) -> Array:
    """Return the dispersion (a, b) of greatest likelihood, shape (2,), given the expectations.

    b = 0 gives all counts one shape, b = 1 one ratio of variance to mean. A slight penalty keeps
    the numbers finite where counts vary no more than Poisson counts.
    """
    observed = np.asarray(counts, np.float64)

    def loss(dispersion: Array) -> float:
        likelihoods = CountDistribution(mean, shape_of(mean, dispersion)).log_probability(observed)
        penalty = _PENALTY * float(dispersion @ dispersion)
        return (penalty - float(likelihoods.sum())) / max(len(likelihoods), 1)

    return np.asarray(minimize(loss, np.zeros(2), method="L-BFGS-B").x)

"""How many take up a new item: a log-linear model of first purchases, drawn to a prior."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array, Mask

__all__ = ["PRIOR", "fit_slopes"]

PRIOR = np.array([0.0, 1.0, 1.0, 0.0, 0.5])
"""Of the constant, and of the logarithms of the activity, of what the neighbours' share is, of the
number of items that the user has seen, and of 1 + the user's affinity."""

_PRECISION = np.array([1.0, 10.0, 10.0, 10.0, 10.0])
_ROUNDS = 50
_LIMIT = 30.0


def fit_slopes(features: Array, happened: Mask) -> tuple[Array, float]:
    """Return the likeliest slopes under the prior, and the mean log-likelihood.

    A pair happens at the rate exp(features . slopes), by Poisson's law; about ten events weigh as
    much as the prior of a slope.

    Args:
        features: (pairs, 5), the first column 1.
        happened: (pairs,).
    """
    slopes, target = PRIOR.copy(), happened.astype(np.float64)
    loss = _loss(slopes, features, target)
    for _ in range(_ROUNDS):
        rate = np.exp(np.clip(features @ slopes, -_LIMIT, _LIMIT))
        slope = features.T @ (target - rate) - _PRECISION * (slopes - PRIOR)
        curve = (features * rate[:, None]).T @ features + np.diag(_PRECISION)
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while size > 1e-4 and _loss(slopes + size * step, features, target) > loss:
            size /= 2
        slopes = slopes + size * step
        before, loss = loss, _loss(slopes, features, target)
        if before - loss < 1e-8 * abs(before) or size <= 1e-4:
            break
    return slopes, -loss / max(len(target), 1)


def _loss(slopes: Array, features: Array, target: Array) -> float:
    logs = np.clip(features @ slopes, -_LIMIT, _LIMIT)
    drawn = 0.5 * _PRECISION @ (slopes - PRIOR) ** 2
    return float(np.exp(logs).sum() - target @ logs + drawn)

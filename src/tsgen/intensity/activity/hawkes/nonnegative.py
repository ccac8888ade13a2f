"""Two convex problems with non-negative unknowns, solved to their optimum."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import cho_factor, solve_triangular
from scipy.optimize import minimize, nnls

from tsgen.arrays import Array

__all__ = ["minimise_poisson", "minimise_quadratic"]

_ROUNDS = 100
_TOLERANCE = 1e-10


def minimise_quadratic(matrix: Array, vector: Array) -> Array:
    """Return the x >= 0 that minimises x.Ax/2 - b.x, shape (d,).

    A positive definite A is solved exactly (non-negative least squares on its Cholesky factor). An
    indefinite one, which tied events make of the authors' loss, gets a local optimum.

    Args:
        matrix: (d, d) A, symmetric, with a positive diagonal.
        vector: (d,) b.
    """
    scale = 1 / np.sqrt(np.diag(matrix))  # the features' sizes differ by many orders
    scaled = matrix * np.outer(scale, scale)
    target = vector * scale
    try:
        factor = np.triu(cho_factor(scaled)[0])
    except np.linalg.LinAlgError:
        return scale * _local_optimum(scaled, target)
    solution, _ = nnls(
        factor, solve_triangular(factor, target, trans="T"), maxiter=100 * len(scale)
    )
    return np.asarray(scale * solution)


def _local_optimum(matrix: Array, vector: Array) -> Array:
    minimum = minimize(
        lambda x: (x @ matrix @ x / 2 - vector @ x, matrix @ x - vector),
        np.ones(len(vector)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(vector),
        options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10},
    )
    return np.asarray(minimum.x)


def minimise_poisson(
    features: Array, counts: Array, cost: Array, *, ridge: float, floor: float = 1e-10
) -> Array:
    """Return the x >= 0 that minimises cost.x - sum counts log(floor + Fx) + ridge |x|^2 / 2.

    Newton's method whose steps are non-negative least-squares problems; a few dozen products with F
    in all. With `cost` the integrals of the features and counts of 1 this is the likelihood of a
    point process, with `cost` the sums of the features it is Poisson regression with identity link.

    Args:
        features: (n, d) F >= 0; rows whose count is 0 may be left out.
        counts: (n,) >= 0.
        cost: (d,) > 0.
        ridge: > 0.
        floor: Added to the rate inside the logarithm.
    """
    size = features.max(axis=0, initial=0.0)
    size[size < 1e-100] = 1.0
    features, cost = features / size, cost / size  # every feature's largest value is 1
    penalty = ridge / size**2
    x = np.full(len(cost), max(counts.sum(), 1.0) / cost.sum())

    def loss(x: Array) -> float:
        rate = floor + features @ x
        return float(cost @ x - counts @ np.log(rate) + (penalty * x) @ x / 2)

    now = loss(x)
    for _ in range(_ROUNDS):
        rate = floor + features @ x
        gradient = cost - features.T @ (counts / rate) + penalty * x
        weighted = features * (np.sqrt(counts) / rate)[:, None]
        curvature = weighted.T @ weighted + np.diag(penalty)
        # Rounding leaves it barely indefinite where features are alike.
        curvature[np.diag_indices_from(curvature)] *= 1 + 1e-12
        step = minimise_quadratic(curvature, curvature @ x - gradient) - x
        slope = float(gradient @ step)
        if -slope <= _TOLERANCE * (1 + abs(now)):
            break
        x, now = _search(loss, x, step, now, slope)
    return np.asarray(x / size)


def _search(
    loss: Callable[[Array], float], x: Array, step: Array, now: float, slope: float
) -> tuple[Array, float]:
    """Go along the step as far as the loss falls enough (Armijo)."""
    length = 1.0
    while length > 1e-12:
        there = np.maximum(x + length * step, 0.0)
        value = loss(there)
        if value <= now + 1e-4 * length * slope:
            return there, value
        length /= 2
    return x, now

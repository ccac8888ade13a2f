"""Dual ascent with annealing: prices at ever less entropy."""

from __future__ import annotations

import numpy as np
import scipy.linalg as sl

from tsgen.arrays import AnyArray

from .duals import Duals, best_of_users
from .limits import Limits
from .shortlist import Shortlist
from .smoothed import SmoothedDual

__all__ = ["anneal", "mean_unlimited_value"]


_COOLING = 0.4
_STEPS, _MOST_STEPS = 1, 8  # of Newton's method at each weight of the entropy
_SETTLED = 0.4  # use of a limit, relative to it, that prices may be off by before the last step
_COARSE = 0.004  # entropy above which prices may still be far from where they belong
_LARGEST = 100.0  # price of a contact that a minimum is bought with, in units of the scale


def anneal(
    short: Shortlist, limits: Limits, duals: Duals, *, scale: float, start: float, end: float
) -> Duals:
    """Return the prices at the end of the annealing that promise least: the tightest bound.

    Damped Newton steps on the smoothed dual, as `epsilon` falls from `start * scale` to
    `end * scale`.

    Args:
        short: The pairs.
        limits: Bounds, those of the users being of `short`.
        duals: Prices to begin with.
        scale: The size of values.
        start: First weight of the entropy.
        end: Last weight.
    """
    smoothed = SmoothedDual(short, limits)
    theta = smoothed.theta(duals)
    best, least = duals, _bound(short, limits, duals)
    epsilon = start
    while True:
        for step in range(_MOST_STEPS):
            reach = 2 * epsilon * scale + (0.5 * np.abs(theta) if epsilon > _COARSE else 0.0)
            theta, off = _step(smoothed, theta, epsilon * scale, reach)
            theta = np.clip(theta, -_LARGEST * scale, _LARGEST * scale)
            if off < _SETTLED and step + 1 >= _STEPS:
                break
        point = smoothed.duals(theta)
        bound = _bound(short, limits, point)
        if bound < least:
            best, least = point, bound
        if epsilon <= end:
            return best
        epsilon = max(epsilon * _COOLING, end)


def _step(
    smoothed: SmoothedDual, theta: AnyArray, epsilon: float, reach: AnyArray | float
) -> tuple[AnyArray, float]:
    """Return prices after one damped step of Newton's method, and how far off the old ones were.

    A price moves at most `reach`. Off is the largest share of a limit by which its use differs
    from what its price says.
    """
    gradient, hessian = smoothed.derivatives(theta, epsilon)
    diagonal = np.einsum("ii->i", hessian)
    diagonal += 1e-3 * np.abs(diagonal) + 1e-6 * np.abs(diagonal).mean() + 1e-12
    try:
        move = -sl.solve(hessian, gradient, assume_a="pos", check_finite=False)
    except sl.LinAlgError:  # shares of 0 and 1 alone: rounding is all there is of a curvature
        move = -gradient / np.maximum(diagonal, 1e-12)
    off = float((np.abs(gradient) / np.maximum(smoothed.most, 1)).max(initial=0))
    return np.asarray(theta + np.clip(move, -reach, reach)), off


def _bound(short: Shortlist, limits: Limits, duals: Duals) -> float:
    """Return what the pairs of the list could bring at most."""
    rate = duals.money + duals.total
    reduced = short.values - duals.contact[short.columns].astype(np.float32)
    if rate.any():
        reduced = reduced - short.costs * rate[short.columns].astype(np.float32)
    return float(best_of_users(reduced, limits.users).sum()) + duals.of_limits(limits)


def mean_unlimited_value(short: Shortlist, limits: Limits) -> float:
    """Return the mean of the values that users would be given without campaigns' limits."""
    nothing = Duals.zero(len(limits.at_most))
    total = best_of_users(short.values, limits.users).sum() + nothing.of_limits(limits)
    return max(float(total) / max(int(limits.users.sum()), 1), 1e-12)

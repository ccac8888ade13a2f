"""How much less, or more, than in proportion the popular items get of what is still to come.

An item is much bought because it is in demand, and because it was lucky: of what is most bought at
one time less than its share is bought in the next horizon, the more so the faster fashions change.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array

__all__ = ["learn_item_power"]

_ROUNDS = 30
_USUAL = 0.1
"""Standard deviation of the power, before anything is seen."""

_MOST = 0.5


def learn_item_power(expected: Array, came: Array, log_shares: Array) -> float:
    """Return the power g by which expected totals, times share^g, are nearest to what came.

    Equation: minimise -sum_y came_y log(s_y) / d + g^2 / (2 0.1^2), s_y the share of item y in the
    sum of expected_y exp(g log_share_y); d is the dispersion of the counts around g = 0, at least
    1. So few or bursty events leave g near 0. Convex; Newton's method.

    Args:
        expected: (items,) events that parts expected who had not seen the horizon.
        came: (items,) events in it.
        log_shares: (items,) logarithm of each item's popularity at its beginning, -inf for none.
    """
    active = (expected > 0) & np.isfinite(log_shares)
    mean, count, logs = expected[active], np.asarray(came, float)[active], log_shares[active]
    total = count.sum()
    if len(mean) < 2 or not total:
        return 0.0
    logs = logs - np.average(logs, weights=mean)
    fitted = mean * total / mean.sum()
    dispersion = max(float(np.sum((count - fitted) ** 2 / np.maximum(fitted, 1))) / len(mean), 1.0)
    power = 0.0
    for _ in range(_ROUNDS):
        shares = mean * np.exp(power * logs)
        shares /= shares.sum()
        centre = float(shares @ logs)
        slope = (total * centre - count @ logs) / dispersion + power / _USUAL**2
        curve = total * float(shares @ (logs - centre) ** 2) / dispersion + 1 / _USUAL**2
        power = float(np.clip(power - slope / curve, -_MOST, _MOST))
    return power

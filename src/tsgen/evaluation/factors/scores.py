"""How well asked factors are read off made windows: one number a factor, 1 at best.

Shape legend: M windows, F factors.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array, Integers, Mask

__all__ = ["explained", "explained_new"]


def explained(asked: Integers, read: Array) -> Array:
    """Return R^2 of each factor, (F,): 1 - mean squared error / variance of what was asked.

    NaN where all windows ask for one value.
    """
    return _explained(asked, read, np.ones(asked.shape, bool))


def explained_new(asked: Integers, read: Array, new: Mask) -> Array:
    """Return the same of the windows alone in which a factor's value was never seen, `new` (M, F).

    A maker that gives the nearest value it saw has 0 or less where values lie beyond those seen.
    NaN where a factor has no new value, or one only.
    """
    return _explained(asked, read, new)


def _explained(asked: Integers, read: Array, which: Mask) -> Array:
    scores = np.full(asked.shape[1], np.nan)
    for k, rows in enumerate(which.T):
        spread = asked[rows, k].var() if rows.any() else 0.0
        if spread > 0:
            scores[k] = 1 - ((asked[rows, k] - read[rows, k]) ** 2).mean() / spread
    return scores

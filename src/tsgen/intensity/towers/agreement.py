"""How far the lists of two scorers agree."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import AnyArray, Array
from tsgen.scores import DenseScores, top_rows

__all__ = ["overlap"]


def overlap(first: AnyArray, second: AnyArray, size: int) -> float:
    """Return the share of the first scorer's best `size` users in the second's best 2 `size`.

    Args:
        first: (users, items), NaN-free.
        second: (users, items).
        size: Of lists, at least 1.

    Returns:
        The mean over items.
    """
    best = top_rows(DenseScores(first), size)[0]
    wide = top_rows(DenseScores(second), 2 * size)[0]
    shares: Array = np.array([np.isin(a, b).mean() for a, b in zip(best, wide, strict=True)])
    return float(shares.mean())

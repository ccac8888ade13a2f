"""Whether synthetic windows repeat the training windows.

Nothing here proves privacy. A high score shows copying; a good score only says that this test did
not find any. A privacy guarantee needs a training method that gives one (differential privacy).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, as_rows
from tsgen.errors import DataError

from .distances import nearest_distances

__all__ = ["membership_advantage", "nearest_real_distance_ratio"]


def nearest_real_distance_ratio(
    synthetic: npt.ArrayLike, real_train: npt.ArrayLike, real_test: npt.ArrayLike
) -> float:
    """Return how near synthetic windows are to training windows, against real test windows.

    The median distance of a synthetic window to its nearest training window, over the same median
    of the real test windows. 1 is ideal; well below 1 says copies, above 1 says unlike the data.
    No privacy guarantee follows from a value near 1.

    Args:
        synthetic: (m, L).
        real_train: (n, L), the windows that a generator learnt from.
        real_test: (t, L), real windows that it did not learn from.

    Raises:
        DataError: Missing values, no windows, different lengths, or test windows of which half or
            more are exact copies of training windows.
    """
    reference = float(np.median(nearest_distances(real_test, real_train)))
    if not reference > 0:
        raise DataError(
            "At least half of real_test are exact copies of windows of real_train, so no ratio "
            "exists; keep the test windows apart from the training windows."
        )
    return float(np.median(nearest_distances(synthetic, real_train))) / reference


def membership_advantage(
    synthetic: npt.ArrayLike, members: npt.ArrayLike, non_members: npt.ArrayLike
) -> float:
    """Return how well a window's distance to its nearest synthetic window tells training windows.

    The attack of Chen et al. 2020 (GAN-Leaks, full black box): guess "was trained on" for windows
    with a synthetic window near by. The result is 2 AUC - 1 of that guess, ties counting half: 0 is
    no better than chance, 1 is certain, below 0 says that non-members are the nearer ones. Members
    and non-members should otherwise be alike (same series, same period); if they are not, compare
    with the value that other real windows in the place of the synthetic ones give. 0 is no privacy
    guarantee: stronger attacks exist.

    Args:
        synthetic: (m, L).
        members: (n, L), windows that the generator learnt from.
        non_members: (t, L), real windows that it did not learn from.

    Raises:
        DataError: Missing values, no windows, or different lengths.
    """
    near = nearest_distances(as_rows(members, "members"), synthetic)
    far = nearest_distances(as_rows(non_members, "non_members"), synthetic)
    return 2.0 * _probability_smaller(near, far) - 1.0


def _probability_smaller(first: Array, second: Array) -> float:
    """Return the probability that a draw of `first` is below one of `second`, ties half."""
    ordered = np.sort(second)
    below = ordered.searchsorted(first, side="left")
    upto = ordered.searchsorted(first, side="right")
    return float(1.0 - (below + upto).mean() / (2 * ordered.size))

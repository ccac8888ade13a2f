"""Copies of training windows among synthetic ones, by an exact search of all offsets.

A median hides a minority of copies, and a sample of the training windows misses most originals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import hypergeom

from tsgen.arrays import Array, Integers, as_rows
from tsgen.errors import DataError

__all__ = ["CopyCheck", "find_copies", "nearest_training_distances"]

_BLOCK = 16_384
_EXACT = 1e-3
"""Distance over the root of the length that rounding alone can make."""
_TAIL = 0.01
_CHANCE = 1e-2


@dataclass(frozen=True)
class CopyCheck:
    """Whether samples lie nearer to training windows than real test windows do.

    Attributes:
        num_searched: Training windows that were compared, all offsets of all series.
        exact: Share of the samples that are training windows, but for level, scale and rounding.
        test_exact: The same share of the real test windows: constants and the like.
        nearer: Share of the samples in the lower tail that tells the two apart best.
        test_nearer: The same share of the real test windows.
        probability: How often chance alone would put as many samples there, all tails tried.
    """

    num_searched: int
    exact: float
    test_exact: float
    nearer: float
    test_nearer: float
    probability: float

    @property
    def copied(self) -> bool:
        """Whether chance does not explain it."""
        return self.probability < _CHANCE


def find_copies(
    synthetic: npt.ArrayLike, real_test: npt.ArrayLike, values: Array, begins: Integers
) -> CopyCheck:
    """Compare the distances of samples and of real test windows to all training windows.

    Every window is first scaled to [0, 1], so a copy at another level or scale is one. No privacy
    guarantee follows from a good result.

    Args:
        synthetic: (m, L).
        real_test: (t, L), real windows that the generator did not learn from.
        values: (N,) training series one after another.
        begins: (W,) where their complete windows of L steps begin in `values`, as
            `tsgen.data.series.window_starts` gives them.

    Raises:
        DataError: Missing values among the windows, different lengths, or no training window.
    """
    made = nearest_training_distances(synthetic, values, begins)
    real = nearest_training_distances(real_test, values, begins)
    least = _EXACT * np.sqrt(np.shape(synthetic)[1])
    ranks = 2 ** np.arange(int(np.log2(max(_TAIL * len(real), 1))) + 1) - 1
    beyond = np.sort(real[real > least])
    tails = [least, *beyond[ranks[ranks < len(beyond)]]]
    counts = [(int((made <= t).sum()), int((real <= t).sum())) for t in tails]
    chances = [_chance(*both, len(made), len(real)) for both in counts]
    best = int(np.argmin(chances))
    (exact, test_exact), (nearer, test_nearer) = counts[0], counts[best]
    return CopyCheck(
        len(begins),
        exact / len(made),
        test_exact / len(real),
        nearer / len(made),
        test_nearer / len(real),
        min(chances[best] * len(tails), 1.0),
    )


def nearest_training_distances(windows: npt.ArrayLike, values: Array, begins: Integers) -> Array:
    """Return the distance of each window to its nearest training window, both scaled, (m,).

    Args:
        windows: (m, L), complete.
        values: See `find_copies`.
        begins: See `find_copies`.

    Raises:
        DataError: Missing values, or no complete training window of this length.
    """
    ours = _scaled(as_rows(windows, "windows"))
    length = ours.shape[1]
    if not len(begins):
        raise DataError(f"No series has a complete training window of {length} steps.")
    theirs = np.lib.stride_tricks.sliding_window_view(np.asarray(values, np.float64), length)
    best = np.full(len(ours), np.inf, np.float32)
    square = (ours**2).sum(axis=1)
    for first in range(0, len(begins), _BLOCK):
        block = _scaled(theirs[begins[first : first + _BLOCK]])
        apart = (block**2).sum(axis=1)[:, None] - 2.0 * (block @ ours.T)
        best = np.minimum(best, apart.min(axis=0))
    distances: Array = np.sqrt(np.maximum(best.astype(np.float64) + square, 0.0))
    return distances


def _scaled(windows: Array) -> npt.NDArray[np.float32]:
    """Return windows with their least value at 0 and their greatest at 1; constants at 1/2."""
    low, high = windows.min(axis=1, keepdims=True), windows.max(axis=1, keepdims=True)
    flat = high == low
    unit = (windows - low) / np.where(flat, 1.0, high - low)
    return np.where(flat, 0.5, unit).astype(np.float32)


def _chance(made: int, real: int, num_made: int, num_real: int) -> float:
    """Return how often `made` or more of `made + real` would be samples if nothing told them."""
    return float(hypergeom.sf(made - 1, num_made + num_real, made + real, num_made))

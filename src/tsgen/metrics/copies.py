"""Copies of training windows among synthetic ones, by an exact search of all offsets.

A median hides a minority of copies, and a sample of the training windows misses most originals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, hypergeom

from tsgen.arrays import Array, Integers, Mask, Singles, as_rows
from tsgen.errors import DataError
from tsgen.progress import track

__all__ = ["CopyCheck", "find_copies", "nearest_training_distances"]

_BLOCK = 16_384
_EXACT = 1e-3
"""Distance over the root of the length that rounding alone can make."""
_TAIL = 0.01
_SIGNIFICANCE = 1e-2
_FEWEST = 20
_NEAREST = 20
"""Samples that are tried as the few that lie nearer than any real test window."""


@dataclass(frozen=True)
class CopyCheck:
    """Whether samples lie nearer to training windows than real test windows do.

    Attributes:
        num_searched: Training windows that were compared, all offsets of all series.
        exact: Share of the samples that are training windows, but for level, scale and rounding.
        test_exact: The same share of the real test windows: constants and the like.
        nearer: Share of the samples in the lower tail that tells the two apart best.
        test_nearer: The same share of the real test windows.
        probability: How often chance alone would put as many samples there, or so near, all tails
            tried.
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
        return self.probability < _SIGNIFICANCE


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
    chances = [_tail_probability(*both, len(made), len(real)) for both in counts]
    best = int(np.argmin(chances))
    (exact, test_exact), (nearer, test_nearer) = counts[0], counts[best]
    by_counts = chances[best] * len(tails)
    rich = [_rich(np.asarray(rows, np.float64)) for rows in (synthetic, real_test)]
    few, by_distance = _nearer_than_any(made[rich[0]], real[rich[1]], least)
    if by_distance < by_counts and not by_counts < _SIGNIFICANCE / 2:
        nearer, test_nearer = few, int((real <= least).sum())
    return CopyCheck(
        len(begins),
        exact / len(made),
        test_exact / len(real),
        nearer / len(made),
        test_nearer / len(real),
        min(2 * min(by_counts, by_distance), 1.0),
    )


def _rich(windows: Array) -> Mask:
    """Return which windows have more than half as many values as steps: none repeats by chance."""
    values = np.sort(windows, axis=1)
    return np.asarray((np.diff(values, axis=1) > 0).sum(axis=1) + 1 > windows.shape[1] / 2)


def _nearer_than_any(made: Array, real: Array, least: float) -> tuple[int, float]:
    """Return how many samples lie nearer than any real window, and how often chance does that.

    Counts cannot tell a few copies from luck; how near they lie can. The share of real windows
    within a distance d falls as a power of d, whose exponent, the dimension of the data, is
    estimated from the nearest tenth (Hill 1975; Levina and Bickel 2004) and taken two standard
    errors too low. Windows that real ones match exactly are left out.
    """
    beyond = np.sort(real[real > least])
    size = max(_FEWEST, len(beyond) // 10)
    if len(beyond) < 2 * _FEWEST:
        return 0, 1.0
    if len(beyond) < len(real):
        made = made[made > least]
    edge = beyond[size - 1]
    dimension = (1 - 2 / np.sqrt(size)) / float(np.log(edge / beyond[: size - 1]).mean())
    near = np.sort(made[made < beyond[0]])[:_NEAREST]
    if not len(near):
        return 0, 1.0
    share = size / len(beyond) * (np.maximum(near, least) / edge) ** dimension
    numbers = np.arange(1, len(near) + 1)
    chances = binom.sf(numbers - 1, len(made), share)
    best = int(chances.argmin())
    return int((made <= max(near[best], least)).sum()), float(chances[best]) * len(near)


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
    for first in track(range(0, len(begins), _BLOCK), "searching copies"):
        block = _scaled(theirs[begins[first : first + _BLOCK]])
        apart = (block**2).sum(axis=1)[:, None] - 2.0 * (block @ ours.T)
        best = np.minimum(best, apart.min(axis=0))
    distances: Array = np.sqrt(np.maximum(best.astype(np.float64) + square, 0.0))
    return distances


def _scaled(windows: Array) -> Singles:
    """Return windows with their least value at 0 and their greatest at 1; constants at 1/2."""
    low, high = windows.min(axis=1, keepdims=True), windows.max(axis=1, keepdims=True)
    flat = high == low
    unit = (windows - low) / np.where(flat, 1.0, high - low)
    return np.where(flat, 0.5, unit).astype(np.float32)


def _tail_probability(made: int, real: int, num_made: int, num_real: int) -> float:
    """Return how often `made` or more of `made + real` would be samples if nothing told them."""
    return float(hypergeom.sf(made - 1, num_made + num_real, made + real, num_made))

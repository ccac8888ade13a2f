"""Copies of training windows among synthetic ones, by an exact search of all offsets.

A median hides a minority of copies, and a sample of the training windows misses most originals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

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
        by: Of what the tail is: of the "distance" to the nearest training window, or of its "ratio"
            to the distance of the nearest one elsewhere, which is low for what is like one training
            window and no other.
    """

    num_searched: int
    exact: float
    test_exact: float
    nearer: float
    test_nearer: float
    probability: float
    by: Literal["distance", "ratio"] = "distance"

    @property
    def copied(self) -> bool:
        """Whether chance does not explain it."""
        return self.probability < _SIGNIFICANCE


def find_copies(
    synthetic: npt.ArrayLike, real_test: npt.ArrayLike, values: Array, begins: Integers
) -> CopyCheck:
    """Compare samples and real test windows by their distances to all training windows.

    Every window is first scaled to [0, 1], so a copy at another level or scale is one. Where series
    repeat themselves, real windows lie as near to training windows as noisy copies do, but to many
    of them; a copy is like its original alone. No privacy guarantee follows from a good result.

    Args:
        synthetic: (m, L).
        real_test: (t, L), real windows that the generator did not learn from.
        values: (N,) training series one after another.
        begins: (W,) where their complete windows of L steps begin in `values`, in rising order, as
            `tsgen.data.series.window_starts` gives them.

    Raises:
        DataError: Missing values among the windows, different lengths, or no training window.
    """
    made, real = (nearest_training_distances(x, values, begins) for x in (synthetic, real_test))
    least = _EXACT * np.sqrt(np.shape(synthetic)[1])
    rich = [_rich(np.asarray(rows, np.float64)) for rows in (synthetic, real_test)]
    by_distance = _Tail.of(made[0], real[0], rich, least)
    by_ratio = _Tail.of(_ratios(*made, least), _ratios(*real, least), rich, _EXACT)
    plain = 2 * by_distance.probability < _SIGNIFICANCE
    best = by_distance if plain or by_distance.probability <= by_ratio.probability else by_ratio
    return CopyCheck(
        len(begins),
        float((made[0] <= least).mean()),
        float((real[0] <= least).mean()),
        best.made,
        best.real,
        min(2 * best.probability, 1.0),
        "ratio" if best is by_ratio else "distance",
    )


@dataclass(frozen=True)
class _Tail:
    """Shares of samples and of real windows below a bound, and how often chance does that."""

    made: float
    real: float
    probability: float

    @classmethod
    def of(cls, made: Array, real: Array, rich: Sequence[Mask], least: float) -> _Tail:
        """Choose the bound that tells the two apart best; at most `least` is an exact copy."""
        ranks = 2 ** np.arange(int(np.log2(max(_TAIL * len(real), 1))) + 1) - 1
        beyond = np.sort(real[real > least])
        tails = [least, *beyond[ranks[ranks < len(beyond)]]]
        counts = [(int((made <= t).sum()), int((real <= t).sum())) for t in tails]
        chances = [_tail_probability(*both, len(made), len(real)) for both in counts]
        best = int(np.argmin(chances))
        nearer, test_nearer = counts[best]
        by_counts = chances[best] * len(tails)
        few, by_nearness = _nearer_than_any(made[rich[0]], real[rich[1]], least)
        if by_nearness < by_counts and not by_counts < _SIGNIFICANCE / 4:
            nearer, test_nearer = few, int((real <= least).sum())
        both = min(2 * min(by_counts, by_nearness), 1.0)
        return cls(nearer / len(made), test_nearer / len(real), both)


def _ratios(nearest: Array, elsewhere: Array, least: float) -> Array:
    """Return how much nearer the nearest is; 1 where both are exact, or there is nothing else."""
    compared = np.isfinite(elsewhere) & (elsewhere > least)
    return np.where(compared, nearest / np.where(compared, elsewhere, 1.0), 1.0)


def _rich(windows: Array) -> Mask:
    """Return which windows have more than half as many values as steps: none repeats by chance."""
    values = np.sort(windows, axis=1)
    return np.asarray((np.diff(values, axis=1) > 0).sum(axis=1) + 1 > windows.shape[1] / 2)


def _nearer_than_any(made: Array, real: Array, least: float) -> tuple[int, float]:
    """Return how many samples lie below any real window, and how often chance does that.

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
    if edge == beyond[0]:  # all alike
        return 0, 1.0
    dimension = (1 - 2 / np.sqrt(size)) / float(np.log(edge / beyond[: size - 1]).mean())
    near = np.sort(made[made < beyond[0]])[:_NEAREST]
    if not len(near):
        return 0, 1.0
    share = size / len(beyond) * (np.maximum(near, least) / edge) ** dimension
    numbers = np.arange(1, len(near) + 1)
    chances = binom.sf(numbers - 1, len(made), share)
    best = int(chances.argmin())
    return int((made <= max(near[best], least)).sum()), float(chances[best]) * len(near)


def nearest_training_distances(
    windows: npt.ArrayLike, values: Array, begins: Integers
) -> tuple[Array, Array]:
    """Return how far the nearest training window is from each window, and the nearest elsewhere.

    "Elsewhere" are the training windows that share no step with the nearest one. All are scaled.

    Args:
        windows: (m, L), complete.
        values: See `find_copies`.
        begins: See `find_copies`.

    Returns:
        (m,) and (m,), the second infinite where there is no other.

    Raises:
        DataError: Missing values, or no complete training window of this length.
    """
    ours = _scaled(as_rows(windows, "windows"))
    if not len(begins):
        raise DataError(f"No series has a complete training window of {ours.shape[1]} steps.")
    num, columns = len(ours), np.arange(len(ours))
    least, place = np.full(num, np.inf, np.float32), np.zeros(num, np.int64)
    for starts, apart in _blocks(ours, values, begins, "searching copies"):
        row = apart.argmin(axis=0)
        nearer = apart[row, columns] < least
        least[nearer], place[nearer] = apart[row, columns][nearer], starts[row[nearer]]
    other = np.full(num, np.inf, np.float32)
    for starts, apart in _blocks(ours, values, begins, "searching what else is near"):
        first = np.searchsorted(starts, place - ours.shape[1] + 1)
        end = np.searchsorted(starts, place + ours.shape[1])
        for column in np.flatnonzero(end > first):
            apart[first[column] : end[column], column] = np.inf
        other = np.minimum(other, apart.min(axis=0))
    square = (ours**2).sum(axis=1, dtype=np.float64)
    nearest, elsewhere = (np.sqrt(np.maximum(apart + square, 0.0)) for apart in (least, other))
    return nearest, elsewhere


def _blocks(
    ours: Singles, values: Array, begins: Integers, label: str
) -> Iterator[tuple[Integers, Singles]]:
    """Yield begins of training windows, and their squared distances but for a term of `ours`."""
    every = np.lib.stride_tricks.sliding_window_view(np.asarray(values, np.float64), ours.shape[1])
    for first in track(range(0, len(begins), _BLOCK), label):
        starts = begins[first : first + _BLOCK]
        theirs = _scaled(every[starts])
        yield starts, (theirs**2).sum(axis=1)[:, None] - 2.0 * (theirs @ ours.T)


def _scaled(windows: Array) -> Singles:
    """Return windows with their least value at 0 and their greatest at 1; constants at 1/2."""
    low, high = windows.min(axis=1, keepdims=True), windows.max(axis=1, keepdims=True)
    flat = high == low
    unit = (windows - low) / np.where(flat, 1.0, high - low)
    return np.where(flat, 0.5, unit).astype(np.float32)


def _tail_probability(made: int, real: int, num_made: int, num_real: int) -> float:
    """Return how often `made` or more of `made + real` would be samples if nothing told them."""
    return float(hypergeom.sf(made - 1, num_made + num_real, made + real, num_made))

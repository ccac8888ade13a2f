"""Windows whose membership is asked, who was trained on what, and how near a release comes.

Shape legend: S series, n windows of W steps, R reference models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.errors import DataError
from tsgen.metrics import nearest_distances
from tsgen.rng import numpy_stream

__all__ = ["Halves", "WindowCandidates", "distances_to"]

_LEAST_SERIES = 8
_MOST_WINDOWS = 20_000
_TINY = 1e-9


@dataclass(frozen=True)
class Halves:
    """Which series each model learns from: a random half each.

    Attributes:
        target: (S,), of the attacked model.
        references: (R, S); two by two they share out all series, so that each is in half of them.
    """

    target: Mask
    references: Mask

    @classmethod
    def of(cls, num_series: int, num_references: int, seed: int) -> Halves:
        """Draw the halves.

        Raises:
            DataError: Fewer than eight series.
        """
        if num_series < _LEAST_SERIES:
            raise DataError(
                f"The data have {num_series} series; an attack trains models on halves of them "
                f"and needs at least {_LEAST_SERIES}."
            )
        stream = numpy_stream(seed, "halves")

        def half() -> Mask:
            mask = np.zeros(num_series, bool)
            mask[stream.permutation(num_series)[: num_series // 2]] = True
            return mask

        firsts = [half() for _ in range(num_references // 2)]
        pairs = [mask for first in firsts for mask in (first, ~first)]
        return cls(half(), np.stack(pairs))


@dataclass(frozen=True)
class WindowCandidates:
    """The windows of real series of which an attacker asks whether they were learnt from.

    Attributes:
        values: (n, W), each with mean 0 and deviation 1.
        series: (n,), each window's series.
        left_out: Windows that are constant, or miss a value.
    """

    values: Array
    series: Integers
    left_out: int

    @classmethod
    def of(cls, dataset: SeriesDataset, length: int) -> WindowCandidates:
        """Cut every series into windows, end to end.

        Raises:
            DataError: No window is complete and varies.
        """
        values, series, asked = _windows(dataset, length, length)
        if not len(values):
            raise DataError(
                f"No window of {length} steps is complete and varies; give longer series, or a "
                "smaller window_length."
            )
        return cls(values, series, asked - len(values))

    def members(self, learnt: Mask) -> Mask:
        """Return which windows are of the series `learnt`, (S,)."""
        chosen: Mask = learnt[self.series]
        return chosen


def distances_to(release: SeriesDataset, candidates: WindowCandidates, seed: int) -> Array:
    """Return the log of each candidate's distance to the nearest window of a release, (n,).

    Windows of a release are taken every quarter of a window; beyond 20,000 they are drawn.
    """
    length = candidates.values.shape[1]
    values, _, _ = _windows(release, length, max(1, length // 4))
    if not len(values):
        raise DataError(f"The synthetic series have no window of {length} steps that varies.")
    if len(values) > _MOST_WINDOWS:
        chosen = numpy_stream(seed, "release").permutation(len(values))[:_MOST_WINDOWS]
        values = values[chosen]
    near: Array = np.log(nearest_distances(candidates.values, values) + _TINY)
    return near


def _windows(dataset: SeriesDataset, length: int, step: int) -> tuple[Array, Integers, int]:
    """Return scaled windows, their series, and how many there were before some were left out."""
    counts = np.maximum((dataset.lengths - length) // step + 1, 0)
    owners = np.repeat(np.arange(len(dataset)), counts)
    place = np.arange(len(owners)) - np.repeat(counts.cumsum() - counts, counts)
    begins = dataset.offsets[owners] + place * step
    rows = dataset.values[begins[:, None] + np.arange(length)]
    spread = rows.std(axis=1)
    good = np.isfinite(spread) & (spread > _TINY * np.abs(rows).max(axis=1, initial=0.0))
    kept = rows[good]
    scaled = (kept - kept.mean(axis=1, keepdims=True)) / spread[good, None]
    return scaled, owners[good], len(rows)

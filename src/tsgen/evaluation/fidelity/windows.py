"""Complete windows drawn from a dataset, and the two ways of scaling them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.data import SeriesDataset
from tsgen.data.series import window_starts
from tsgen.errors import DataError
from tsgen.rng import numpy_stream

__all__ = ["WindowIndex", "Windows", "scale_windows", "series_bounds", "windows_of"]


@dataclass(frozen=True)
class Windows:
    """Windows and where they come from.

    Attributes:
        values: (n, L) float64, complete, in the units of the series.
        series: (n,) position of each window's series in the dataset.
        positions: (n,) step of its series at which each window begins.
        num_complete: Complete windows that the dataset has.
        num_incomplete: Windows left out because a value in them is missing.
    """

    values: Array
    series: Integers
    positions: Integers
    num_complete: int
    num_incomplete: int

    def part(self, rows: slice) -> Windows:
        """Return some of the windows."""
        return replace(
            self,
            values=self.values[rows],
            series=self.series[rows],
            positions=self.positions[rows],
        )

    def min_max(self, low: Array, high: Array) -> Array:
        """Return the values with each series' `low` at 0 and `high` at 1; constant series: 1/2."""
        low, high = low[self.series, None], high[self.series, None]
        return _to_unit(self.values, low, high)

    def facts(self) -> dict[str, int]:
        """Return the counts, for a result."""
        return {
            "drawn": len(self.values),
            "complete": self.num_complete,
            "incomplete": self.num_incomplete,
        }


@dataclass(frozen=True)
class WindowIndex:
    """Where the complete windows of a dataset begin.

    Attributes:
        dataset: The series.
        length: Steps in a window, L.
        begins: (W,) flat index of each complete window, ascending.
        owners: (W,) its series.
        num_incomplete: Windows that have a missing value.
    """

    dataset: SeriesDataset
    length: int
    begins: Integers
    owners: Integers
    num_incomplete: int

    @classmethod
    def over(cls, dataset: SeriesDataset, length: int, name: str = "the dataset") -> WindowIndex:
        """Index the complete windows of `dataset`.

        Raises:
            DataError: There are none.
        """
        begins = window_starts(dataset.values, dataset.offsets, length, 1.0)
        in_all = int(np.maximum(dataset.lengths - length + 1, 0).sum())
        if begins.size == 0:
            raise DataError(
                f"No complete window of {length} steps: in {name} the longest series has "
                f"{int(dataset.lengths.max())} steps, and the longest stretch without a missing "
                f"value {_longest_stretch(dataset)}. Lower target_length, give longer series, or "
                "fill the gaps first."
            )
        owners = np.searchsorted(dataset.offsets, begins, side="right") - 1
        return cls(dataset, length, begins, owners, in_all - begins.size)

    def spread_evenly(self, num: int, draw: np.random.Generator) -> Windows:
        """Draw up to `num` different windows, as evenly over the series as they allow."""
        order = np.lexsort((draw.random(len(self.begins)), self.owners))
        first = np.searchsorted(self.owners, self.owners)  # owners ascend, so places are ranks
        rank = np.arange(len(order)) - first
        chosen = order[np.lexsort((draw.random(len(order)), rank))[:num]]
        return self.at(draw.permutation(chosen))

    def uniform_by_series(self, series: Integers, draw: np.random.Generator) -> Windows:
        """Draw one window of each given series, its start uniform; series may repeat."""
        first = np.searchsorted(self.owners, series)
        counts = np.searchsorted(self.owners, series, side="right") - first
        return self.at(first + draw.integers(0, counts))

    def at(self, chosen: Integers) -> Windows:
        """Return the windows at these places of `begins`."""
        begins, owners = self.begins[chosen], self.owners[chosen]
        return Windows(
            values=self.dataset.values[begins[:, None] + np.arange(self.length)],
            series=owners,
            positions=begins - self.dataset.offsets[owners],
            num_complete=len(self.begins),
            num_incomplete=self.num_incomplete,
        )


def windows_of(
    dataset: SeriesDataset, length: int, num: int, *, seed: int, name: str = "the dataset"
) -> Windows:
    """Draw up to `num` different complete windows, as evenly over the series as they allow.

    Args:
        dataset: The series; windows with a missing value are left out and counted.
        length: Steps in a window.
        num: Windows wanted; fewer come back if the dataset has fewer.
        seed: Same seed, same windows.
        name: What to call the dataset in a message.

    Raises:
        DataError: The dataset has no complete window of this length.
    """
    draw = numpy_stream(seed, "windows", name)
    return WindowIndex.over(dataset, length, name).spread_evenly(num, draw)


def scale_windows(values: Array) -> tuple[Array, int]:
    """Return each window with its minimum at 0 and its maximum at 1, and how many are constant.

    A constant window becomes 1/2 throughout.

    Args:
        values: (n, L), complete.
    """
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    return _to_unit(values, low, high), int((low == high).sum())


def series_bounds(dataset: SeriesDataset) -> tuple[Array, Array]:
    """Return each series' least and greatest observed value, (n,) each; NaN if it has none."""
    low: Array = np.fmin.reduceat(dataset.values, dataset.offsets[:-1])
    high: Array = np.fmax.reduceat(dataset.values, dataset.offsets[:-1])
    return low, high


def _to_unit(values: Array, low: Array, high: Array) -> Array:
    varies = high > low
    scaled: Array = np.where(varies, (values - low) / np.where(varies, high - low, 1.0), 0.5)
    return scaled


def _longest_stretch(dataset: SeriesDataset) -> int:
    """Return the length of the longest run of observed values within a series."""
    breaks = np.flatnonzero(np.isnan(dataset.values))
    edges = np.unique(np.concatenate([breaks, dataset.offsets]))
    gap = np.isin(edges[:-1], breaks)  # an edge that is a missing value takes a step itself
    return int((np.diff(edges) - gap).max())

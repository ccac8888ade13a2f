"""The series that new ones are made after, as flat arrays that every transform works on.

Shape legend: n series of a dataset, R sources (a series may be several), T steps of all sources.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from gluonts.time_feature.seasonality import get_seasonality

from tsgen.arrays import Array, Integers
from tsgen.data import SeriesDataset
from tsgen.data.series import split_freq
from tsgen.errors import SettingsError
from tsgen.memory import check_steps
from tsgen.rng import numpy_stream

__all__ = ["Sources", "draw_sources", "season_of", "synthetic_after"]


@dataclass(frozen=True)
class Sources:
    """The R series that new ones are made after, T steps in all.

    Attributes:
        dataset: What the series are taken from, and mixed with.
        rows: (R,), their positions.
        season: Steps of a season; 1 if there is none.
        values: (T,), their values.
        owner: (T,), the series 0..R-1 each step belongs to.
        step: (T,), its place within the series.
    """

    dataset: SeriesDataset
    rows: Integers
    season: int
    values: Array
    owner: Integers
    step: Integers

    @classmethod
    def of(cls, dataset: SeriesDataset, rows: Integers, season: int) -> Sources:
        """Gather the series at `rows`, which may repeat."""
        lengths = dataset.lengths[rows]
        owner = np.repeat(np.arange(len(rows)), lengths)
        step = np.arange(len(owner)) - np.repeat(lengths.cumsum() - lengths, lengths)
        values = dataset.values[dataset.offsets[rows][owner] + step]
        return cls(dataset, rows, season, values, owner, step)

    @property
    def lengths(self) -> Integers:
        """Steps of each source, (R,)."""
        return self.dataset.lengths[self.rows]

    @property
    def offsets(self) -> Integers:
        """Source r is values[offsets[r]:offsets[r + 1]], (R + 1,)."""
        return np.concatenate([[0], self.lengths.cumsum()])

    @property
    def phases(self) -> Integers:
        """Place within the season of the first step of each series of the dataset, (n,)."""
        phases: Integers = self.dataset.starts // split_freq(self.dataset.freq)[1] % self.season
        return phases

    @property
    def level(self) -> Array:
        """Mean absolute value of each series of the dataset, 1 where that is 0, (n,)."""
        level = self._per_series(np.abs(self.dataset.values))
        return np.where(level > 0, level, 1.0)

    @property
    def spread(self) -> Array:
        """Standard deviation of each series of the dataset, (n,)."""
        values = self.dataset.values
        mean = np.repeat(self._per_series(values), self.dataset.lengths)
        spread: Array = np.sqrt(self._per_series((values - mean) ** 2))
        return spread

    @property
    def range(self) -> Array:
        """Greatest less least observed value of each series of the dataset, (n,)."""
        values, begins = self.dataset.values, self.dataset.offsets[:-1]
        most, least = np.fmax.reduceat(values, begins), np.fmin.reduceat(values, begins)
        extent: Array = most - least
        return extent

    def filled(self) -> Array:
        """Return the values with missing ones on the line between their neighbours, (T,).

        Steps before the first observed value repeat it, likewise at the end; a series without any
        becomes 0.
        """
        values = self.values.copy()
        missing = np.isnan(values)
        for r in np.unique(self.owner[missing]):
            part = slice(*self.offsets[[r, r + 1]])
            gaps = missing[part]
            seen = np.flatnonzero(~gaps)
            ends = (seen, values[part][seen]) if len(seen) else ([0], [0.0])
            values[part] = np.interp(np.arange(len(gaps)), *ends)
        return values

    def with_gaps(self, values: Array) -> Array:
        """Return `values` (T,) with the sources' missing steps missing again."""
        gappy: Array = np.where(np.isnan(self.values), np.nan, values)
        return gappy

    def _per_series(self, values: Array) -> Array:
        """Return the mean of each series' observed values, 0 if there are none, (n,)."""
        observed = ~np.isnan(values)
        begins = self.dataset.offsets[:-1]
        counts = np.add.reduceat(observed, begins, dtype=np.float64)
        sums: Array = np.add.reduceat(np.where(observed, values, 0.0), begins)
        return sums / np.maximum(counts, 1)


def season_of(freq: str) -> int:
    """Return the steps of the shortest season that is usual at a frequency, 1 if there is none.

    GluonTS's seasonality, but a week for days.
    """
    if freq == "D":
        return 7
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas renames its frequencies
        return int(get_seasonality(freq))


def draw_sources(num_series: int, ratio: float, seed: int) -> Integers:
    """Return the positions of round(ratio * num_series) sources, none twice before all once.

    Raises:
        SettingsError: That is no series at all.
        TooLargeError: It is more than memory holds.
    """
    check_steps(ratio * num_series, f"ratio={ratio:g}")  # of one step each, at the least
    count = round(ratio * num_series)
    if count == 0:
        raise SettingsError(f"ratio={ratio} of {num_series} series is no series; raise the ratio.")
    draw = numpy_stream(seed, "sources")
    rounds = -(-count // num_series)
    return np.concatenate([draw.permutation(num_series) for _ in range(rounds)])[:count]


def synthetic_after(
    dataset: SeriesDataset, rows: Integers, values: Array, name: str
) -> SeriesDataset:
    """Return series with the calendar, statics and features of `rows` and these values.

    Args:
        dataset: Where the sources are.
        rows: (R,), their positions.
        values: The new series one after another, as long as their sources.
        name: What made them; `info` says so, and that they are synthetic.
    """
    lengths, dynamic = dataset.lengths[rows], dataset.dynamic
    if dynamic is not None:
        dynamic = dynamic.cut(rows, np.zeros_like(lengths), dynamic.lengths[rows])
    return replace(
        dataset,
        values=values,
        offsets=np.concatenate([[0], lengths.cumsum()]),
        starts=dataset.starts[rows],
        item_ids=tuple(f"synthetic/{name}/{i}" for i in range(len(rows))),
        static_cat=dataset.static_cat[rows],
        static_real=dataset.static_real[rows],
        dynamic=dynamic,
        info=tuple(
            {"synthetic": True, "model": name, "source_item_id": dataset.item_ids[i]} for i in rows
        ),
    )

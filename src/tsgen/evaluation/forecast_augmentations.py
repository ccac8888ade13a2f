"""Cheap ways to make more series, hard to beat: what a trained synthesizer is compared with.

Each takes a dataset and the positions of R source series and returns one new series of the same
length and calendar for each, their values one after another. Missing values stay missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tsgen.data import SeriesDataset
from tsgen.errors import DataError, SettingsError
from tsgen.metrics.checks import Array
from tsgen.rng import numpy_stream

__all__ = [
    "AUGMENTATIONS",
    "Sources",
    "augmented_series",
    "block_bootstrap",
    "draw_sources",
    "jitter",
    "magnitude_warp",
    "mixing",
    "scaling",
]

Integers = npt.NDArray[np.int64]


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


def jitter(sources: Sources, draw: np.random.Generator, share: float = 0.05) -> Array:
    """Add normal noise of `share` times the series' standard deviation."""
    spread = _spread(sources.dataset)[sources.rows]
    noisy: Array = sources.values + share * spread[sources.owner] * draw.normal(
        size=sources.values.shape
    )
    return noisy


def scaling(sources: Sources, draw: np.random.Generator, sigma: float = 0.2) -> Array:
    """Multiply each series by one log-normal factor of median 1."""
    factor = np.exp(sigma * draw.normal(size=len(sources.rows)))
    scaled: Array = sources.values * factor[sources.owner]
    return scaled


def magnitude_warp(
    sources: Sources, draw: np.random.Generator, sigma: float = 0.2, knots: int = 4
) -> Array:
    """Multiply each series by a smooth random curve around 1 (Um et al. 2017).

    The curve is the exponential of a uniform cubic B-spline with normal coefficients, so it stays
    positive; `knots` intervals span the series.
    """
    if knots < 1:
        raise SettingsError(f"knots={knots} is not possible; use 1 or more.")
    heights = sigma * draw.normal(size=(len(sources.rows), knots + 3))
    place = knots * sources.step / np.maximum(sources.lengths - 1, 1)[sources.owner]
    left = np.minimum(place.astype(np.int64), knots - 1)
    t = place - left
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * (t**3 - t**2 - t) + 1, t**3])
    chosen = heights[sources.owner, left + np.arange(4)[:, None]]
    warped: Array = sources.values * np.exp((weights * chosen).sum(axis=0) / 6)
    return warped


def block_bootstrap(
    sources: Sources, draw: np.random.Generator, block_length: int | None = None
) -> Array:
    """Rebuild each series from blocks of itself, drawn with replacement.

    The moving-block bootstrap (Künsch 1989) with the season kept: each block comes from a place
    whole seasons away, so that a Monday morning stays one. A block is one season long if
    `block_length` is None (8 steps if there is no season).
    """
    size = block_length or (sources.season if sources.season > 1 else 8)
    if size < 1:
        raise SettingsError(f"block_length={size} is not possible; use 1 or more.")
    block = sources.step // size
    begin = block * size
    # The places a block may come from are begin + k * season that leave room for the block.
    room = sources.lengths[sources.owner] - np.minimum(size, sources.lengths[sources.owner] - begin)
    lowest = -(begin // sources.season)
    highest = (room - begin) // sources.season
    chance = draw.random((len(sources.rows), int(block.max()) + 1))[sources.owner, block]
    shift = (lowest + np.floor(chance * (highest - lowest + 1))).astype(np.int64) * sources.season
    starts = sources.dataset.offsets[sources.rows][sources.owner]
    drawn: Array = sources.dataset.values[starts + sources.step + shift]
    return drawn


def mixing(sources: Sources, draw: np.random.Generator) -> Array:
    """Mix each series with another, weight uniform in [0, 1], at the source's level.

    Both are divided by their mean absolute value and mixed at the same phase of the season; a
    partner that is too short is repeated by whole seasons.
    """
    dataset, rows = sources.dataset, sources.rows
    if len(dataset) < 2:
        raise DataError("Mixing needs at least two series; leave the arm out or give more series.")
    partner = (rows + draw.integers(1, len(dataset), size=len(rows))) % len(dataset)
    weight = draw.random(len(rows))[sources.owner]
    lengths = dataset.lengths[partner]
    whole = np.where(lengths >= sources.season, lengths // sources.season * sources.season, lengths)
    phase = (dataset.starts[rows] - dataset.starts[partner]) % sources.season
    place = (sources.step + phase[sources.owner]) % whole[sources.owner]
    other = dataset.values[dataset.offsets[partner][sources.owner] + place]
    level = _level(dataset)
    ratio = (level[rows] / level[partner])[sources.owner]
    mixed: Array = weight * sources.values + (1 - weight) * ratio * other
    return mixed


AUGMENTATIONS: dict[str, Callable[..., Array]] = {
    "block_bootstrap": block_bootstrap,
    "jitter": jitter,
    "magnitude_warp": magnitude_warp,
    "mixing": mixing,
    "scaling": scaling,
}


def draw_sources(num_series: int, ratio: float, seed: int) -> Integers:
    """Return the positions of round(ratio * num_series) sources, none twice before all once.

    Raises:
        SettingsError: That is no series at all.
    """
    count = round(ratio * num_series)
    if count == 0:
        raise SettingsError(f"ratio={ratio} of {num_series} series is no series; raise the ratio.")
    draw = numpy_stream(seed, "sources")
    rounds = -(-count // num_series)
    return np.concatenate([draw.permutation(num_series) for _ in range(rounds)])[:count]


def augmented_series(
    dataset: SeriesDataset, method: str, ratio: float, season: int, seed: int, **settings: Any
) -> SeriesDataset:
    """Return round(ratio * series) new series, which say in `info` that they are synthetic.

    Raises:
        SettingsError: An impossible ratio or setting.
        DataError: The dataset does not suit the method.
    """
    rows = draw_sources(len(dataset), ratio, seed)
    sources = Sources.of(dataset, rows, season)
    try:
        values = AUGMENTATIONS[method](sources, numpy_stream(seed, method), **settings)
    except TypeError as error:
        raise SettingsError(f"Arm '{method}': {error}.") from None
    return replace(
        dataset,
        values=values,
        offsets=np.concatenate([[0], sources.lengths.cumsum()]),
        starts=dataset.starts[rows],
        item_ids=tuple(f"synthetic/{method}/{i}" for i in range(len(rows))),
        static_cat=dataset.static_cat[rows],
        static_real=dataset.static_real[rows],
        info=tuple(
            {"synthetic": True, "model": method, "source_item_id": dataset.item_ids[i]}
            for i in rows
        ),
    )


def _per_series(dataset: SeriesDataset, values: Array) -> Array:
    """Return the mean of each series' observed values, 0 if there are none."""
    observed = ~np.isnan(values)
    begins = dataset.offsets[:-1]
    counts = np.add.reduceat(observed, begins, dtype=np.float64)
    sums: Array = np.add.reduceat(np.where(observed, values, 0.0), begins)
    return sums / np.maximum(counts, 1)


def _level(dataset: SeriesDataset) -> Array:
    level = _per_series(dataset, np.abs(dataset.values))
    return np.where(level > 0, level, 1.0)


def _spread(dataset: SeriesDataset) -> Array:
    mean = np.repeat(_per_series(dataset, dataset.values), dataset.lengths)
    spread: Array = np.sqrt(_per_series(dataset, (dataset.values - mean) ** 2))
    return spread

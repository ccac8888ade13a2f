"""New series put together from parts of real ones: blocks of one, or a mix of two."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array
from tsgen.errors import DataError, SettingsError

from .sources import Sources

__all__ = ["block_bootstrap", "mixing"]


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
    uniforms = draw.random((len(sources.rows), int(block.max()) + 1))[sources.owner, block]
    shift = (lowest + np.floor(uniforms * (highest - lowest + 1))).astype(np.int64) * sources.season
    starts = sources.dataset.offsets[sources.rows][sources.owner]
    drawn: Array = sources.dataset.values[starts + sources.step + shift]
    return drawn


def mixing(sources: Sources, draw: np.random.Generator, keep_level: bool = True) -> Array:
    """Mix each series with another, weight uniform in [0, 1], at the source's level.

    Without `keep_level` the two are mixed as they are.

    TSMixup (Ansari et al. 2024, Chronos) of two series. Both are divided by their mean absolute
    value and mixed at the same phase of the season; a partner that is too short is repeated by
    whole seasons.
    """
    dataset, rows = sources.dataset, sources.rows
    if len(dataset) < 2:
        raise DataError("Mixing needs at least two series; leave it out or give more series.")
    partner = (rows + draw.integers(1, len(dataset), size=len(rows))) % len(dataset)
    weight = draw.random(len(rows))[sources.owner]
    lengths = dataset.lengths[partner]
    whole = np.where(lengths >= sources.season, lengths // sources.season * sources.season, lengths)
    phase = (sources.phases[rows] - sources.phases[partner]) % sources.season
    place = (sources.step + phase[sources.owner]) % whole[sources.owner]
    other = dataset.values[dataset.offsets[partner][sources.owner] + place]
    level = sources.level if keep_level else np.ones(len(dataset))
    ratio = (level[rows] / level[partner])[sources.owner]
    mixed: Array = weight * sources.values + (1 - weight) * ratio * other
    return mixed

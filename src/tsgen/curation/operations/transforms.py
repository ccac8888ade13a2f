"""Transforms of whole series: each keeps length and calendar; missing steps stay missing.

A transform takes R sources and a random generator and returns the new values, (T,), one series
after another (see `Sources` for the shapes).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.errors import SettingsError

from .sources import Sources

__all__ = [
    "jitter",
    "magnitude_warp",
    "scaling",
    "smooth_curves",
    "time_warp",
    "trend_change",
    "window_slice",
]


def jitter(
    sources: Sources,
    draw: np.random.Generator,
    share: float = 0.05,
    of: Literal["deviation", "range"] = "deviation",
) -> Array:
    """Add normal noise of `share` times the series' standard deviation, or its range."""
    scale = sources.spread if of == "deviation" else sources.range
    noisy: Array = sources.values + share * scale[sources.rows][sources.owner] * draw.normal(
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
    warped: Array = sources.values * np.exp(sigma * smooth_curves(sources, draw, knots))
    return warped


def time_warp(
    sources: Sources, draw: np.random.Generator, sigma: float = 0.2, knots: int = 4
) -> Array:
    """Let time run faster and slower along each series (Um et al. 2017).

    The pace is the exponential of a smooth random curve; the series keeps its first and its last
    step. Values between two steps lie on the line between them.
    """
    pace = np.exp(sigma * smooth_curves(sources, draw, knots))
    passed = pace.cumsum()
    first = sources.offsets[:-1]
    passed -= passed[first][sources.owner]
    total = passed[sources.offsets[1:] - 1]
    share = passed / np.where(total > 0, total, 1.0)[sources.owner]
    return _read_at(sources, share * (sources.lengths - 1)[sources.owner])


def window_slice(sources: Sources, draw: np.random.Generator, share: float = 0.9) -> Array:
    """Stretch a random part of each series, `share` of it, to the whole length.

    Window slicing of Le Guennec et al. 2016; values between two steps lie on the line.
    """
    if not 0 < share <= 1:
        raise SettingsError(f"share={share} is not possible; use a number in (0, 1].")
    reach = (share * (sources.lengths - 1))[sources.owner]
    room = (sources.lengths - 1)[sources.owner] - reach
    begin = draw.random(len(sources.rows))[sources.owner] * room
    relative = sources.step / np.maximum(sources.lengths - 1, 1)[sources.owner]
    return _read_at(sources, begin + relative * reach)


def trend_change(sources: Sources, draw: np.random.Generator, sigma: float = 0.5) -> Array:
    """Bend the trend of each series at a random step.

    From there on a line is added that has reached, at the end of a series bent at its beginning,
    normal(0, sigma) standard deviations of the series.
    """
    uniforms = draw.random(len(sources.rows))
    slope = sigma * sources.spread[sources.rows] * draw.normal(size=len(sources.rows))
    relative = sources.step / np.maximum(sources.lengths - 1, 1)[sources.owner]
    beyond = np.maximum(relative - uniforms[sources.owner], 0.0)
    bent: Array = sources.values + slope[sources.owner] * beyond
    return bent


def smooth_curves(sources: Sources, draw: np.random.Generator, knots: int) -> Array:
    """Return a uniform cubic B-spline with standard normal coefficients along each series, (T,).

    Raises:
        SettingsError: `knots`, the number of intervals, is below 1.
    """
    if knots < 1:
        raise SettingsError(f"knots={knots} is not possible; use 1 or more.")
    heights = draw.normal(size=(len(sources.rows), knots + 3))
    place = knots * sources.step / np.maximum(sources.lengths - 1, 1)[sources.owner]
    left = np.minimum(place.astype(np.int64), knots - 1)
    t = place - left
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * (t**3 - t**2 - t) + 1, t**3])
    chosen = heights[sources.owner, left + np.arange(4)[:, None]]
    curves: Array = (weights * chosen).sum(axis=0) / 6
    return curves


def _read_at(sources: Sources, place: Array) -> Array:
    """Return each series at fractional steps `place` (T,), on the line between its own steps."""
    last = (sources.lengths - 1)[sources.owner]
    left: Integers = np.clip(np.floor(place).astype(np.int64), 0, np.maximum(last - 1, 0))
    right = np.minimum(left + 1, last)
    weight = np.clip(place - left, 0.0, 1.0)
    begin, filled = sources.offsets[:-1][sources.owner], sources.filled()
    read = (1 - weight) * filled[begin + left] + weight * filled[begin + right]
    return sources.with_gaps(read)

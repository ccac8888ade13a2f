"""Grids that the values of a series lie on: whole numbers, cents, halves, any unit.

A grid is three numbers (step, offset, divisor), and its values are (k * step + offset) / divisor
for whole k. Decimal grids have a power of ten as divisor and whole numbers for the rest, so that
0.3 comes back as the number nearest to 0.3; any other unit has divisor 1. Step 0 is no grid.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array, Floats
from tsgen.rng import numpy_stream

__all__ = ["NO_GRID", "find_grid", "on_grid", "unrounded"]

Grid = tuple[float, float, float]

NO_GRID: Grid = (0.0, 0.0, 1.0)
_RECENT = 64
_DISTINCT = 16
"""Distinct values that make a grid certain: half of all values are even, 16 in a row are not."""
_MOST = 0.9
"""Share of the latest values that lie on a grid which a few strays do not hide."""
_UNITS = [digit * 10.0**power for power in range(3, -4, -1) for digit in (5.0, 2.5, 1.0)]
"""Units of such grids, from the coarsest: thousands to thousandths, their halves and quarters."""
_FEW = 5
"""Distinct values on such a grid, at least: zeros among values of no grid make none."""
_MANY = 32
"""Values among which strays on a finer grid can be told from values of that grid, at least."""
_PRECISIONS = (1e-12, 1.2e-7)
"""How exactly values are stored, relative to the greatest: float64 and float32."""
_FINEST = 4e-6
"""All float32 numbers lie on a grid as fine as this share of the greatest: that is none."""


def find_grid(values: Floats) -> Grid:
    """Return the grid of a series' latest values.

    Looked at are as many of the last values as have 16 distinct ones among them (all, if there are
    fewer), so where a meter was replaced by a finer or a coarser one, the latest grid is found. A
    grid of a round unit on which nine of ten lie counts, though others lie on a finer one or on
    none: a few means, estimates or corrections among whole numbers hide them from nobody.

    Args:
        values: (T,), in time order; NaN is left out.

    Example:
        >>> import numpy as np
        >>> find_grid(np.array([1.5, 2.0, 0.0, 4.5]))
        (5.0, 0.0, 10.0)
    """
    observed = values[np.isfinite(values)].astype(np.float64)
    levels = _latest_levels(observed)
    if len(levels) < 2:
        return NO_GRID
    greatest = float(np.abs(levels).max())
    single = bool((levels == levels.astype(np.float32)).all())
    usual = _grid_of_most(observed[-_RECENT:], _PRECISIONS[single] * greatest)
    for precision in _PRECISIONS:
        grid = _grid_of(levels, precision * greatest)
        if grid is not None and not (single and grid[0] / grid[2] < _FINEST * greatest):
            strays = len(observed) >= _MANY and usual[0] / usual[2] > grid[0] / grid[2]
            return usual if strays else grid
    return usual


def on_grid(values: Array, step: Array, offset: Array, divisor: Array) -> Array:
    """Return the values of grids nearest to `values`; where `step` is 0, `values` themselves.

    The four arrays are broadcast against each other.
    """
    spacing = np.where(step > 0, step, 1.0)
    number = np.round((values * divisor - offset) / spacing)
    return np.where(step > 0, (number * spacing + offset) / divisor, values)


def unrounded(windows: Array, seed: int) -> Array:
    """Return windows (n, L) with noise of half a step of their grid: as if never rounded.

    A window without a grid stays as it is.

    Args:
        windows: Complete, in any units.
        seed: Same seed, same noise.
    """
    grids = np.array([find_grid(window) for window in windows]).reshape(-1, 3)
    noise = numpy_stream(seed, "rounding").uniform(-0.5, 0.5, windows.shape)
    return np.asarray(windows + noise * (grids[:, 0] / grids[:, 2])[:, None])


def _latest_levels(values: Array) -> Array:
    """Return the distinct values, ascending, of the shortest latest part that has enough."""
    size = _RECENT
    levels = np.unique(values[-size:])
    while len(levels) < _DISTINCT and size < len(values):
        size *= 2
        levels = np.unique(values[-size:])
    return levels


def _grid_of(levels: Array, tolerance: float) -> Grid | None:
    """Return the coarsest grid through `levels`, ascending, or None."""
    grid = _decimal(levels, tolerance) or _other(levels, tolerance)
    if grid is None:
        return None
    # As many levels must lie so near to multiples of the step by no accident.
    share = 8 * tolerance * grid[2] / grid[0]
    return grid if share < 1 and share ** max(len(levels) - 2, 1) < 1e-3 else None


def _grid_of_most(values: Array, tolerance: float) -> Grid:
    """Return the grid of a round unit on which most of the values lie, though not all."""
    for unit in _UNITS:
        on = np.abs(np.round(values / unit) * unit - values) <= 4 * tolerance
        levels = np.unique(values[on])
        if on.all():
            return NO_GRID
        if on.mean() >= _MOST and len(levels) >= _FEW:
            return _grid_of(levels, tolerance) or NO_GRID
    return NO_GRID


def _decimal(levels: Array, tolerance: float) -> Grid | None:
    """Return the decimal grid that the levels lie on: the greatest common divisor is exact."""
    for divisor in 10.0 ** np.arange(10):
        whole = np.round(levels * divisor)
        if 64 * tolerance * divisor > 1 or np.abs(whole).max() > 2**53:
            return None
        if np.abs(whole / divisor - levels).max() <= 4 * tolerance:
            step = float(np.gcd.reduce(np.diff(whole).astype(np.int64)))
            return (step, float(whole[0] % step), float(divisor)) if step else None
    return None


def _other(levels: Array, tolerance: float) -> Grid | None:
    """Return a grid of another unit."""
    numbers = _numbers(levels, tolerance)
    if numbers is None:
        return None
    first = levels[0]
    step = float(numbers @ (levels - first) / (numbers @ numbers))
    if np.abs(first + numbers * step - levels).max() > 4 * tolerance:
        return None
    return step, float(first - step * np.round(first / step)), 1.0


def _numbers(levels: Array, tolerance: float) -> Array | None:
    """Return how many steps each level is above the first, by Euclid's algorithm on the gaps."""
    gaps = np.diff(levels)
    if gaps.min() <= 4 * tolerance:  # values that differ by rounding only
        return None
    step = float(gaps.min())
    while step > 64 * tolerance:
        count = np.round(gaps / step)
        rest = np.abs(gaps - count * step)
        off = rest > 4 * tolerance * np.minimum(1 + count, 8)
        if not off.any():
            return np.concatenate([[0.0], np.cumsum(count)])
        step = float(rest[off].min())
    return None

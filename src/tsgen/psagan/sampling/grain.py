"""Drawn values with the grain of real ones, each rule for B series of L steps at once."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array, Mask
from tsgen.grids import on_grid

from ..memory import Grain

__all__ = ["hold_steady", "piled_up", "within_bounds"]


_ROUNDING = 1e-6


def hold_steady(values: Array, width: Array, where: Mask | None = None) -> Array:
    """Return values (B, L) that move only by `width` (B,) or more; less repeats the last one.

    NaN or 0 as width changes nothing. Steps outside `where` (B, L) stay as they are.
    """
    rows = np.flatnonzero(width > 0)
    if not len(rows):
        return values
    held, least = values[rows], width[rows]
    free = np.ones(held.shape, bool) if where is None else where[rows]
    for step in range(1, held.shape[1]):
        before, now = held[:, step - 1], held[:, step]
        held[:, step] = np.where(free[:, step] & (np.abs(now - before) < least), before, now)
    values = values.copy()
    values[rows] = held
    return values


def piled_up(held: Array, drawn: Array, grain: Grain, scale: Array) -> Array:
    """Return values (B, L) on their grids and within their bounds, as many piled up as real ones.

    Args:
        held: The values.
        drawn: What was drawn, which decides what lies at a bound, or at another pile-up.
        grain: Of the B series.
        scale: (B,), of the series.
    """
    at_low = drawn <= (grain.low + grain.low_reach * scale)[:, None]
    at_high = drawn >= (grain.high - grain.high_reach * scale)[:, None]
    inside = within_bounds(_folded(held, grain), grain)
    nearest = np.full_like(drawn, np.inf)
    for mode, reach in zip(grain.mode.T, grain.mode_reach.T, strict=True):
        away = np.abs(drawn - mode[:, None])
        taken = (away <= (reach * scale)[:, None]) & (away < nearest)
        inside, nearest = np.where(taken, mode[:, None], inside), np.where(taken, away, nearest)
    inside = np.where(at_high, grain.high[:, None], inside)
    return np.where(at_low, grain.low[:, None], inside)


def _folded(values: Array, grain: Grain) -> Array:
    """Return values (B, L) with what lies beyond a bound mirrored in it.

    Cut off, they would be flat where real series, which seldom reach their bounds, are not.
    """
    low, high = grain.low[:, None], grain.high[:, None]
    below = np.where(values < low, low - values, 0.0)
    above = np.where(values > high, values - high, 0.0)
    return np.asarray(values + 2 * (below - above))


def within_bounds(values: Array, grain: Grain) -> Array:
    """Return values (B, L) on the grids and within the bounds of B series.

    Where a share of the values at a bound was calibrated, others keep a step away from it.
    """
    spacing = grain.step / grain.divisor
    low = grain.low + np.where(np.isfinite(grain.low_reach), spacing, 0.0)
    high = grain.high - np.where(np.isfinite(grain.high_reach), spacing, 0.0)
    low, high = np.where(low > high, grain.low, low), np.where(low > high, grain.high, high)
    low, high, spacing = low[:, None], high[:, None], spacing[:, None]
    grid = grain.step[:, None], grain.offset[:, None], grain.divisor[:, None]
    rounded = on_grid(np.clip(values, low, high), *grid)
    slack = _ROUNDING * spacing
    beyond = np.where(rounded < low - slack, 1.0, np.where(rounded > high + slack, -1.0, 0.0))
    rounded = on_grid(rounded + beyond * spacing, *grid)  # the bounds of a grid of old
    return np.clip(rounded, grain.low[:, None], grain.high[:, None])

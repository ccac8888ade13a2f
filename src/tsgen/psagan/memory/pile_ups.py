"""Where values pile up between their bounds: zeros among both signs, a set point, a full charge."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Floats

__all__ = ["PILE_UP", "inner_pile_up"]

PILE_UP = 0.02
"""A value at which at least this share of the values lies is one at which values pile up."""

_LEAST = 3
"""Values that make a pile-up, at least; and stretches of them."""
_MANY = 0.1
"""Share of the values that is a pile-up though it be one stretch."""
_RATIO, _SURENESS = 2.0, 4.0
"""So many times as often as any neighbour on the grid, and by so many standard errors of a count:
rounding alone fills neighbours alike."""
_BESIDE = 5.01
"""Steps of the grid within which values are neighbours."""


def inner_pile_up(values: Floats, spacing: float) -> tuple[float, float]:
    """Return the value between the bounds at which a series piles up, and its share.

    It is the most frequent one, if it is much more frequent than its neighbours on the grid.

    Args:
        values: (T,), in time order; NaN is missing.
        spacing: Of the series' grid; 0 if there is none.

    Returns:
        NaN and 0 if there is none.

    Example:
        >>> inner_pile_up(np.array([-2.5, 0.0, 1.2, 0.0, -0.7, 3.1, 0.0]), 0.0)
        (0.0, 0.42857142857142855)
    """
    levels, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if len(levels) < 3:
        return np.nan, 0.0
    place = 1 + int(counts[1:-1].argmax())
    value, count, share = levels[place], counts[place], counts[place] / counts.sum()
    beside = (np.abs(levels - value) <= _BESIDE * spacing) & (levels != value)
    usual = counts[beside].max(initial=0)
    least = max(_LEAST, _RATIO * usual, usual + _SURENESS * np.sqrt(usual))
    enough = share >= PILE_UP and count >= least
    if not enough or (share < _MANY and _stretches(values, value) < _LEAST):
        return np.nan, 0.0
    return float(value), float(share)


def _stretches(values: Floats, value: float) -> int:
    """Return how many stretches of one value there are; gaps end none."""
    at_value = values[~np.isnan(values)] == value
    return int(np.diff(at_value.astype(np.int8), prepend=0).clip(0).sum())

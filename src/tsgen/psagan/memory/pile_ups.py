"""Where values pile up between their bounds: zeros among both signs, set points, a full charge."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array, Floats, Integers

__all__ = ["MOST_PILE_UPS", "PILE_UP", "inner_pile_ups"]

PILE_UP = 0.02
"""A value at which at least this share of the values lies is one at which values pile up."""
MOST_PILE_UPS = 3
"""Pile-ups between the bounds that are looked for in a series: its most frequent values."""

_LEAST = 3
"""Values that make a pile-up, at least; and stretches of them."""
_MANY = 0.1
"""Share of the values that is a pile-up though it be one stretch."""
_RATIO, _SURENESS = 2.0, 4.0
"""So many times as often as any neighbour on the grid, and by so many standard errors of a count:
rounding alone fills neighbours alike."""
_BESIDE, _NEXT = 5.01, 1.01
"""Steps of the grid within which values are neighbours, and within which they are the next ones."""


def inner_pile_ups(values: Floats, spacing: float) -> Array:
    """Return the values between the bounds at which a series piles up, and their shares.

    They are among its most frequent ones, and much more frequent than their neighbours on the grid.
    Two of them may be neighbours, but not next to each other: such values are a hump.

    Args:
        values: (T,), in time order; NaN is missing.
        spacing: Of the series' grid; 0 if there is none.

    Returns:
        (2, `MOST_PILE_UPS`): values and shares, the greatest share first, then NaN and 0.

    Example:
        >>> inner_pile_ups(np.array([-2.5, 0.0, 1.2, 0.0, -0.7, 3.1, 0.0]), 0.0)
        array([[0.        ,        nan,        nan],
               [0.42857143, 0.        , 0.        ]])
    """
    pile_ups = np.array([[np.nan], [0.0]]).repeat(MOST_PILE_UPS, axis=1)
    levels, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    frequent = 1 + np.argsort(-counts[1:-1], kind="stable")[:MOST_PILE_UPS]
    places = [k for k in frequent if _stands_out(levels, counts, k, frequent, spacing)]
    places = [k for k in places if _is_lasting(values, levels[k], counts[k] / counts.sum())]
    pile_ups[:, : len(places)] = levels[places], counts[places] / counts.sum()
    return pile_ups


def _stands_out(
    levels: Floats, counts: Integers, place: int, frequent: Integers, spacing: float
) -> bool:
    """Return whether one level is much more frequent than its neighbours.

    Other frequent levels are none of these, unless they are next to it.
    """
    away = np.abs(levels - levels[place])
    away[frequent[away[frequent] > _NEXT * spacing]] = np.inf
    beside = (away <= _BESIDE * spacing) & (away > 0)
    usual = counts[beside].max(initial=0)
    least = max(_LEAST, _RATIO * usual, usual + _SURENESS * np.sqrt(usual))
    return bool(counts[place] >= least)


def _is_lasting(values: Floats, value: float, share: float) -> bool:
    """Return whether a value makes up enough of the series, or returns to it often enough."""
    return share >= PILE_UP and (share >= _MANY or _stretches(values, value) >= _LEAST)


def _stretches(values: Floats, value: float) -> int:
    """Return how many stretches of one value there are; gaps end none."""
    at_value = values[~np.isnan(values)] == value
    return int(np.diff(at_value.astype(np.int8), prepend=0).clip(0).sum())

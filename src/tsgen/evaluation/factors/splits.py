"""Which combinations of factors nobody sees in training: four splits of a grid.

After Schott et al., "Visual representation learning does not generalise strongly" (2021).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tsgen.arrays import Integers, Mask
from tsgen.errors import SettingsError, nearest
from tsgen.rng import numpy_stream

from .worlds import LEVELS

__all__ = ["SPLITS", "held_out_combinations", "new_values"]

_SHARE = 0.3
_UPPER = LEVELS - LEVELS // 2
"""The first of the upper levels, 4 of 0 to 6."""


def _random(grid: Integers, seed: int) -> Mask:
    """Hold out three combinations of ten, drawn."""
    drawn: Mask = numpy_stream(seed, "random split").uniform(size=len(grid)) < _SHARE
    return drawn


def _composition(grid: Integers, seed: int) -> Mask:
    """Hold out where a factor and the next are both in their upper half: each is seen apart."""
    upper = grid >= _UPPER
    return np.asarray((upper & np.roll(upper, -1, axis=1)).any(axis=1))


def _interpolation(grid: Integers, seed: int) -> Mask:
    """Hold out every other value of each factor."""
    return np.asarray((grid % 2 == 1).any(axis=1))


def _extrapolation(grid: Integers, seed: int) -> Mask:
    """Hold out the upper values of each factor."""
    return np.asarray((grid >= _UPPER).any(axis=1))


SPLITS: dict[str, Callable[[Integers, int], Mask]] = {
    "random": _random,
    "composition": _composition,
    "interpolation": _interpolation,
    "extrapolation": _extrapolation,
}
"""Name -> which of all combinations (G, F) are held out, (G,)."""


def held_out_combinations(name: str, grid: Integers, seed: int) -> Mask:
    """Return which combinations (G, F) a split holds out, (G,).

    Raises:
        SettingsError: There is no such split.
    """
    if name not in SPLITS:
        raise SettingsError(
            f"There is no split '{name}'.{nearest(name, SPLITS)} There are {', '.join(SPLITS)}."
        )
    return SPLITS[name](grid, seed)


def new_values(seen: Integers, asked: Integers) -> Mask:
    """Return which asked levels (M, F) no seen combination (G, F) has."""
    columns = range(asked.shape[1])
    new: Mask = np.stack([~np.isin(asked[:, k], seen[:, k]) for k in columns], axis=1)
    return new

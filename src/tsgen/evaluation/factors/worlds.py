"""Simulated worlds whose every window is made by known factors, on a grid of their values.

Shape legend: N windows, F factors, L steps of a window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tsgen.arrays import Array, Integers

__all__ = ["WORLDS", "FactorWorld", "shop", "waves"]

LEVELS = 7
"""Values of each factor; a level is a place on the grid, from 0 to 6."""
LENGTH = 64
_NOISE = 0.05

Levels = TypeVar("Levels", Array, Integers)


@dataclass(frozen=True)
class FactorWorld:
    """Windows that are a formula of factors, and noise.

    Attributes:
        name: Its name.
        factors: Names of the F factors.
        formula: Levels (N, F), whole or not -> windows (N, L) without noise.
        features: Levels (N, F) -> a generator's features of each step: name -> (N, L).
        noise: Deviation of the noise.

    Example:
        >>> from tsgen.evaluation.factors import WORLDS
        >>> world = WORLDS["waves"]
        >>> world.factors
        ('amplitude', 'period', 'phase', 'trend')
        >>> world.windows(np.zeros((2, 4)), np.random.default_rng(0)).shape
        (2, 64)
    """

    name: str
    factors: tuple[str, ...]
    formula: Callable[[Array], Array]
    features: Callable[[Array], Mapping[str, Array]]
    noise: float = _NOISE

    @property
    def grid(self) -> Integers:
        """All combinations of levels, (7 ** F, F)."""
        axes = np.meshgrid(*[np.arange(LEVELS)] * len(self.factors), indexing="ij")
        combinations: Integers = np.stack(axes, axis=-1).reshape(-1, len(self.factors))
        return combinations

    def windows(self, levels: Levels, random: np.random.Generator) -> Array:
        """Return a window (N, L) of each of N combinations of levels, with noise."""
        clean = self.formula(np.asarray(levels, np.float64))
        drawn: Array = clean + self.noise * random.normal(size=clean.shape)
        return drawn


def _between(level: Array, low: float, high: float) -> Array:
    """Return the value at a level, evenly spaced from `low` (0) to `high` (6); a column (N, 1)."""
    value: Array = (low + (high - low) * level / (LEVELS - 1))[:, None]
    return value


def _constant(levels: Array, names: tuple[str, ...]) -> dict[str, Array]:
    """Return each factor's level as a feature that does not change in time."""
    return {name: np.repeat(levels[:, [k]], LENGTH, axis=1) for k, name in enumerate(names)}


_STEPS = np.arange(LENGTH) - (LENGTH - 1) / 2
_WAVE_FACTORS = ("amplitude", "period", "phase", "trend")


def _wave(levels: Array) -> Array:
    amplitude = _between(levels[:, 0], 0.5, 2.0)
    period = 8.0 * 4.0 ** _between(levels[:, 1], 0.0, 1.0)
    phase = _between(levels[:, 2], -2.0, 2.0)
    rise = _between(levels[:, 3], -1.5, 1.5)
    made: Array = amplitude * np.sin(2 * np.pi * _STEPS / period + phase) + rise * _STEPS / LENGTH
    return made


waves = FactorWorld("waves", _WAVE_FACTORS, _wave, lambda levels: _constant(levels, _WAVE_FACTORS))
"""amplitude * sin(2 pi t / period + phase) + trend: periods 8 to 32 of 64 steps."""

_SHOP_FACTORS = ("season", "store_class", "promotion")
_WEEK = np.array([-0.8, -0.6, -0.3, 0.1, 0.6, 1.0, 0.0])[np.arange(LENGTH) % 7]
_PROMOTED = (np.arange(LENGTH) % 9 == 4).astype(np.float64)


def _sales(levels: Array) -> Array:
    season = _between(levels[:, 0], -2.0, 2.0)
    week = _between(levels[:, 1], 0.1, 0.7)
    depth = _between(levels[:, 2], 0.2, 1.4)
    level = np.exp(0.4 * np.sin(2 * np.pi * _STEPS / 365 + season))
    sold: Array = level * (1 + week * _WEEK) * (1 + depth * _PROMOTED)
    return sold


def _shop_features(levels: Array) -> dict[str, Array]:
    features = _constant(levels, _SHOP_FACTORS)
    return features | {"promotion": (1 + features["promotion"]) * _PROMOTED}


shop = FactorWorld("shop", _SHOP_FACTORS, _sales, _shop_features)
"""Days of a shop: season x strength of the week by class of store x depth of promotions."""

WORLDS = {world.name: world for world in (waves, shop)}
"""Name -> world."""

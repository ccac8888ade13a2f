"""The oracle: reads the factors of windows by least squares of the world's own formula.

Shape legend: N windows, F factors, L steps, G combinations of the grid.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Array

from .worlds import LEVELS, FactorWorld

__all__ = ["read_factors"]

_ROUNDS = 25
_BEYOND = 3.0
"""Levels beyond the grid that may be read, on either side."""
_DIFFERENCE = 1e-4


def read_factors(world: FactorWorld, windows: Array) -> Array:
    """Return the levels (N, F) whose windows without noise are nearest to `windows` (N, L).

    From the nearest combination of the grid, by the Levenberg-Marquardt method (Marquardt 1963),
    for all windows at once.
    """
    levels = _nearest_on_grid(world, windows)
    error = _errors(world, windows, levels)
    damping = np.full(len(windows), 1e-2)
    for _ in range(_ROUNDS):
        step = _step(world, windows, levels, damping)
        tried = np.clip(levels + step, -_BEYOND, LEVELS - 1 + _BEYOND)
        fresh = _errors(world, windows, tried)
        better = fresh < error
        levels = np.where(better[:, None], tried, levels)
        error = np.where(better, fresh, error)
        damping = np.where(better, damping / 3, damping * 4)
    return levels


def _nearest_on_grid(world: FactorWorld, windows: Array) -> Array:
    grid = world.grid.astype(np.float64)
    made = world.formula(grid)
    distance = (made**2).sum(axis=1) - 2 * windows @ made.T  # less |window|^2, the same for all
    nearest: Array = grid[distance.argmin(axis=1)]
    return nearest


def _errors(world: FactorWorld, windows: Array, levels: Array) -> Array:
    errors: Array = ((windows - world.formula(levels)) ** 2).sum(axis=1)
    return errors


def _step(world: FactorWorld, windows: Array, levels: Array, damping: Array) -> Array:
    """Return the damped Gauss-Newton step (N, F) of each window."""
    made = world.formula(levels)
    slopes = np.stack(
        [(world.formula(levels + by) - made) / _DIFFERENCE
         for by in _DIFFERENCE * np.eye(levels.shape[1])], axis=2
    )  # fmt: skip
    normal = np.einsum("nlf,nlg->nfg", slopes, slopes)
    diagonal = np.einsum("nff->nf", normal)
    normal = normal + np.eye(levels.shape[1]) * (damping[:, None] * diagonal + 1e-9)[:, None]
    pull = np.einsum("nlf,nl->nf", slopes, windows - made)
    steps: Array = np.linalg.solve(normal, pull[:, :, None])[:, :, 0]
    return steps

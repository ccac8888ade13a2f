"""The worlds are their formulas, step by step, and features say no more than the levels."""

import math

import numpy as np
import pytest

from tsgen.evaluation.factors.worlds import WORLDS


def wave(amplitude, period, phase, trend):
    rows = []
    for t in range(64):
        middle = t - 31.5
        size = 0.5 + 1.5 * amplitude / 6
        steps = 8 * 4 ** (period / 6)
        turned = -2 + 4 * phase / 6
        rise = -1.5 + 3 * trend / 6
        rows.append(size * math.sin(2 * math.pi * middle / steps + turned) + rise * middle / 64)
    return rows


def sales(season, store_class, promotion):
    week = [-0.8, -0.6, -0.3, 0.1, 0.6, 1.0, 0.0]
    rows = []
    for t in range(64):
        level = math.exp(0.4 * math.sin(2 * math.pi * (t - 31.5) / 365 - 2 + 4 * season / 6))
        sold = level * (1 + (0.1 + 0.6 * store_class / 6) * week[t % 7])
        rows.append(sold * (1 + (0.2 + 1.2 * promotion / 6) * (t % 9 == 4)))
    return rows


@pytest.mark.parametrize(("name", "by_hand"), [("waves", wave), ("shop", sales)])
def test_windows_follow_the_formula(name, by_hand):
    world = WORLDS[name]
    random = np.random.default_rng(0)
    levels = random.uniform(0, 6, size=(5, len(world.factors)))
    expected = np.array([by_hand(*row) for row in levels])
    np.testing.assert_allclose(world.formula(levels), expected, rtol=1e-9, atol=1e-9)
    noisy = world.windows(np.repeat(levels, 400, axis=0), random)
    noise = noisy - np.repeat(expected, 400, axis=0)
    assert noise.std() == pytest.approx(world.noise, rel=0.02)


@pytest.mark.parametrize("name", list(WORLDS))
def test_the_grid_has_each_combination_once_and_features_tell_them_apart(name):
    world = WORLDS[name]
    grid = world.grid
    assert len(np.unique(grid, axis=0)) == len(grid) == 7 ** len(world.factors)
    features = world.features(grid.astype(float))
    assert tuple(features) == world.factors
    told = np.concatenate([steps for steps in features.values()], axis=1)
    assert len(np.unique(told, axis=0)) == len(grid)

"""The oracle reads the factors of true windows with R^2 above 0.99, whatever was held out."""

import numpy as np
import pytest

from tsgen.evaluation.factors.oracle import read_factors
from tsgen.evaluation.factors.scores import explained
from tsgen.evaluation.factors.splits import SPLITS, held_out_combinations
from tsgen.evaluation.factors.worlds import WORLDS


@pytest.mark.parametrize("name", list(WORLDS))
def test_true_windows_are_read_above_0_99_on_every_split(name):
    world, random = WORLDS[name], np.random.default_rng(1)
    for split in SPLITS:
        hidden = held_out_combinations(split, world.grid, 1)
        asked = world.grid[hidden][random.integers(hidden.sum(), size=150)]
        scores = explained(asked, read_factors(world, world.windows(asked, random)))
        assert (scores > 0.99).all(), (split, scores)


def test_values_off_the_grid_and_beyond_it_are_read():
    world = WORLDS["waves"]
    levels = np.array([[7.5, 2.4, 3.3, -1.2], [1.1, 6.9, 2.5, 6.6]])
    np.testing.assert_allclose(read_factors(world, world.formula(levels)), levels, atol=1e-3)


def test_windows_that_know_nothing_of_the_question_score_nothing():
    world, random = WORLDS["shop"], np.random.default_rng(1)
    asked, others = (world.grid[random.integers(len(world.grid), size=200)] for _ in range(2))
    scores = explained(asked, read_factors(world, world.windows(others, random)))
    assert (scores < 0.1).all()

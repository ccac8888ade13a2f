"""Copying makers keep to what was seen; PSA-GAN is asked by its features alone."""

import numpy as np
import pytest

from tsgen.evaluation.factors import makers
from tsgen.evaluation.factors.makers import MAKERS, Seen
from tsgen.evaluation.factors.worlds import WORLDS

WORLD = WORLDS["shop"]
LEVELS = np.array([[0, 0, 0], [0, 0, 1], [6, 6, 6]])
WINDOWS = WORLD.windows(LEVELS, np.random.default_rng(0))
SEEN = Seen(WORLD, LEVELS, WINDOWS, seed=1)


def test_mixing_lies_between_the_two_nearest():
    made = MAKERS["mixing"](SEEN, np.array([[0, 0, 1], [1, 0, 0]]))
    low, high = WINDOWS[:2].min(axis=0), WINDOWS[:2].max(axis=0)
    assert ((made >= low - 1e-9) & (made <= high + 1e-9)).all()


def test_block_bootstrap_has_the_values_of_the_nearest_window():
    made = MAKERS["block-bootstrap"](SEEN, np.array([[5, 6, 6], [0, 1, 0]]))
    assert np.isin(made[0], WINDOWS[2]).all()
    assert np.isin(made[1], WINDOWS[0]).all()


def test_nearest_windows_are_by_factors_and_ties_are_drawn():
    many = Seen(WORLD, np.zeros((50, 3), int), np.zeros((50, 64)), seed=1)
    assert len(set(makers._nearest(many, np.zeros((20, 3), int), 1).ravel())) > 5
    assert makers._nearest(SEEN, np.array([[6, 6, 5]]), 1).tolist() == [[2]]


class Fake:
    """Stands for a model: says what it was asked."""

    def __init__(self, **settings):
        self.settings = settings

    def train(self, dataset, *, options):
        Fake.trained, Fake.options, Fake.given = dataset, options, self.settings
        return self

    def sample_after(self, like, rows, starts, lengths, *, seed):
        Fake.asked = like, rows, starts, lengths
        return like.cut(np.zeros(1, int), np.zeros(1, int), np.array([len(lengths) * 64]))


def test_psa_gan_sees_windows_a_week_apart_and_is_asked_by_features(monkeypatch):
    monkeypatch.setattr(makers, "synthesizer_factory", lambda name: {"psa-gan": Fake}[name])
    asked = np.array([[3, 2, 1], [1, 2, 3]])
    made = MAKERS["psa-gan"](Seen(WORLD, LEVELS, WINDOWS, 1, "5s", {"channels": (8,)}), asked)
    assert made.shape == (2, 64)
    assert Fake.given == {"target_length": 64, "min_observed": 1.0, "age": "none", "channels": (8,)}
    assert (Fake.options.budget, Fake.options.budget_clock) == (5.0, "cpu")
    values = np.full(3 * 168, np.nan)
    values[: len(Fake.trained.values)] = Fake.trained.values  # it ends with the last window
    np.testing.assert_array_equal(values.reshape(3, 168)[:, :64], WINDOWS)
    assert np.isnan(values.reshape(3, 168)[:, 64:]).all()
    like, rows, starts, lengths = Fake.asked
    assert (rows.tolist(), lengths.tolist()) == ([0, 0], [64, 64])
    assert (starts - like.starts[0]).tolist() == [0, 168]
    features = dict(zip(like.dynamic.real_names, like.dynamic.real, strict=True))
    wanted = WORLD.features(asked.astype(float))
    for name in WORLD.factors:
        np.testing.assert_array_equal(features[name].reshape(2, 168)[:, :64], wanted[name])


def test_a_number_of_steps_takes_the_place_of_the_budget(monkeypatch):
    monkeypatch.setattr(makers, "synthesizer_factory", lambda name: Fake)
    MAKERS["psa-gan"](Seen(WORLD, LEVELS, WINDOWS, 1, "5s", {"num_steps": 9}), LEVELS)
    assert Fake.options.budget is None
    assert Fake.given["num_steps"] == 9


@pytest.mark.parametrize("maker", ["truth", "mixing", "block-bootstrap"])
def test_the_same_seed_makes_the_same_windows(maker):
    asked = np.array([[1, 1, 1]])
    assert (MAKERS[maker](SEEN, asked) == MAKERS[maker](SEEN, asked)).all()

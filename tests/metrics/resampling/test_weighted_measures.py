"""Measures under weights of users, and their bootstrap, against plain loops."""

import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.metrics.resampling import weighted_measures as user_weights
from tsgen.metrics.resampling.weighted_measures import MeanOverItems, Ratio, bootstrap

random = np.random.default_rng(0)
TOP, BOTTOM = random.poisson(1.0, (2, 7)).astype(float)
HITS = random.poisson(0.6, (7, 5)).astype(float)
TARGETS = HITS + random.poisson(0.4, (7, 5))
TARGETS[:, 3] = HITS[:, 3] = 0  # an item that nobody asked for
WEIGHTS = random.poisson(1.0, (4, 7)).astype(float)


def test_a_ratio_is_a_loop_over_users():
    found = Ratio(TOP, BOTTOM)(WEIGHTS)
    for row, value in zip(WEIGHTS, found, strict=True):
        sums = [sum(w * x for w, x in zip(row, side, strict=True)) for side in (TOP, BOTTOM)]
        assert value == pytest.approx(sums[0] / sums[1])


def test_nothing_of_nothing_is_nothing():
    ratio = Ratio(np.array([0.0, 2.0]), np.array([0.0, 4.0]))
    np.testing.assert_array_equal(ratio(np.array([[1.0, 0.0], [0.0, 1.0]])), [0.0, 0.5])


@pytest.mark.parametrize("empty_counts", [True, False])
def test_a_mean_over_items_is_a_loop_over_items_and_users(empty_counts):
    mean = MeanOverItems(sp.csr_array(HITS), sp.csr_array(TARGETS), empty_counts)
    for row, value in zip(WEIGHTS, mean(WEIGHTS), strict=True):
        shares = []
        for item in range(5):
            bottom = sum(row[u] * TARGETS[u, item] for u in range(7))
            if bottom > 0:
                shares.append(sum(row[u] * HITS[u, item] for u in range(7)) / bottom)
            elif empty_counts:
                shares.append(0.0)
        assert value == pytest.approx(sum(shares) / len(shares))


def test_an_item_with_one_target_counts_as_one_with_many():
    targets = sp.csr_array(np.array([[1.0, 3.0, 0.0]]))
    assert MeanOverItems(targets, targets, empty_counts=False)(np.ones((1, 1))).tolist() == [1.0]
    assert MeanOverItems(targets, targets, empty_counts=True)(np.ones((1, 1))) == pytest.approx(
        2 / 3
    )


def test_a_single_item_with_targets_is_the_mean():
    hits, targets = (sp.csr_array(np.array([[number, 0.0]])) for number in (1.0, 4.0))
    assert MeanOverItems(hits, targets, empty_counts=False)(np.ones((1, 1))).tolist() == [0.25]


def test_no_item_at_all_is_a_mean_of_nothing():
    none = sp.csr_array((2, 3))
    assert MeanOverItems(none, none, empty_counts=False)(np.ones((1, 2))).tolist() == [0.0]


class Weights:
    """A measure that notes the weights it is given; its value is the first user's."""

    def __init__(self):
        self.given = []

    def __call__(self, weights):
        self.given.append(weights.copy())
        return weights[:, 0]


def test_each_draw_is_of_as_many_users_with_replacement():
    measure = Weights()
    found = bootstrap({"first": measure}, 30, 400, seed=3)
    weights = np.concatenate(measure.given)
    assert weights.shape == (400, 30)
    assert (weights.sum(axis=1) == 30).all()
    assert (weights >= 0).all()
    assert found["first"].tolist() == weights[:, 0].tolist()
    # a count of a multinomial with equal chances: mean 1, variance 1 - 1/30, nobody preferred
    np.testing.assert_allclose(weights.mean(axis=0), 1.0, atol=0.25)
    assert weights.var() == pytest.approx(1 - 1 / 30, rel=0.05)


def test_models_are_compared_on_the_same_draws_of_users():
    one, two = Weights(), Weights()
    bootstrap({"a": one, "b": two}, 9, 50, seed=3)
    np.testing.assert_array_equal(np.concatenate(one.given), np.concatenate(two.given))
    three, four = Weights(), Weights()
    bootstrap({"a": three}, 9, 50, seed=3)
    bootstrap({"a": four}, 9, 50, seed=4)
    np.testing.assert_array_equal(np.concatenate(three.given), np.concatenate(one.given))
    assert not np.array_equal(np.concatenate(four.given), np.concatenate(one.given))


@pytest.mark.parametrize("room", [1, 25, 90, 10**9])
def test_however_many_draws_there_is_room_for_at_a_time_all_are_made(monkeypatch, room):
    monkeypatch.setattr(user_weights, "_CHUNK_NUMBERS", room)
    measure = Weights()
    items = MeanOverItems(sp.csr_array(np.ones((9, 30))), sp.csr_array(np.ones((9, 30))), True)
    found = bootstrap({"w": measure, "m": items}, 9, 7, seed=3)
    assert {name: len(values) for name, values in found.items()} == {"w": 7, "m": 7}
    assert found["m"].tolist() == [1.0] * 7
    assert all(len(weights) * 30 <= max(room, 30) for weights in measure.given)
    assert (np.concatenate(measure.given).sum(axis=1) == 9).all()


def test_the_bootstrap_of_a_mean_has_the_spread_of_theory():
    values = np.random.default_rng(1).normal(size=400)
    drawn = bootstrap({"mean": Ratio(values, np.ones(400))}, 400, 3000, seed=3)["mean"]
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.01)
    assert drawn.std() == pytest.approx(values.std() / 20, rel=0.06)

import numpy as np
import pytest

from tsgen import RIMEstimator
from tsgen.data import Histories
from tsgen.errors import SettingsError
from tsgen.intensity.relevance import FittedTowers, TowerRelevance, tower_inputs

from ..conftest import HORIZON, QUIET, log_of, nobody, read_back

ROWS = [("a", "x", 1.0), ("a", "y", 2.0), ("a", "x", 3.5), ("b", "y", 0.5), ("c", "z", 9.5)]


@pytest.fixture
def asked():
    """Users a, b and c at second 4, when c has done nothing."""
    return Histories.of(log_of(ROWS), 4 * HORIZON)


@pytest.fixture
def towers():
    draw = np.random.default_rng(0)
    shapes = {"item_factors": (3, 2), "item_bias": 3, "inputs": (12, 3), "inner": (4, 3),
              "inner_bias": 4, "outer": (3, 4)}  # fmt: skip
    arrays = {k: draw.normal(size=shape).astype(np.float32) for k, shape in shapes.items()}
    return FittedTowers(**arrays, span=HORIZON)


def test_inputs_of_a_user_are_what_a_loop_finds(asked):
    inputs = tower_inputs(asked, HORIZON).toarray()
    counts = {"x": 2, "y": 1}
    faded = {"x": np.exp(-3.0) + np.exp(-0.5), "y": np.exp(-2.0)}
    for first, values in ((0, counts), (3, faded)):
        logs = np.log1p([values["x"], values["y"], 0.0])
        np.testing.assert_allclose(
            inputs[0, first : first + 3], logs / np.linalg.norm(logs), rtol=1e-5
        )
    ages = np.array([3.0, 2.0, 0.5])
    about = [3, 2, np.exp(-ages).sum(), np.exp(-ages / 10).sum(), 0.5]
    np.testing.assert_allclose(inputs[0, 6:], [1, *(np.log1p(about) / 5)], rtol=1e-5)


def test_who_did_nothing_has_a_one_and_nothing_else(asked):
    assert tower_inputs(asked, HORIZON).toarray()[2].tolist() == [0.0] * 6 + [1.0] + [0.0] * 5


def test_later_events_and_events_of_others_change_nothing(asked):
    alone = Histories.of(
        log_of([*ROWS[:3], ("a", "z", 4.5), ("b", "z", 1.0), ROWS[4]]), 4 * HORIZON
    )
    first, second = (tower_inputs(h, HORIZON).toarray()[0] for h in (asked, alone))
    np.testing.assert_array_equal(first, second)


def test_a_user_is_the_sum_of_inputs_and_what_is_hidden(asked, towers):
    factors, bias = towers.users(asked)
    for row, inputs in enumerate(tower_inputs(asked, HORIZON).toarray()):
        sums = towers.inputs.T @ inputs
        raw = towers.inner @ sums + towers.inner_bias
        wanted = sums + towers.outer @ (raw / (1 + np.exp(-raw)))
        np.testing.assert_allclose([*factors[row], bias[row]], wanted, rtol=1e-4, atol=1e-5)


def test_they_come_back_from_their_arrays(asked, towers):
    again = read_back(TowerRelevance(), towers)
    assert again.span == HORIZON
    for one, other in zip(towers.users(asked), again.users(asked), strict=True):
        np.testing.assert_array_equal(one, other)


def test_they_learn_from_a_model_and_not_from_events(asked):
    with pytest.raises(SettingsError, match=r"tsgen\.features\.distil"):
        TowerRelevance().fit(asked, HORIZON, QUIET, held_out=nobody(asked))
    with pytest.raises(SettingsError, match="learn from a trained model"):
        RIMEstimator(horizon="2s", relevance="towers").train(log_of(ROWS), options=QUIET)

import numpy as np

from intensity.conftest import HORIZON, QUIET, log_of, nobody, probabilities, read_back, two_tastes
from tsgen.data import Histories
from tsgen.intensity.relevance import RandomRelevance


def test_chance_orders_users_anyhow():
    histories = Histories.of(two_tastes(300), 50 * HORIZON)
    model = RandomRelevance().fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    found = probabilities(model, histories)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-4)
    ours = np.array([name[0] == "a" for name in histories.events.items.ids])
    assert 0.4 < found[:, ours].sum(axis=1).mean() < 0.6
    np.testing.assert_array_equal(
        probabilities(read_back(RandomRelevance(), model), histories), found
    )


def test_users_held_out_do_not_teach():
    at = Histories.of(log_of([("a", "x", 1), ("b", "y", 2), ("b", "z", 3)]), 4 * HORIZON)
    model = RandomRelevance().fit(at, HORIZON, QUIET, held_out=np.array([False, True]))
    assert np.isneginf(model.item_bias).tolist() == [False, True, True]

"""Item by item, by a plain loop over users."""

import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.evaluation.audience.by_item import item_lists
from tsgen.metrics import target_places

DRAW = np.random.default_rng(2)
N, M, SIZE = 60, 30, 9
SCORES = DRAW.random((N, M))
TARGETS = DRAW.random((N, M)) < 0.2
TARGETS[:, 0] = SCORES[:, 0] > np.sort(SCORES[:, 0])[-9]  # the best are listed first
TARGETS[:, 1] = SCORES[:, 1] < np.sort(SCORES[:, 1])[40]  # the last ones act
TARGETS[4:, 2] = False  # too few to say
DEPTHS = np.array([0.1, 0.5, 1.0])


def lists():
    return item_lists(target_places(SCORES, sp.csr_array(TARGETS * 1.0)), SIZE, DEPTHS)


def test_found_and_acted_are_counted_as_by_a_loop():
    shown = lists()
    assert len(shown.item) == 20
    for row, item in enumerate(shown.item):
        order = np.argsort(-SCORES[:, item], kind="stable")
        acted = TARGETS[:, item].sum()
        assert shown.acted[row] == acted
        assert shown.hits[row] == TARGETS[order[:SIZE], item].sum()
        assert shown.at_random[row] == pytest.approx(acted * SIZE / N)
        curve = [TARGETS[order[: int(np.ceil(d * N))], item].sum() / acted for d in DEPTHS]
        np.testing.assert_allclose(shown.curves[row], curve)
    assert (shown.listed == SIZE).all()


def test_the_best_stand_first_the_worst_last_and_rare_items_nowhere():
    shown = lists()
    assert shown.item[0] == 0
    assert shown.item[-1] == 1
    assert 2 not in shown.item


def test_without_enough_who_acted_there_is_nothing():
    rare = np.zeros((N, M))
    rare[0] = 1.0
    shown = item_lists(target_places(SCORES, sp.csr_array(rare)), SIZE, DEPTHS)
    assert shown.curves.shape == (0, 3)

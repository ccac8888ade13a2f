"""Lists of items and of users by the field's measures: the means are over those with a target."""

import numpy as np
import scipy.sparse as sp

from tsgen.evaluation.audience.ranked import FIELD, of_items, of_users

TARGETS = sp.csr_array(np.array([[1, 0, 1], [0, 0, 0], [0, 2, 0]]))


def test_users_with_nothing_to_find_count_nowhere():
    best = np.array([[0, 1], [1, 2], [0, 2]])
    ones = np.ones((1, 3))
    found = {name: float(value(ones)[0]) for name, value in of_users(best, TARGETS).items()}
    assert found["item_rec_precision_with_targets"] == (1 / 2 + 0) / 2
    assert found["item_rec_recall_with_targets"] == (1 / 2 + 0) / 2
    assert found["item_rec_hit_rate"] == 1 / 2
    ideal = 1 + 1 / np.log2(3)
    np.testing.assert_allclose(found["item_rec_ndcg"], 1 / ideal / 2)
    assert found["item_rec_map"] == (1 / 2 + 0) / 2


def test_items_are_the_questions_of_audiences():
    best = np.array([[1, 0], [2, 1], [1, 2]])  # users of each item
    found = of_items(best, TARGETS)
    assert set(found) == {f"user_rec_{name}" for name in FIELD}
    assert found["user_rec_hit_rate"] == 2 / 3
    assert found["user_rec_map"] == (1 / 2 + 1 + 0) / 3

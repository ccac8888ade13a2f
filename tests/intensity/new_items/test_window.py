"""Who took up what for the first time, by loops over the events."""

import numpy as np

from intensity.conftest import HORIZON, log_of
from tsgen.data import Histories
from tsgen.intensity.new_items.window import FirstPurchases, item_shares, seen_pairs_of


class Counting:
    """An activity that expects as many events as there were."""

    def state(self, histories):
        return histories.lengths[:, None].astype(float)

    def intensity(self, state, elapsed=0.0):
        return state[:, 0]


ROWS = [("a", "x", 0.5), ("a", "x", 4.5), ("a", "y", 4.6), ("b", "y", 1.5), ("b", "z", 3.5),
        ("c", "z", 4.2), ("c", "z", 4.3)]  # fmt: skip


def test_pairs_of_the_last_horizon_that_were_not_seen_before():
    now = Histories.of(log_of(ROWS), 5 * HORIZON)
    window = FirstPurchases.of(now, HORIZON, Counting())
    assert window.seen.toarray().tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert window.first.toarray().tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert window.activity.tolist() == [1, 2, 0]
    assert seen_pairs_of(now).max() == 1


def test_shares_count_first_purchases_of_the_last_three_horizons():
    now = Histories.of(log_of(ROWS), 5 * HORIZON)  # events from 2 on, new pairs: a-y, b-z, c-z
    np.testing.assert_allclose(item_shares(now, HORIZON), (np.array([0, 1, 2]) + 1 / 3) / 6)

import numpy as np

from intensity.conftest import HORIZON, log_of
from tsgen.data import Histories
from tsgen.intensity.activity.averages.scaled import Scaled


class Alike(Scaled):
    """One for every user."""

    def state(self, histories):
        return np.ones((len(histories), 1))


def test_the_scale_is_the_one_under_which_the_last_window_had_as_many_events_as_expected():
    rows = [("a", 0.5), ("b", 0.6), ("a", 1.2), ("a", 1.4), ("new", 1.5)]
    at = Histories.of(log_of(rows), 2 * HORIZON)
    model = Alike.fit(at, HORIZON)
    assert model.scale == 2 / (2 * 1.01)  # two users were known, who had two events


def test_where_nobody_was_known_before_the_same_is_expected_again():
    at = Histories.of(log_of([("a", 1.2), ("a", 1.4), ("b", 1.5)]), 2 * HORIZON)
    assert Alike.fit(at, HORIZON).scale == 3 / (2 * 1.01)

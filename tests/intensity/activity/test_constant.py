import numpy as np

from intensity.conftest import HORIZON, random_log, read_back
from tsgen.data import Histories
from tsgen.intensity.activity.constant import ConstantActivity


def test_every_user_counts_one_at_any_time_and_no_events_are_expected():
    at = Histories.of(random_log(0, num_users=7), 9 * HORIZON)
    part = ConstantActivity()
    for model in (part.fit(at, HORIZON), read_back(part, part.fit(at, HORIZON))):
        np.testing.assert_array_equal(model.intensity(model.state(at), 3.0), np.ones(7))
        assert not model.expects_counts
        assert model.arrays() == {}

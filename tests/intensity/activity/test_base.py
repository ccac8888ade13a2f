import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from intensity.conftest import HORIZON, random_log, seconds
from tsgen.data import Histories
from tsgen.intensity.activity.base import decayed_sums, last_window


@given(st.integers(0, 2**31), st.floats(0, 10))
def test_decayed_sums_equal_a_slow_loop(seed, at):
    events = random_log(seed, ties=True)
    decays = np.array([0.0, 1.0, 3.0])
    time = int(at * HORIZON)
    found = decayed_sums(Histories.of(events, time), decays, HORIZON)
    for user in range(events.num_users):
        ages = [(time - t) / HORIZON for t in events.time[events.user == user] if t < time]
        expected = [sum(np.exp(-d * age) for age in ages) for d in decays]
        np.testing.assert_allclose(found[user], expected, rtol=1e-12)


@given(st.integers(0, 2**31))
def test_the_last_window_counts_what_followed_and_nothing_later(seed):
    events = random_log(seed)
    past, counts = last_window(Histories.of(events, 6 * HORIZON), HORIZON, back=2)
    for user in range(events.num_users):
        times = seconds(events, user)
        assert past.lengths[user] == (times < 4).sum()
        assert counts[user] == ((times >= 4) & (times < 5)).sum()

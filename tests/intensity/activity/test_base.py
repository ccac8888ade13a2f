from hypothesis import given
from hypothesis import strategies as st

from intensity.conftest import HORIZON, random_log, seconds
from tsgen.data import Histories
from tsgen.intensity.activity.base import last_window


@given(st.integers(0, 2**31))
def test_the_last_window_counts_what_followed_and_nothing_later(seed):
    events = random_log(seed)
    past, counts = last_window(Histories.of(events, 6 * HORIZON), HORIZON, back=2)
    for user in range(events.num_users):
        times = seconds(events, user)
        assert past.lengths[user] == (times < 4).sum()
        assert counts[user] == ((times >= 4) & (times < 5)).sum()

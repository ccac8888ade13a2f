import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intensity.conftest import HORIZON, random_log, seconds
from tsgen.data import Histories
from tsgen.intensity.activity.learned_features import count_features, count_state


def slow_habits(times, forgetting):
    visits, sizes = np.unique(times, return_counts=True)
    gaps = [np.log(1e-4 + b - a) for a, b in itertools.pairwise(visits)]
    weights = [forgetting**k for k in range(len(gaps))][::-1]
    total = sum(weights) + 0.3
    mean = sum(w * g for w, g in zip(weights, gaps, strict=True)) / total
    square = sum(w * g * g for w, g in zip(weights, gaps, strict=True)) / total
    size_weights = [forgetting**k for k in range(len(sizes))][::-1]
    size = np.average(np.log(sizes), weights=size_weights)
    return [mean, np.sqrt(max(square - mean**2, 0) + 0.01), size]


@pytest.mark.parametrize("ties", [False, True])
@given(seed=st.integers(0, 2**31))
def test_states_equal_a_slow_loop(seed, ties):
    events = random_log(seed, ties=ties)
    state = count_state(Histories.of(events, 9 * HORIZON), HORIZON)
    for user in range(events.num_users):
        times = seconds(events, user)
        habits = [x for f in (0.4, 0.8, 1.0) for x in slow_habits(times, f)]
        np.testing.assert_allclose(state[user, 8:17], habits, rtol=1e-6, atol=1e-9)
        facts = [len(np.unique(times)) - 1, times[-1] - times[0], 9 - times[0], len(times)]
        np.testing.assert_allclose(state[user, 17:21], facts, rtol=1e-9, atol=1e-9)


def test_features_later_are_those_of_a_later_request():
    events = random_log(2, num_users=30)
    early = count_state(Histories.of(events, 9 * HORIZON), HORIZON)
    late = count_state(Histories.of(events, 12 * HORIZON), HORIZON)
    np.testing.assert_allclose(
        count_features(early, 3.0, HORIZON), count_features(late, 0.0, HORIZON), rtol=1e-7
    )

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intensity.conftest import HORIZON, random_log
from tsgen.data import Histories
from tsgen.intensity.activity import sums
from tsgen.intensity.activity.sums import decayed_sums, remembering

DECAYS = np.array([0.0, 1.0, 3.0])


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


@pytest.fixture
def asked(monkeypatch):
    """The times that sums were computed for."""
    times, real = [], sums._sums

    def noted(histories, *rest):
        times.append(int(histories.at[0]) // HORIZON)
        return real(histories, *rest)

    monkeypatch.setattr(sums, "_sums", noted)
    return times


@pytest.mark.parametrize("without_first", [False, True])
def test_what_is_remembered_is_what_is_computed_and_only_once(asked, without_first):
    plain = Histories.of(random_log(3, ties=True), 6 * HORIZON)
    known = remembering(plain)
    most = np.arange(plain.events.num_users) > 0
    for back in (0, 2, 0):
        for chosen in (slice(None), most):
            how = DECAYS, HORIZON
            found, expected = (
                decayed_sums(
                    h.earlier(back * HORIZON).subset(chosen), *how, without_first=without_first
                )
                for h in (known, plain)
            )
            np.testing.assert_array_equal(found, expected)
    of_the_plain = [6, 6, 4, 4, 6, 6]
    assert sorted(asked) == sorted([*of_the_plain, 6, 4])


def test_other_decays_and_other_first_events_are_other_sums():
    known = remembering(Histories.of(random_log(3), 6 * HORIZON))
    for decays in (DECAYS, DECAYS + 1, DECAYS[:2]):
        for first in (False, True):
            found = decayed_sums(known, decays, HORIZON, without_first=first)
            expected = decayed_sums(
                replace(known, remembered=None), decays, HORIZON, without_first=first
            )
            np.testing.assert_array_equal(found, expected)


def test_a_request_that_sees_a_part_of_its_past_is_not_mistaken():
    whole = remembering(Histories.of(random_log(3), 6 * HORIZON))
    decayed_sums(whole, DECAYS, HORIZON)
    part = replace(whole, ends=whole.begins)
    assert not decayed_sums(part, DECAYS, HORIZON).any()
    assert whole.last(1).remembered is None


def test_a_few_requests_are_computed_by_themselves(asked):
    known = remembering(Histories.of(random_log(3), 6 * HORIZON))
    one = known.subset(np.array([0]))
    decayed_sums(one, DECAYS, HORIZON)
    assert known.events.num_users > 2
    assert not known.remembered


def test_old_sums_go_where_there_are_many(monkeypatch, asked):
    known = remembering(Histories.of(random_log(3), 6 * HORIZON))
    size = 8 * len(known) * (len(DECAYS) + 1)
    monkeypatch.setattr(sums, "_MOST_BYTES", 2 * size)
    for back in (0, 1, 0, 2, 0, 1):
        decayed_sums(known.earlier(back * HORIZON), DECAYS, HORIZON)
    assert asked == [6, 5, 4, 5]
    assert len(known.remembered) == 2

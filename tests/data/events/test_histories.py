"""Histories against slow loops: what is strictly before a request, and nothing else."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from strategies import event_tables
from tsgen.data import Histories, Interactions
from tsgen.data.events import count_before


def read(table):
    return Interactions.from_frame(table, on_duplicate="keep")


@st.composite
def asked(draw):
    """An event log, and requests: users in any order, several times, at times of their own."""
    events = read(draw(event_tables()))
    size = draw(st.integers(0, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    users = random.integers(0, events.num_users, size)
    return events, users, random.integers(-1, 14, size) * 10**6


def slow(events, user, at):
    """Return (item, time) of the events of a user strictly before a time, in order."""
    rows = range(events.offsets[user], events.offsets[user + 1])
    return [(int(events.item[k]), int(events.time[k])) for k in rows if events.time[k] < at]


@given(asked())
def test_a_request_sees_what_is_strictly_before_it(case):
    events, users, at = case
    histories = Histories.of(events, at, users)
    expected = [slow(events, u, t) for u, t in zip(users, at, strict=True)]
    assert len(histories) == len(users)
    assert histories.lengths.tolist() == [len(seen) for seen in expected]
    requests, rows = histories.flat()
    for k, seen in enumerate(expected):
        mine = rows[requests == k]
        assert list(zip(events.item[mine], events.time[mine], strict=True)) == seen
    counts = histories.pair_counts().toarray()
    assert counts.shape == (len(users), events.num_items)
    for k, seen in enumerate(expected):
        for item in range(events.num_items):
            assert counts[k, item] == sum(code == item for code, _ in seen)


@given(asked(), st.integers(1, 4))
def test_the_last_events_in_a_log_of_their_own_are_the_same_events(case, num):
    events, users, at = case
    histories = Histories.of(events, at, users)
    last = histories.last(num)
    assert last.at.tolist() == at.tolist()
    requests, rows = last.flat()
    for k, (user, time) in enumerate(zip(users, at, strict=True)):
        mine = rows[requests == k]
        seen = list(zip(last.events.item[mine], last.events.time[mine], strict=True))
        assert seen == slow(events, user, time)[-num:]
    values = [v for k in range(len(users)) for v in events.value[_rows(histories, k)][-num:]]
    assert last.events.value.tolist() == values


def _rows(histories, k):
    return np.arange(histories.begins[k], histories.ends[k])


@given(asked())
def test_a_subset_keeps_each_request_with_its_past(case):
    events, users, at = case
    histories = Histories.of(events, at, users)
    order = np.arange(len(users))[::-1]
    turned = histories.subset(order)
    assert turned.lengths.tolist() == histories.lengths[order].tolist()
    assert turned.at.tolist() == at[order].tolist()
    chosen = histories.subset(users == 0)
    assert set(chosen.users.tolist()) <= {0}
    assert len(chosen) == (users == 0).sum()


@given(event_tables(), st.integers(-1, 13))
def test_without_users_every_user_is_asked_once_at_the_one_time(table, second):
    events = read(table)
    histories = Histories.of(events, second * 10**6)
    assert histories.users.tolist() == list(range(events.num_users))
    expected = [len(slow(events, u, second * 10**6)) for u in range(events.num_users)]
    assert histories.lengths.tolist() == expected


def test_an_event_at_the_time_itself_is_not_before_it():
    table = {"user_id": ["a"] * 3, "item_id": [1, 2, 3], "timestamp": [10, 20, 20]}
    events = read(pd.DataFrame(table))
    times = np.array([10, 11, 20, 21]) * 10**6
    found = count_before(events, np.zeros(4, np.int64), times)
    assert found.tolist() == [0, 1, 1, 3]

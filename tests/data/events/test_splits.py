import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import event_tables
from tsgen.data import EventTask, Interactions, rolling_requests, split_events, split_users
from tsgen.data.events.splits import ALWAYS, NEVER
from tsgen.errors import DataError, SettingsError, UnknownIdError

SECOND = 10**6
FOUR = [("u1", "a", 3), ("u1", "b", 4), ("u2", "c", 5), ("u2", "d", 6)]
MINIMAL = [("u1", "i1", 3), ("u2", "i2", 5), ("u3", "i3", 7), ("u3", "i4", 9)]


def log(rows):
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    return Interactions.from_frame(table, on_duplicate="keep")


def task(events, cutoffs, requests=None, *, horizon=100, **options):
    codes = None
    if requests is not None:
        users = events.users.find([user for user, _ in requests])
        codes = users, [ALWAYS if at is None else at * SECOND for _, at in requests]
    return EventTask.of(events, cutoffs, requests=codes, horizon=horizon * SECOND, **options)


def histories(found):
    events = found.histories.events
    return [
        events.items.ids[events.item[begin:end]].tolist()
        for begin, end in zip(found.histories.begins, found.histories.ends, strict=True)
    ]


def pairs(found, matrix):
    users = found.events.users.ids[found.histories.users]
    rows, columns = matrix.nonzero()
    return {
        (users[r], found.item_ids()[c]): matrix.toarray()[r, c]
        for r, c in zip(rows, columns, strict=True)
    }


# The acceptance vectors of the authors' code, 1 to 5.


def test_one_cutoff_for_all():
    found = task(log(FOUR), [6 * SECOND, 6 * SECOND])
    assert histories(found) == [["a", "b"], ["c"]]
    assert pairs(found, found.targets) == {("u2", "d"): 1}
    assert pairs(found, found.seen) == {("u1", "a"): 1, ("u1", "b"): 1, ("u2", "c"): 1}
    assert found.training.item_counts().tolist() == [1, 1, 1, 0]


def test_a_user_who_only_trains_is_not_asked_about():
    found = task(log(FOUR), [ALWAYS, 6 * SECOND])
    assert histories(found) == [["c"]]
    assert pairs(found, found.targets) == {("u2", "d"): 1}
    assert found.training.to_frame()["item_id"].tolist() == ["a", "b", "c"]


def test_rolling_requests_see_a_growing_history():
    found = task(log(FOUR), [ALWAYS, NEVER], [("u2", 5), ("u2", 6)], horizon=1)
    assert histories(found) == [[], ["c"]]
    assert found.targets.toarray().tolist() == [[0, 0, 1, 0], [0, 0, 0, 1]]
    assert found.training.to_frame()["item_id"].tolist() == ["a", "b"]
    assert found.training.item_counts().tolist() == [1, 1, 0, 0]


def test_filters_count_only_the_past_and_say_what_they_drop():
    found = task(
        log(MINIMAL),
        [ALWAYS, 0, 9 * SECOND],
        [("u3", 9), ("u2", 0), ("u1", None), ("u2", 6)],
        min_history=1,
        min_item_count=1,
    )
    users = found.events.users.ids[found.histories.users].tolist()
    assert list(zip(users, (found.histories.at // SECOND).tolist(), strict=True)) == [
        ("u3", 9),
        ("u2", 6),
    ]
    assert list(found.item_ids()) == ["i1", "i3"]
    assert histories(found) == [["i3"], ["i2"]]
    assert pairs(found, found.seen) == {("u3", "i3"): 1}
    assert found.report["requests_dropped"] == 2
    assert found.report["items_dropped"] == 2
    assert found.report["target_events_dropped"] == 1  # (u3, i4): never seen in training


def test_repeats_add_up_in_targets():
    rows = [("u1", "a", 1), ("u1", "b", 2), ("u2", "a", 1)]
    rows += [("u1", "a", 5), ("u1", "a", 6), ("u2", "b", 5)]
    found = task(log(rows), [4 * SECOND, 4 * SECOND])
    assert found.targets.toarray().tolist() == [[2, 0], [0, 1]]
    excluding = task(log(rows), [4 * SECOND, 4 * SECOND], exclude_seen=True)
    assert excluding.targets.toarray().tolist() == [[0, 0], [0, 1]]  # the pair is no target either
    assert excluding.report["target_events_dropped"] == 2


def test_a_horizon_of_zero_means_at_that_time_and_frozen_histories_stop_at_the_cutoff():
    found = task(log(FOUR), [4 * SECOND, 6 * SECOND], horizon=0)
    assert pairs(found, found.targets) == {("u1", "b"): 1, ("u2", "d"): 1}
    frozen = task(log(FOUR), [4 * SECOND, NEVER], [("u1", 9), ("u2", 9)], update_history=False)
    assert histories(frozen) == [["a"], []]
    assert frozen.targets.sum() == 0  # the window still begins at the request


@given(event_tables(), st.integers(0, 13), st.integers(1, 6), st.booleans())
def test_targets_and_histories_equal_a_slow_loop(table, cut, horizon, exclude):
    events = Interactions.from_frame(table, on_duplicate="keep")
    cutoffs = np.full(events.num_users, cut * SECOND)
    found = EventTask.of(events, cutoffs, horizon=horizon * SECOND, exclude_seen=exclude)
    targets = np.zeros((events.num_users, events.num_items))
    seen = np.zeros_like(targets)
    for row in table.itertuples():
        pair = events.users.find([row.user_id])[0], events.items.find([row.item_id])[0]
        seen[pair] += row.timestamp < cut
        targets[pair] += cut <= row.timestamp < cut + horizon
    np.testing.assert_array_equal(found.seen.toarray(), seen)
    expected = targets * (seen == 0) if exclude else targets
    np.testing.assert_array_equal(found.targets.toarray(), expected)
    assert found.report["target_events"] == expected.sum()
    assert found.report["target_events"] + found.report["target_events_dropped"] == targets.sum()


@given(event_tables(), st.integers(1, 12))
def test_later_events_change_nothing_that_is_known(table, cut):
    moved = table.copy()
    later = moved["timestamp"] >= cut
    moved.loc[later, "timestamp"] += 100
    moved.loc[later, "item_id"] = table["item_id"].iloc[0]
    parts = []
    for rows in (table, moved):
        users = pd.DataFrame({"user_id": sorted(set(table["user_id"]))})
        items = pd.DataFrame({"item_id": sorted(set(table["item_id"]))})
        events = Interactions.from_frame(rows, users=users, items=items, on_duplicate="keep")
        parts.append(EventTask.of(events, [cut * SECOND] * events.num_users, horizon=SECOND))
    assert parts[0].training.fingerprint() == parts[1].training.fingerprint()
    assert histories(parts[0]) == histories(parts[1])


def daily(num_users=20, days=60, seed=0):
    random = np.random.default_rng(seed)
    size = num_users * days
    return Interactions.from_frame(
        pd.DataFrame({
            "user_id": random.integers(0, num_users, size),
            "item_id": random.integers(0, 30, size),
            "timestamp": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(random.integers(0, days * 24 * 60, size), "min"),
        }),
        on_duplicate="keep",
    )  # fmt: skip


def test_calendar_windows_lie_end_to_end_before_the_cut():
    events = daily()
    test, validation = split_events(
        events, "2024-02-20", horizon="7D", validation_horizon="5D", num_validation=2
    )
    begins = [pd.Timestamp(int(t.histories.at[0]), unit="us") for t in (test, *validation)]
    assert [str(t.date()) for t in begins] == ["2024-02-20", "2024-02-15", "2024-02-10"]
    frame = events.to_frame()
    inside = frame["timestamp"].between("2024-02-20", "2024-02-27", inclusive="left")
    assert test.targets.sum() == inside.sum()
    assert test.report["training_events"] == (frame["timestamp"] < "2024-02-20").sum()


def test_the_user_split_gives_each_user_a_time_of_its_own():
    events = daily()
    split = split_users(events, start="20D", horizon="10D")
    assert split.group_a.sum() == 10
    first = events.time[events.offsets[:-1]]
    day = 86_400 * SECOND
    b = np.flatnonzero(~split.group_a)
    assert split.test.histories.users.tolist() == b.tolist()
    np.testing.assert_array_equal(split.test.histories.at, first[b] + 20 * day)
    early = split.early_validation
    np.testing.assert_array_equal(early.histories.at + early.horizon, first + 20 * day)
    assert split.validation.histories.users.tolist() == np.flatnonzero(split.group_a).tolist()
    # Group A trains whole; of group B only what lies before its test time.
    lengths = split.test.training.lengths
    np.testing.assert_array_equal(lengths[split.group_a], events.lengths[split.group_a])
    np.testing.assert_array_equal(lengths[b], split.test.histories.lengths)
    assert split_users(events, start="20D", horizon="10D").group_a.tolist() == (
        split.group_a.tolist()
    )


def test_impossible_splits_are_refused():
    events = daily()
    with pytest.raises(DataError, match="not within the events"):
        split_events(events, "2025-01-01", horizon="7D")
    with pytest.raises(DataError, match="longer than the data"):
        split_events(events, "2024-02-20", horizon="100D")
    with pytest.raises(DataError, match="before the first event"):
        split_events(events, "2024-02-20", horizon="30D", num_validation=2)
    with pytest.raises(SettingsError, match="share"):
        split_users(events, start="1D", horizon="1D", share=1.5)
    with pytest.raises(UnknownIdError, match="no user 'x'"):
        rolling_requests(events, pd.DataFrame({"user_id": ["x"], "at": ["2024-01-05"]}))
    with pytest.raises(DataError, match="one each"):
        EventTask.of(events, [0], horizon="1D")

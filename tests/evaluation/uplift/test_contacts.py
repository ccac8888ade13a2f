import pandas as pd
import pytest

from tsgen import Interactions
from tsgen.allocation import Plan
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.evaluation.uplift.contacts import count_earlier, outcomes

PLAN = Plan.of([
    {"name": "one", "items": ["a", "b"], "value": 3.0},
    {"name": "two", "item_where": {"kind": 5}, "value": "spend"},
])  # fmt: skip
KINDS = pd.DataFrame({"item_id": ["a", "b", "c"], "kind": ["x", "5.0", "5"]})


def log(kinds=KINDS):
    table = pd.DataFrame({
        "user_id": [1, 1, 2, 3, 3], "item_id": ["a", "b", "b", "c", "a"],
        "timestamp": pd.date_range("2024-03-01", periods=5), "value": [1.0, 2, 4, 8, 16],
    })  # fmt: skip
    return Interactions.from_frame(table, items=kinds)


def rows(campaign, *users, column="user_id"):
    return pd.DataFrame({column: list(users), "campaign": campaign, "expected_engagements": 0.5})


def test_counts_and_values_are_those_of_the_campaigns_items():
    table = outcomes(log(), rows("one", 1, 2), rows("one", 3), PLAN)
    assert table["engagements"].tolist() == [2, 1, 1]
    assert table["value"].tolist() == [6, 3, 3]
    assert table["treated"].tolist() == [True, True, False]
    spent = outcomes(log(), rows("two", 1, 2), rows("two", 3), PLAN)
    assert spent["engagements"].tolist() == [1, 1, 1]
    assert spent["value"].tolist() == [2, 4, 8]


def test_ids_written_otherwise_change_nothing():
    plain = outcomes(log(), rows("one", 1, 2), rows("one", 3), PLAN)
    for users in (["1", "02"], [1.0, 2.0], ["1.0", " 2"]):
        found = outcomes(log(), rows("one", *users), rows("one", "0003"), PLAN)
        pd.testing.assert_frame_equal(found.drop(columns="user_id"), plain.drop(columns="user_id"))


def test_a_user_written_twice_in_two_ways_is_refused():
    with pytest.raises(DataError, match=r"1 pairs are there twice.*user '03'"):
        outcomes(log(), rows("one", 1, 3), rows("one", "03"), PLAN)


def test_users_without_events_count_as_idle_and_are_told():
    with pytest.warns(DataWarning, match="1 users of contacts and holdouts have no event"):
        table = outcomes(log(), rows("one", 1, 9), rows("one", 3), PLAN)
    assert table["engagements"].tolist() == [2, 0, 1]
    assert table.attrs["unknown_users"] == 1


def test_items_that_nobody_has_are_refused():
    with pytest.raises(DataError, match="No item of the log has what campaign 'two' is about"):
        outcomes(log(KINDS.assign(kind="z")), rows("two", 1), rows("two", 3), PLAN)
    with pytest.raises(SettingsError, match="is about items with 'kind'"):
        outcomes(log(None), rows("two", 1), rows("two", 3), PLAN)


def test_earlier_contacts_of_these_users_in_the_horizon_before_are_counted():
    now = log()
    table = outcomes(now, rows("one", 1, 2), rows("one", 3), PLAN)
    start, day = now.read_time("2024-03-01"), 86_400_000_000
    earlier = pd.DataFrame({
        "user_id": ["1", "02", "3", "8", "1"],
        "timestamp": ["2024-02-29", "2024-02-01", "2024-03-01", "2024-02-29", "2024-02-28"],
    })  # fmt: skip
    assert count_earlier(earlier, table, now, start, 7 * day) == 2
    with pytest.raises(DataError, match="None of the 1 users of earlier contacts"):
        count_earlier(earlier[3:4], table, now, start, day)
    with pytest.raises(DataError, match="timestamp"):
        count_earlier(earlier[["user_id"]], table, now, start, day)

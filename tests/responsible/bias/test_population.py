"""Who could be listed, who was, who acted: nobody is dropped, and what is left out is counted."""

import numpy as np
import pandas as pd
import pytest

from small_shop import QUIET, USERS, log, read
from tsgen import RIMEstimator
from tsgen.errors import DataError, SettingsError
from tsgen.responsible.bias.population import lists_of_model, lists_of_table

PEOPLE = pd.DataFrame({"user_id": ["a", "b", "c"], "age": [1, 2, 3]})
DAYS = pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-09", "2024-01-20"])
LATER = pd.DataFrame({"user_id": ["a", "b", "c", "b"], "item_id": [7, 7, 8, 8], "timestamp": DAYS})


def test_those_listed_without_a_row_are_members_too():
    lists = lists_of_table(pd.DataFrame({"user_id": ["c", "x", "x"]}), PEOPLE, None)
    assert lists.user_ids.tolist() == ["a", "b", "c", "x"]
    assert lists.selection().selected.tolist() == [0, 0, 1, 1]
    assert lists.facts == {"listed, not in the table of users": 1}


def test_outcomes_are_those_of_the_window_and_the_items():
    listed = pd.DataFrame({"user_id": ["b", "c"], "item_id": [7, 8]})
    day = 86_400_000_000
    lists = lists_of_table(listed, PEOPLE, None).with_outcomes(LATER, "2024-01-05", 7 * day)
    selection = lists.selection()
    assert selection.places == 2
    assert selection.acted.tolist() == [0, 1, 1]  # a acted before, b once more after it
    assert selection.hits.tolist() == [0, 1, 1]
    assert lists.facts["events before the cut-off, left out"] == 1
    assert lists.facts["events after the horizon, left out"] == 1


def test_a_user_twice_in_the_table_of_users_is_refused():
    with pytest.raises(DataError, match="has user_id 'a' twice"):
        lists_of_table(pd.DataFrame({"user_id": ["c"]}), pd.concat([PEOPLE, PEOPLE[:1]]), None)


def test_lists_that_name_their_items_take_no_others():
    listed = pd.DataFrame({"user_id": ["b", "c"], "item_id": [7, 8]})
    with pytest.raises(SettingsError, match="items has no effect on lists with an item_id"):
        lists_of_table(listed, PEOPLE, [7])


def test_ids_of_those_who_acted_will_do():
    lists = lists_of_table(pd.DataFrame({"user_id": ["b"]}), PEOPLE, None)
    acted = lists.with_outcomes(["b", "c", "zzz"], None, None)
    assert acted.selection().acted.tolist() == [0, 1, 1]
    assert acted.facts["outcomes of others"] == 1


def test_outcomes_of_before_or_of_others_are_refused():
    lists = lists_of_table(pd.DataFrame({"user_id": ["b"]}), PEOPLE, None)
    with pytest.raises(DataError, match="Outcomes are what users did after the cut-off"):
        lists.with_outcomes(LATER, "2025-01-01", None)
    with pytest.raises(DataError, match="None of the 4 outcomes is of a user"):
        lists.with_outcomes(LATER.assign(user_id="q"), None, None)
    with pytest.raises(DataError, match="'user_id' and at least one row"):
        lists_of_table(PEOPLE[:0], PEOPLE, None)


@pytest.fixture(scope="module")
def model():
    estimator = RIMEstimator(
        horizon="7D", activity="moving-average", relevance="popularity", repeats="mixture"
    )
    return estimator.train(read(log(), users=USERS), options=QUIET)


def test_lists_of_a_model_are_its_audiences(model):
    lists = lists_of_model(model, [101, 104], 9, None, None)
    expected = model.audience([101, 104], size=9)["user_id"]
    taken = lists.user_ids[lists.selection().selected > 0.999]
    assert set(taken) == set(expected)
    np.testing.assert_allclose(lists.split.sum(), 0, atol=1e-9)


def test_every_item_has_a_list_where_none_is_named(model):
    lists = lists_of_model(model, None, 5, None, None)
    assert lists.facts["lists"] == 12
    assert lists.selection().selected.sum() == pytest.approx(60)
    with pytest.raises(SettingsError, match="size=99 is not possible with 41 users"):
        lists_of_model(model, None, 99, None, None)

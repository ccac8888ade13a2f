"""The calendar split: the last fifth of the events is the horizon, and nothing of it is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError
from tsgen.evaluation.studies.calendar import calendar_windows

DAY = 86_400


def log(num=50):
    """One event a day: user k % 5 buys item k % 3, seconds since 1970."""
    days = np.arange(num)
    return pd.DataFrame({
        "user_id": [f"u{k % 5}" for k in days], "item_id": days % 3, "timestamp": days * DAY,
        "value": 1.0,
    })  # fmt: skip


@pytest.fixture
def windows():
    def of(table, **study):
        sources = SimpleNamespace(events={"log": table}.get)
        return calendar_windows({"data": "log", "part": "test"} | study, sources)

    return of


def test_the_horizon_is_the_last_fifth_and_the_past_is_what_came_before(windows):
    (window,) = windows(log().sample(frac=1, random_state=0))
    assert (window.cut, window.horizon) == (40 * DAY, 9 * DAY + 1)
    assert window.table["timestamp"].max() == 39 * DAY
    assert len(window.events) == 40
    expected = np.zeros((5, 3))
    for k in range(40, 50):
        expected[k % 5, k % 3] += 1
    np.testing.assert_array_equal(window.targets.toarray(), expected)
    assert window.facts["events"] == 40
    assert (window.facts["users"], window.facts["items"]) == (5, 3)
    assert window.facts["target_pairs"] == (expected > 0).sum()
    assert window.facts["active_users"] == 5
    assert window.facts["horizon_days"] == 9.0


def test_a_study_may_say_how_long_its_horizon_is(windows):
    late, early = windows(log(), horizon="3D", origins=2)
    assert (late.cut, late.horizon) == (40 * DAY, 3 * DAY)
    assert late.targets.sum() == 3
    assert (early.cut, early.horizon) == (37 * DAY, 3 * DAY)


def test_users_are_those_of_the_column_that_the_study_names(windows):
    table = log().assign(account=[None if k % 2 else f"a{k % 4}" for k in range(50)])
    (window,) = windows(table, user="account")
    assert window.events.users.ids.tolist() == ["a0", "a2"]
    assert (window.facts["without_user"], window.facts["events"]) == (25, 20)
    with pytest.raises(
        DataError, match=r"no column 'owner', which.*as user; it has user_id, item_id"
    ):
        windows(log(), user="owner")


def test_the_age_of_an_event_is_counted_in_horizons_before_the_cut(windows):
    (window,) = windows(log())
    expected = (window.cut - window.events.time / 1e6) / window.horizon
    np.testing.assert_allclose(window.age(), expected)
    assert window.age().min() == pytest.approx(DAY / (9 * DAY + 1))


def test_validation_windows_lie_in_the_training_part_a_horizon_apart(windows):
    test, late, early = (
        *windows(log()),
        *windows(log(), part="validation", origins=2),
    )
    assert late.cut == 32 * DAY  # the last fifth of the 40 events of the training part
    assert late.horizon == 7 * DAY + 1
    assert early.cut == late.cut - late.horizon
    assert late.cut + late.horizon <= test.cut
    assert early.targets.sum() == 7  # the days 25 to 31
    assert early.table["timestamp"].max() < early.cut


def test_returns_and_repeats_are_left_out_and_counted(windows):
    table = pd.concat([log(), log().iloc[[3, 3]], log().iloc[[4]].assign(value=-1.0),
                       log().iloc[[5]].assign(value=2.0)])  # fmt: skip
    (window,) = windows(table)
    assert (window.facts["returns"], window.facts["duplicates"]) == (1, 2)


def test_only_the_items_asked_for_most_are_candidates_and_strangers_are_counted(windows):
    table = pd.concat([log(), pd.DataFrame({
        "user_id": "new", "item_id": 0, "timestamp": [45 * DAY + 1], "value": 1.0})])  # fmt: skip
    (window,) = windows(table, num_items=2)
    assert window.facts["items"] == 2
    most = window.table["item_id"].value_counts().index
    assert set(most) == set(window.events.items.ids)
    inside = table[(table["timestamp"] >= window.cut)]
    strangers = (~inside["item_id"].isin(most) | (inside["user_id"] == "new")).sum()
    assert window.facts["target_events_of_strangers"] == strangers

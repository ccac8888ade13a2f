import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.data import Interactions
from tsgen.errors import DataError, DataWarning, SettingsError

NAMES = {"user_id": "Kunden-Nr.", "item_id": "Artikel", "timestamp": "Datum"}


def shop(num=400, users=25, seed=0):
    draw = np.random.default_rng(seed)
    days = pd.to_timedelta(np.sort(draw.uniform(0, 60, num)), unit="D")
    return pd.DataFrame({
        "user_id": draw.integers(0, users, num),
        "item_id": draw.choice(["a", "b", "c"], num),
        "timestamp": pd.Timestamp("2024-01-01") + days.round("s"),
    })  # fmt: skip


@pytest.fixture(scope="module")
def model():
    log = Interactions.from_frame(shop().rename(columns=NAMES), **NAMES, timezone="Asia/Tokyo")
    estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity")
    return estimator.train(log, options=tsgen.TrainingOptions(seed=1))


def newer():
    return pd.concat([shop(), shop().tail(5).assign(user_id=99)], ignore_index=True)


def test_a_newer_table_may_call_its_columns_as_the_training_log_did(model, tmp_path):
    table = newer().rename(columns=NAMES)
    log = Interactions.from_frame(table, **NAMES, timezone="Asia/Tokyo")
    wanted = model.audience("a", size=99, events=log)
    found = model.audience("a", size=99, events=table)
    pd.testing.assert_frame_equal(found, wanted)
    model.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model").audience("a", size=99, events=table, exclude=[99])
    assert set(again["user_id"]) == set(wanted["user_id"]) - {99}


def test_usual_names_hold_too_and_that_is_said(model):
    with pytest.warns(DataWarning, match="no column 'Kunden-Nr.'.*user_id.* in its place"):
        found = model.audience("a", size=99, events=newer())
    assert 99 in set(found["user_id"])


def test_names_of_neither_kind_are_refused(model):
    with pytest.raises(DataError, match=r"no column 'Kunden-Nr\.'"):
        model.audience("a", size=9, events=newer().rename(columns=NAMES | {"user_id": "who"}))


def the_last_events_of_few():
    """Three users of training, and a new one, after the training cut-off."""
    rows = shop(num=6).assign(user_id=[0, 1, 2, 0, 1, 2])
    rows["timestamp"] = pd.Timestamp("2024-03-05") + pd.to_timedelta(np.arange(6), "h")
    return pd.concat([rows, rows.tail(1).assign(user_id=77)], ignore_index=True)


def test_what_is_new_alone_is_warned_of_refused_or_added(model):
    table = the_last_events_of_few().rename(columns=NAMES)
    with pytest.warns(DataWarning, match=r"has 3 of the 25 users .*on_delta='update'"):
        whole = model.audience("a", size=99, events=table)
    assert len(whole) == 4
    with pytest.raises(DataError, match="has 3 of the 25 users of training"):
        model.audience("a", size=99, events=table, on_delta="error")
    added = model.audience("a", size=99, events=table, on_delta="update")
    pd.testing.assert_frame_equal(added, model.update(table).audience("a", size=99))
    assert len(added) == 26
    with pytest.raises(SettingsError, match="on_delta='perhaps' is not possible"):
        model.audience("a", size=99, events=table, on_delta="perhaps")


def test_new_events_of_most_users_are_a_delta_too(model):
    """All users are there, but none of what they did before."""
    users = model.states.users.ids
    table = pd.DataFrame({"user_id": users, "item_id": "a"})
    table["timestamp"] = pd.Timestamp("2024-03-05") + pd.to_timedelta(np.arange(len(users)), "h")
    table = table.rename(columns=NAMES)
    with pytest.warns(DataWarning, match=r"Of 25 of the 25 users .*on_delta='update'"):
        model.audience("a", size=99, events=table)
    with pytest.raises(DataError, match="Of 25 of the 25 users"):
        model.audience("a", size=99, events=table, on_delta="error")
    added = model.audience("a", size=99, events=table, on_delta="update")
    assert len(added) == 25
    log = shop().rename(columns=NAMES)
    rest = log[~log["Kunden-Nr."].isin(users[:2])]  # of two of 25 old events are gone
    model.audience("a", size=99, events=pd.concat([rest, table[:2]]))


def test_events_that_came_in_late_are_added_though_most_users_had_earlier_ones(model):
    late = pd.concat([shop(num=300, seed=4)[:290], the_last_events_of_few()])
    both = pd.concat([shop(), late])
    added = model.audience("a", size=99, events=late.rename(columns=NAMES), on_delta="update")
    wanted = model.audience("a", size=99, events=both.rename(columns=NAMES))
    pd.testing.assert_frame_equal(added, wanted)


def test_a_log_that_lacks_most_of_what_was_is_a_delta_too(model):
    first = shop().groupby("user_id").head(1)
    table = pd.concat([first[first["user_id"] < 14], the_last_events_of_few()])
    table = table.rename(columns=NAMES)
    with pytest.warns(
        DataWarning, match=r"has 14 events from before .*, where 7\d pairs .*'update'"
    ):
        model.audience("a", size=99, events=table)
    with pytest.raises(DataError, match="the rest is forgotten"):
        model.audience("a", size=99, events=table, on_delta="error")


def test_a_whole_log_is_no_delta_whatever_is_asked(model):
    table = newer().rename(columns=NAMES)
    wanted = model.audience("a", size=99, events=table)
    for choice in ("error", "update"):
        found = model.audience("a", size=99, events=table, on_delta=choice)
        pd.testing.assert_frame_equal(found, wanted)


def test_what_ends_before_the_cut_off_is_a_delta_too(model):
    early = shop()[:200].rename(columns=NAMES)
    with pytest.raises(DataError, match="before the training cut-off"):
        model.recommend(1, events=early, on_delta="error")


def test_what_came_at_the_time_or_later_is_in_no_column_of_a_list():
    table = shop().assign(value=np.arange(400.0) + 1)
    estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    model = estimator.train(table[:200], options=tsgen.TrainingOptions(seed=1))
    middle = table["timestamp"].iloc[300]
    with pytest.warns(DataWarning, match="100 events at or after"):
        found = model.audience("a", size=99, why=True, events=table, at=middle)
    before = model.audience("a", size=99, why=True, events=table[:300], at=middle)
    pd.testing.assert_frame_equal(found, before)
    assert (found["days_since_last"] > 0).all()


def test_a_time_before_all_newer_events_is_refused(model):
    with (
        pytest.warns(DataWarning, match="400 events at or after"),
        pytest.raises(DataError, match=r"None of the 400 newer events lies before at=2023-01-01"),
    ):
        model.audience("a", size=3, events=shop().rename(columns=NAMES), at="2023-01-01")

"""Event counts as series: they add up to the log, by the wall clock, zeros included."""

import datetime

import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.split import split
from gluonts.ev.metrics import MASE
from gluonts.model import evaluate_model
from gluonts.model.seasonal_naive import SeasonalNaivePredictor
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import event_tables
from tsgen.data import Interactions, to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError

FREQS = ["D", "h", "30min", "6h", "W-SUN", "M", "B", "2D"]
ZONES = [None, "Europe/Berlin", "America/New_York", "Pacific/Apia"]


def log_of(table):
    return Interactions.from_frame(table, on_duplicate="keep")


def in_zone(table, zone, origin="2011-12-29"):
    """Read the times as hours from a day around which clocks and days are skipped."""
    stamps = pd.Timestamp(origin, tz="UTC") + pd.to_timedelta(table["timestamp"], "h")
    return table.assign(
        timestamp=stamps.dt.tz_convert(zone) if zone else stamps.dt.tz_localize(None)
    )


@settings(max_examples=30)
@given(
    event_tables(max_time=300, max_events=20),
    st.sampled_from(FREQS),
    st.sampled_from(ZONES),
    st.sampled_from(["2011-12-29", "2024-03-27", "2024-10-24"]),
    st.sampled_from(["log", "first"]),
    st.sampled_from(["count", "value"]),
)
@pytest.mark.filterwarnings("ignore::tsgen.errors.DataWarning")
def test_series_add_up_to_the_log_and_say_who_did_what_when(
    table, freq, zone, origin, start, target
):
    events = log_of(in_zone(table, zone, origin))
    frame = events.to_frame()
    frame["timestamp"] = frame["timestamp"].dt.tz_localize(None)
    weights = frame["value"] if target == "value" else pd.Series(1.0, frame.index)
    for column, dataset in (
        ("user_id", events.activity_dataset(freq, start=start, target=target)),
        ("item_id", events.demand_dataset(freq, start=start, target=target)),
    ):
        assert np.nansum(dataset.values) == weights.sum()
        assert dataset.timezone == zone
        ends = {dataset.timestamps(i)[-1] for i in range(len(dataset))}
        assert len(ends) == 1  # all series run up to the same step
        for i, item_id in enumerate(dataset.item_ids):
            own, stamps = frame[column] == item_id, dataset.timestamps(i)
            expected = np.zeros(len(stamps))
            for time, weight in zip(frame["timestamp"][own], weights[own], strict=True):
                if freq == "B" and time.weekday() > 4:
                    time = time.normalize() + pd.Timedelta(days=7 - time.weekday())
                expected[stamps.searchsorted(time, side="right") - 1] += weight
            assert np.nan_to_num(dataset.series(i)).tolist() == expected.tolist()
            assert start == "log" or expected[0] > 0


def test_a_day_has_23_or_25_hours_when_clocks_change():
    for day, hours in (("2024-03-31", 23), ("2024-10-27", 25)):
        stamps = pd.date_range(day, periods=hours, freq="h", tz="Europe/Berlin")
        assert stamps[-1].day == stamps[0].day
        table = pd.DataFrame({"user_id": "a", "item_id": 1, "timestamp": stamps})
        events = Interactions.from_frame(table)
        assert events.activity_dataset("D").values.tolist() == [hours]
        by_hour = events.activity_dataset("h")
        assert len(by_hour.values) == 24
        assert np.nansum(by_hour.values) == hours
        assert np.isnan(by_hour.values).sum() == (hours == 23)
        assert np.nanmax(by_hour.values) == (1 if hours == 23 else 2)
        again = to_dataset(by_hour.to_frame())  # a table without the hour that does not exist
        assert np.nansum(again.values) == hours


def test_the_day_that_samoa_skipped_is_missing_not_zero():
    stamps = pd.to_datetime(["2011-12-29 12:00", "2011-12-31 12:00"]).tz_localize("Pacific/Apia")
    events = Interactions.from_frame(
        pd.DataFrame({"user_id": "a", "item_id": 1, "timestamp": stamps})
    )
    assert str(events.activity_dataset("D").values) == "[ 1. nan  1.]"


def simple():
    times = ["2024-01-01 12:00", "2024-01-02 00:00", "2024-01-04 08:00", "2024-01-04 09:00"]
    table = pd.DataFrame({
        "user_id": ["a", "b", "b", "a"], "item_id": [1, 1, 2, 2],
        "timestamp": pd.to_datetime(times), "value": [1.5, 2.0, 4.0, 8.0],
    })  # fmt: skip
    return table


def test_series_run_from_the_log_or_the_first_event_to_the_end_of_observation():
    events = Interactions.from_frame(simple())
    log = events.activity_dataset("D")
    assert [log.series(i).tolist() for i in (0, 1)] == [[1, 0, 0, 1], [0, 1, 0, 1]]
    first = events.activity_dataset("D", start="first", until="2024-01-06")
    assert [first.series(i).tolist() for i in (0, 1)] == [[1, 0, 0, 1, 0], [1, 0, 1, 0]]
    assert events.activity_dataset("D", until="2024-01-04").lengths.tolist() == [3, 3]
    assert events.demand_dataset("D", target="value").series(1).tolist() == [0, 0, 0, 12]


def test_periods_seen_in_part_are_kept_or_dropped_on_request():
    events = Interactions.from_frame(simple())
    dropped = events.activity_dataset("D", incomplete="drop")
    assert [dropped.series(i).tolist() for i in (0, 1)] == [[0, 0], [1, 0]]
    whole = events.activity_dataset("D", incomplete="drop", until="2024-01-05")
    assert [whole.series(i).tolist() for i in (0, 1)] == [[0, 0, 1], [1, 0, 1]]
    with pytest.raises(DataError, match="no whole period of freq='W-SUN'"):
        events.activity_dataset("W", incomplete="drop")


def test_users_without_events_are_zeros_or_left_out_with_a_word():
    people = pd.DataFrame({"user_id": ["c", "a"], "country": ["DE", None], "age": [30, 40]})
    with pytest.warns(DataWarning, match="user table lacks 1 of the 2 users"):
        events = Interactions.from_frame(simple().drop(columns="value"), users=people)
    dataset = events.activity_dataset("D", static=["country"])
    assert dataset.item_ids == ("a", "b", "c")
    assert dataset.series(2).tolist() == [0, 0, 0, 0]
    assert dataset.static_categories == (("DE", None),)
    assert dataset.static_cat[:, 0].tolist() == [1, 1, 0]
    with pytest.warns(DataWarning, match="1 of 3 users have no event"):
        assert events.activity_dataset("D", start="first", static=()).item_ids == ("a", "b")


def test_attributes_become_static_features_numbers_as_numbers():
    items = pd.DataFrame(
        {"item_id": [2, 1], "group": ["x", "y"], "new": [True, False], "price": [5, 7]}
    )
    events = Interactions.from_frame(simple(), items=items)
    dataset = events.demand_dataset("D")
    assert dataset.static_names == ("group", "new")
    assert [
        c[k] for c, k in zip(dataset.static_categories, dataset.static_cat[0], strict=True)
    ] == ["y", False]
    assert dataset.static_real.tolist() == [[7], [5]]
    entry = next(iter(dataset))
    assert entry["feat_static_cat"].tolist() == [1, 0]
    assert entry["feat_static_real"].tolist() == [7]


def test_ids_of_other_kinds_become_text():
    table = simple().assign(user_id=[(1, 2), (3, 4), (3, 4), (1, 2)])
    table["item_id"] = [datetime.date(2024, 1, d) for d in (1, 1, 2, 2)]
    events = Interactions.from_frame(table)
    assert events.activity_dataset("D").item_ids == ("(1, 2)", "(3, 4)")
    assert events.demand_dataset("D").item_ids == ("2024-01-01", "2024-01-02")


def test_gluonts_evaluates_a_forecaster_on_the_counts():
    random = np.random.default_rng(0)
    hours = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 24 * 60, 400), "h")
    table = pd.DataFrame({"user_id": random.integers(0, 5, 400), "item_id": 1, "timestamp": hours})
    dataset = Interactions.from_frame(table, on_duplicate="keep").activity_dataset("D")
    _, template = split(dataset, offset=-14)
    predictor = SeasonalNaivePredictor(prediction_length=7, season_length=7)
    test = template.generate_instances(7, windows=2)
    result = evaluate_model(predictor, test_data=test, metrics=[MASE()])
    assert np.isfinite(result.to_numpy()).all()


def test_impossible_requests_say_what_to_do():
    ends = pd.to_datetime(["2010-01-01", "2020-01-01"])
    users = pd.DataFrame({"user_id": np.arange(2_000)})
    table = pd.DataFrame({"user_id": [0, 1], "item_id": 1, "timestamp": ends})
    events = Interactions.from_frame(table, users=users)
    with pytest.raises(
        DataError,
        match=r"2,000 series at freq='s' would have 631,065,602,000 steps.* start='first'",
    ):
        events.activity_dataset("s")
    with pytest.raises(SettingsError, match="freq='fortnight' is not a frequency"):
        events.activity_dataset("fortnight")
    with pytest.raises(SettingsError, match="start='user' is not possible: use 'log' or 'first'"):
        events.activity_dataset("D", start="user")
    with pytest.raises(DataError, match="The log has no values"):
        events.demand_dataset("D", target="value")
    with pytest.raises(DataError, match="No event lies before until=2000-01-01"):
        events.demand_dataset("D", until="2000-01-01")
    with pytest.raises(DataError, match="The user table has no column 'county'"):
        events.activity_dataset("D", static=["county"])
    ages = users.assign(age=np.where(users["user_id"] == 7, np.nan, 30.0))
    events = Interactions.from_frame(table, users=ages)
    with pytest.raises(DataError, match=r"no finite number in 'age' for 1 users .the first: 7."):
        events.activity_dataset("M")


def test_a_real_log_is_counted_whole(shared_data):
    table = pd.read_parquet(shared_data / "events" / "online_retail.parquet")
    events = Interactions.from_frame(table, on_duplicate="keep", returns="keep")
    days = events.activity_dataset("D")
    assert days.lengths.tolist() == [374] * 4372
    assert days.values.sum() == len(table) == events.demand_dataset("D").values.sum()
    counts = pd.to_datetime(table["timestamp"], unit="s").dt.date.value_counts().sort_index()
    by_day = days.values.reshape(4372, 374).sum(axis=0)
    assert by_day[by_day > 0].tolist() == counts.tolist()

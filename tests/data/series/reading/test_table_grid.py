"""The grid that the rows of a table lie on, or why there is none."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.errors import DataError, DataWarning


def hourly(num=6, item_id="a", first="2024-01-01"):
    stamps = pd.date_range(first, periods=num, freq="h")
    return pd.DataFrame({"item_id": item_id, "timestamp": stamps, "target": np.arange(num) + 1.0})


def test_irregular_times_are_told_how_to_become_regular():
    steps = np.random.default_rng(0).integers(40, 90, 300)
    table = hourly(300)
    table["timestamp"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.cumsum(steps), unit="s")
    with pytest.raises(DataError, match=r"irregular: no step .*resample\('h'"):
        to_dataset(table)
    advised = table.groupby("item_id").resample("min", on="timestamp")["target"].mean()
    assert to_dataset(advised.reset_index()).freq == "min"


def test_sparse_times_on_a_grid_are_no_irregular_ones():
    gaps = np.random.default_rng(1).geometric(1 / 8, 400)  # no gap is a tenth of all, but for 1 h
    table = hourly(400)
    table["timestamp"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.cumsum(gaps), unit="h")
    assert to_dataset(table).freq == "h"


def test_business_month_ends_are_told_how_to_become_months():
    table = hourly(60).assign(timestamp=pd.date_range("2020-01-01", periods=60, freq="BME"))
    with pytest.raises(DataError, match=r"give periods: timestamp.dt.to_period\('M'\)"):
        to_dataset(table)
    as_months = table.assign(timestamp=table["timestamp"].dt.to_period("M"))
    assert to_dataset(as_months).lengths.tolist() == [60]


def test_a_stamp_off_the_grid_is_refused_with_its_row():
    table = hourly(12)
    table.loc[7, "timestamp"] += pd.Timedelta("7min")
    with pytest.raises(DataError, match=r"row 7 .*07:07:00.*not on the grid of freq='h'; 1 rows"):
        to_dataset(table)


@pytest.mark.parametrize(
    ("given_freq", "stamps", "likely"),
    [
        ("D", pd.date_range("2024-01-01", periods=48, freq="h"), "'h'"),
        ("min", pd.date_range("2024-01-01", periods=48, freq="D"), "'D'"),
        ("h", pd.date_range("2024-01-01", periods=48, freq="D"), "'D'"),
        ("2h", pd.date_range("2024-01-01", periods=48, freq="h"), "'h'"),
        ("M", pd.date_range("2024-01-01", periods=48, freq="W-MON"), "'W-MON'"),
        ("B", pd.date_range("2024-01-01", periods=48, freq="D"), "'D'"),
    ],
)
def test_a_frequency_that_does_not_fit_is_refused_with_the_likely_one(given_freq, stamps, likely):
    table = pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": 1.0})
    with pytest.raises(DataError, match=f"looks like freq={likely}"):
        to_dataset(table, freq=given_freq)


def test_one_wrong_year_does_not_take_all_memory():
    table = hourly(50)
    table.loc[49, "timestamp"] = pd.Timestamp("2204-01-01")
    with pytest.raises(DataError, match=r"widest gap .* row 49"):
        to_dataset(table)


HOURS = pd.date_range("2024-01-01", periods=24, freq="h")


def test_a_daily_series_among_hourly_ones_is_refused_unless_the_frequency_is_said():
    hourly = pd.DataFrame({"item_id": "a", "timestamp": HOURS, "target": 1.0})
    days = pd.date_range("2024-01-01", periods=9, freq="D")
    daily = pd.DataFrame({"item_id": "b", "timestamp": days, "target": 1.0})
    both = pd.concat([hourly, hourly.assign(item_id="c"), daily])
    with pytest.raises(DataError, match=r"Series 'b' has a row every 24 steps of freq='h'"):
        to_dataset(both)
    assert len(to_dataset(both, freq="h")) == 3
    gappy = hourly.assign(item_id="b").iloc[[0, 2, 4, 5, 6, 8, 10, 12, 14, 16]]
    assert len(to_dataset(pd.concat([hourly, gappy]))) == 2


def test_rows_off_the_grid_count_for_the_step_they_are_in_where_that_was_asked_for():
    times = ["00:00:00", "01:00:00", "02:07:00", "02:59:59", "04:00:00"]
    stamps = pd.to_datetime([f"2024-01-01 {time}" for time in times])
    table = pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": [1.0, 2, 3, 5, 7]})
    with pytest.raises(DataError, match=r"grid of freq='h'; 2 rows .* or on_irregular='floor' if"):
        to_dataset(table, freq="h")
    with pytest.warns(DataWarning) as said:
        floored = to_dataset(table, freq="h", on_irregular="floor", on_duplicate="mean")
    assert floored.series(0).tolist()[:3] == [1, 2, 4]
    assert np.isnan(floored.series(0)[3])
    assert floored.timestamps(0)[4] == stamps[4]
    messages = [str(warning.message) for warning in said]
    assert any(m.startswith("2 of 5 rows are not on the grid of freq='h'; each") for m in messages)
    with pytest.warns(DataWarning), pytest.raises(DataError, match="repeats row 2"):
        to_dataset(table, freq="h", on_irregular="floor")


def test_steps_of_several_units_are_floored_to_their_multiples():
    stamps = pd.to_datetime(["2024-01-01 00:05", "2024-01-01 00:20", "2024-01-01 00:31"])
    table = pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": [1.0, 2, 3]})
    with pytest.warns(DataWarning, match="rows are not on the grid of freq='15min'"):
        floored = to_dataset(table, freq="15min", on_irregular="floor")
    assert [str(t)[11:16] for t in floored.timestamps(0)] == ["00:00", "00:15", "00:30"]


def test_rows_on_the_grid_stay_where_they_are():
    stamps = pd.date_range("2024-01-01 00:30", periods=4, freq="h")
    table = pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": 1.0})
    assert to_dataset(table, on_irregular="floor").timestamps(0).equals(stamps)


def test_a_daily_series_with_some_days_missing_is_refused_among_hourly_ones():
    days = pd.DataFrame(
        {"item_id": "b", "timestamp": pd.date_range("2024-01-01", periods=12), "target": 1.0}
    )
    table = pd.concat([hourly(400), days.drop(index=5)])
    with pytest.raises(DataError, match=r"'b' has a row every 24 steps of freq='h'"):
        to_dataset(table)
    assert to_dataset(table, freq="h").freq == "h"


def test_few_rows_far_apart_are_told_and_rare_ones_are_not():
    weeks = pd.DataFrame(
        {
            "item_id": "b",
            "timestamp": pd.date_range("2024-01-01", periods=4, freq="7D"),
            "target": 1.0,
        }
    )
    days = hourly(60).assign(timestamp=pd.date_range("2024-01-01", periods=60))
    with pytest.warns(
        DataWarning, match=r"^Series 'b' has a row every 7 steps of freq='D'.*missing\.$"
    ):
        to_dataset(pd.concat([days, weeks]))
    with pytest.warns(DataWarning, match=r"none between \(2 series are so\)"):
        to_dataset(pd.concat([days, weeks, weeks.assign(item_id="c")]))
    to_dataset(pd.concat([days, weeks[:3]]))  # three sales, a week apart each
    odd = weeks.assign(timestamp=weeks["timestamp"] + pd.to_timedelta([0, 1, 0, 0], "D"))
    to_dataset(pd.concat([days, odd]))

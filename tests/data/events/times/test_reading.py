"""Whatever means a time becomes the same instant, or is refused with what to say."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions, read_interactions
from tsgen.data.events.times import read_time
from tsgen.errors import DataError, DataWarning, SettingsError


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)


def small(**columns):
    table = {"user_id": ["b", "a", "a"], "item_id": ["x", "y", "x"], "timestamp": [30, 20, 10]}
    return pd.DataFrame(table | columns)


@pytest.mark.parametrize(
    "stamps",
    [
        pd.to_datetime(["2024-03-31 01:30", "2024-03-31 02:00", "2024-03-31 02:30"]),
        pd.to_datetime(["2024-03-31 01:30", "2024-03-31 02:00", "2024-03-31 02:30"]).as_unit("s"),
        ["2024-03-31 01:30", "2024-03-31T02:00", "2024-03-31 02:30:00"],
        ["2024-03-31 03:30+02:00", "2024-03-31 04:00+02:00", "2024-03-31T04:30:00 +02:00"],
        pd.to_datetime(["2024-03-31 01:30", "2024-03-31 02:00", "2024-03-31 02:30"])
        .tz_localize("UTC")
        .tz_convert("Europe/Berlin"),
        [1711848600, 1711850400, 1711852200],
        [1711848600.0, 1711850400.0, 1711852200.0],
    ],
)
def test_every_way_of_writing_a_time_means_the_same_instant(stamps):
    events = read(small(timestamp=stamps, user_id="a"))
    seconds = events.time // 10**6
    assert seconds.tolist() == [1711848600, 1711850400, 1711852200]


MIXED = ["2024-03-31 01:30Z", "2024-03-31 04:00+02:00", "2024-03-30 21:30-05:00"]


@pytest.mark.parametrize("kind", ["text", "objects", "csv"])
def test_mixed_offsets_are_instants_shown_in_utc_with_a_warning(kind, tmp_path):
    table = small(timestamp=MIXED, user_id="a")
    if kind == "objects":
        table["timestamp"] = [pd.Timestamp(stamp) for stamp in MIXED]
    table.to_csv(tmp_path / "log.csv", index=False)
    given = tmp_path / "log.csv" if kind == "csv" else table
    with pytest.warns(DataWarning, match=r"mixes the UTC offsets .*timezone='Europe/Berlin'"):
        events = read_interactions(given) if kind == "csv" else read(given)
    assert (events.time // 10**6).tolist() == [1711848600, 1711850400, 1711852200]
    assert events.timezone == "UTC"
    named = (
        read_interactions(given, timezone="Europe/Berlin")
        if kind == "csv"
        else read(given, timezone="Europe/Berlin")
    )
    assert named.timezone == "Europe/Berlin"
    assert named.time.tolist() == events.time.tolist()


@pytest.mark.parametrize("stamps", [["1711848600", "2024-03-31", "x"], ["17", "18", "19"]])
def test_numbers_written_as_text_are_refused_with_advice_for_events(stamps):
    with pytest.raises(DataError, match=r"number in row 0 .*unit='ms'") as caught:
        read(small(timestamp=stamps, user_id="a"))
    assert "freq=" not in str(caught.value)


def test_naive_stamps_of_a_zone_and_the_hour_it_skips():
    stamps = ["2024-10-27 01:30", "2024-10-27 03:30", "2024-10-28 00:00"]
    events = read(small(timestamp=stamps, user_id="a"), timezone="Europe/Berlin")
    assert np.diff(events.time).tolist() == [3 * 3600 * 10**6, 20.5 * 3600 * 10**6]
    assert str(events.history("a")["timestamp"].dt.tz) == "Europe/Berlin"
    assert events.read_time("2024-10-27 03:30") == events.time[1]
    with pytest.raises(DataError, match=r"02:30:00 in row 1, which Europe/Berlin skips"):
        read(
            small(timestamp=["2024-03-30", "2024-03-31 02:30", "2024-04-01"]),
            timezone="Europe/Berlin",
        )


@pytest.mark.parametrize(
    ("unit", "size"), [("ms", 10**3), ("D", 1 / 86_400)], ids=["milliseconds", "days"]
)
def test_numbers_are_seconds_unless_said_with_a_warning_when_another_unit_fits(unit, size):
    stamps = (np.array([1.6e9, 1.65e9, 1.7e9]) // 86_400 * 86_400 * size).astype("int64")
    with pytest.warns(DataWarning, match=f"unit='{unit}' it would be 2020"):
        as_seconds = read(small(timestamp=stamps, user_id="a"))
    assert (as_seconds.time // 10**6).tolist() == stamps.tolist()
    said = read(small(timestamp=stamps, user_id="a"), unit=unit)
    assert said.history("a")["timestamp"].dt.year.tolist() == [2020, 2022, 2023]
    with pytest.raises(DataError, match="unit='us' fits"):
        read(small(timestamp=np.array([1.6e15, 1.65e15, 1.7e15]).astype("int64")))


def test_dates_written_as_numbers_and_empty_ids_are_refused():
    dates = pd.DataFrame({"user_id": ["a", "b"], "item_id": 1, "timestamp": [20240101, 20241231]})
    with pytest.raises(DataError, match=r"20240101, which look like dates written yyyymmdd"):
        read(dates)
    assert len(read(dates, unit="s")) == 2
    assert len(read(dates.assign(timestamp=[20240101, 20241301]), unit="s")) == 2
    for written, form in (([2023, 2024], "%Y"), ([202312, 202401], "%Y%m")):
        table = dates.assign(timestamp=written)
        with pytest.raises(DataError, match=f"say date_format='{form}', or unit='s'"):
            read(table)
        days = read(table, date_format=form).to_frame()["timestamp"].dt.date.astype(str)
        assert sorted(days)[1] == "2024-01-01"
        assert len(read(table, unit="s")) == 2
    assert len(read(dates.assign(timestamp=[202312, 202413]), unit="s")) == 2
    with pytest.raises(DataError, match=r"empty text for a user id in 1 of 2 rows .*row 1"):
        read(dates.assign(user_id=["a", ""]))


@pytest.mark.parametrize(
    ("numbers", "form"),
    [
        ([202312312359, 202401010000], "%Y%m%d%H%M"),
        ([20231231235959, 20240101000000], "%Y%m%d%H%M%S"),
    ],
)
def test_dates_with_hours_written_as_numbers_are_refused(numbers, form):
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": 1, "timestamp": numbers})
    with pytest.raises(DataError, match=f"say date_format='{form}'"):
        read(table)
    assert sorted(read(table, date_format=form).to_frame()["timestamp"].dt.year) == [2023, 2024]


def test_numbers_that_are_no_usual_time_in_any_unit_are_not_read_without_a_word():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": 1})
    with pytest.warns(DataWarning, match="2 events before 1900 or after 2199"):
        read(table.assign(timestamp=[202_412_991_299, 202_413_991_299]))


def test_day_numbers_of_a_spreadsheet_are_named():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": 1, "timestamp": [45292, 45293.5]})
    with pytest.warns(DataWarning, match="of a spreadsheet 2024-01-01 to 2024-01-02"):
        read(table)
    dates = pd.to_datetime(table["timestamp"], unit="D", origin="1899-12-30")
    assert str(read(table.assign(timestamp=dates)).to_frame()["timestamp"].max())[:10] == (
        "2024-01-02"
    )


def test_day_and_month_in_two_orders_are_refused():
    days = pd.date_range("2024-01-01", "2024-04-29", freq="D")
    table = pd.DataFrame({"user_id": range(len(days)), "item_id": 1})
    mixed = [d.strftime("%d/%m/%Y" if d.day <= 12 else "%m/%d/%Y") for d in days]
    with pytest.raises(DataError, match=r"mix day/month and month/day: \d+ of its \d+ different"):
        read(table.assign(timestamp=mixed))
    for order in ("%m/%d/%Y", "%d/%m/%Y"):
        events = read(table.assign(timestamp=days.strftime(order)))
        assert events.to_frame()["timestamp"].tolist() == days.tolist()


def test_day_and_month_in_two_orders_are_counted_where_some_fit_one_alone():
    days = pd.date_range("2024-01-01", "2024-04-29", freq="D")
    table = pd.DataFrame({"user_id": range(len(days)), "item_id": 1})
    both = [d.strftime("%d/%m/%Y" if k % 2 else "%m/%d/%Y") for k, d in enumerate(days)]
    told = r"36 of its 120 different stamps can be day/month alone \(such as '14/01/2024'\), 36"
    for options in ({}, {"on_bad_time": "drop"}):
        with pytest.raises(DataError, match=told):
            read(table.assign(timestamp=both), **options)


@pytest.mark.parametrize("order", ["rising", "falling", "none"])
def test_dates_that_a_spreadsheet_has_exchanged_are_seen_over_years(order):
    days = pd.date_range("2022-01-01", "2024-09-26", freq="2D")[:: 1 if order != "falling" else -1]
    table = pd.DataFrame({"user_id": range(len(days)), "item_id": 1})
    kinds = {name: days.strftime(name) for name in ("%m/%d/%Y", "%d.%m.%Y 10:30")}
    mixed = [d.strftime("%d/%m/%Y" if d.day <= 12 else "%m/%d/%Y") for d in days]
    mix = np.random.default_rng(0).permutation(len(days)) if order == "none" else slice(None)
    with pytest.raises(DataError, match="seems to mix day/month and month/day"):
        read(table.assign(timestamp=mixed).iloc[mix])
    for stamps in kinds.values():
        found = read(table.assign(timestamp=stamps).iloc[mix]).to_frame()["timestamp"]
        assert (found.min().date(), found.max().date()) == (days.min().date(), days.max().date())


def test_a_first_date_that_could_be_two_is_read_by_the_others():
    table = pd.DataFrame({"user_id": range(3), "item_id": 1})
    events = read(table.assign(timestamp=["08/05/2024", "13/05/2024", "14/05/2024"]))
    assert str(events.to_frame()["timestamp"].min().date()) == "2024-05-08"
    assert events.timezone is None


HOURS = pd.date_range("2024-01-01", periods=24, freq="h")


def events(**columns):
    table = {"user_id": list("abcd"), "item_id": "i", "timestamp": HOURS[:4]}
    return pd.DataFrame(table | columns)


@pytest.mark.parametrize("stamp", ["0001-01-01", "9999-12-31", "2263-01-01"])
def test_events_of_impossible_years_are_told(stamp, tmp_path):
    table = events(timestamp=[*HOURS[:3].astype(str), f"{stamp} 00:00:00"])
    table.to_csv(tmp_path / "log.csv", index=False)
    with pytest.warns(DataWarning, match=f"1 events before 1900.*row 3, {stamp}"):
        read_interactions(tmp_path / "log.csv")


def test_numbers_of_a_unit_that_leads_beyond_all_ages_are_told():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": 1})
    table["timestamp"] = [1_700_000_000_000, 1_700_000_001_000]
    with pytest.warns(DataWarning, match=r"2 events before 1900 or after 2199 .*row 0, 55840-"):
        read(table, unit="s")
    assert len(read(table, unit="ms")) == 2


def test_stamps_in_the_hour_that_comes_twice_are_told_of():
    stamps = ["2024-10-27 01:30", "2024-10-27 02:30", "2024-10-27 03:30"]
    with pytest.warns(DataWarning, match=r"1 stamps in the hour that Europe/Berlin .* in row 1"):
        log = read(small(timestamp=stamps), timezone="Europe/Berlin")
    assert [str(t)[11:16] for t in log.to_frame()["timestamp"].sort_values()] == [
        "01:30",
        "02:30",
        "03:30",
    ]
    read(small(timestamp=[s.replace("10-27", "10-26") for s in stamps]), timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("9999-01-01", "years from 1678 to 2261"),
        ("2024-13-01", "cannot be read as a time stamp"),
        ("10:00", "a time without a date"),
        ("01/02/2024", "day and month cannot be told apart"),
    ],
)
def test_one_time_that_means_none_or_several_is_refused_with_the_reason(time, why):
    with pytest.raises(SettingsError, match=r"is not a time that can be read \(") as seen:
        read_time(time)
    assert why in str(seen.value)
    assert "row 0" not in str(seen.value)


def test_a_format_that_is_none_is_a_setting_that_is_not_possible():
    with pytest.raises(SettingsError, match="date_format='%Q' is not possible"):
        read(small(timestamp=["a", "b", "c"]), date_format="%Q")


def test_infinite_numbers_are_no_times_and_no_other_warning_comes():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": 1, "timestamp": [1.7e9, np.inf]})
    with pytest.raises(DataError, match="'timestamp'"):
        Interactions.from_frame(table)

"""Time zones: everything inside is wall clock; what comes out is what went in."""

import datetime

import numpy as np
import pandas as pd
import pytest

from tsgen.data import read_interactions, to_dataset, to_frame
from tsgen.errors import DataError, DataWarning, SettingsError

BERLIN = "Europe/Berlin"


def table_of(stamps):
    return pd.DataFrame(
        {
            "item_id": "a",
            "timestamp": stamps,
            "target": np.arange(len(stamps), dtype=float),
        }
    )


def spring(num=30):
    return pd.date_range("2024-03-30 22:00", periods=num, freq="h", tz=BERLIN)


def autumn(num=30):
    return pd.date_range("2024-10-26 22:00", periods=num, freq="h", tz=BERLIN)


def test_the_hour_skipped_in_spring_is_missing_inside_and_absent_outside():
    table = table_of(spring())
    dataset = to_dataset(table)
    assert (dataset.timezone, dataset.freq) == (BERLIN, "h")
    assert dataset.timestamps(0)[4] == pd.Timestamp("2024-03-31 02:00")
    np.testing.assert_array_equal(dataset.series(0)[:6], [0, 1, 2, 3, np.nan, 4])
    pd.testing.assert_frame_equal(to_frame(dataset), table)


def test_the_hour_repeated_in_autumn_is_a_duplicate_that_names_dst():
    with pytest.raises(DataError, match=r"02:00:00.*repeats row 4.*Europe/Berlin.*\(DST\)"):
        to_dataset(table_of(autumn()))
    naive = table_of(autumn().tz_localize(None))
    with pytest.raises(DataError, match="DST"):
        to_dataset(naive, timezone=BERLIN)
    with pytest.raises(DataError) as caught:
        to_dataset(naive)
    assert "DST" not in str(caught.value)


def test_the_repeated_hour_can_be_merged_and_stands_for_the_first():
    with pytest.warns(DataWarning, match=r"^1 rows repeat"):
        dataset = to_dataset(table_of(autumn()), on_duplicate="mean")
    assert dataset.series(0)[4] == 4.5
    back = to_frame(dataset)
    assert back["timestamp"][4] == autumn()[4]
    assert back["timestamp"][5] == autumn()[6]


def test_utc_keeps_every_hour_of_autumn():
    dataset = to_dataset(table_of(autumn()), timezone="UTC")
    assert dataset.values.size == 30
    assert list(to_frame(dataset)["timestamp"]) == list(autumn().tz_convert("UTC"))


def test_naive_times_are_taken_as_the_zones_wall_clock():
    table = table_of(pd.date_range("2024-06-01", periods=5, freq="h"))
    dataset = to_dataset(table, timezone=BERLIN)
    assert dataset.timestamps(0)[0] == pd.Timestamp("2024-06-01")
    assert to_frame(dataset)["timestamp"][0] == pd.Timestamp("2024-06-01", tz=BERLIN)


def test_a_value_at_a_time_that_does_not_exist_is_refused():
    table = table_of(pd.date_range("2024-03-31 00:00", periods=5, freq="h"))
    with pytest.raises(DataError, match=r"row 2 .*does not exist in Europe/Berlin"):
        to_dataset(table, timezone=BERLIN)
    table.loc[2, "target"] = np.nan
    assert to_dataset(table, timezone=BERLIN).values.size == 5


def test_values_made_for_a_skipped_hour_are_left_out_with_a_warning():
    table = table_of(pd.date_range("2024-03-31 00:00", periods=5, freq="h"))
    dataset = to_dataset(list(to_dataset(table)), timezone=BERLIN)
    with pytest.warns(DataWarning, match=r"^1 values"):
        assert len(to_frame(dataset)) == 4


def test_mixed_offsets_in_text_need_a_zone():
    text = spring().strftime("%Y-%m-%dT%H:%M:%S%z")
    with pytest.raises(DataError, match=r"\+0100, \+0200.*timezone='Europe/Berlin'"):
        to_dataset(table_of(text))
    as_text, as_times = to_dataset(table_of(text), timezone=BERLIN), to_dataset(table_of(spring()))
    assert as_text.fingerprint() == as_times.fingerprint()
    half = table_of([*text[:5], *spring().tz_localize(None).astype(str)[5:]])
    with pytest.raises(DataError, match=r"with and without a UTC offset \(row 5"):
        to_dataset(half, timezone=BERLIN)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("UTC", "UTC"),
        (datetime.UTC, "UTC"),
        (datetime.timezone(datetime.timedelta(hours=2)), "UTC+02:00"),
        ("America/New_York", "America/New_York"),
    ],
)
def test_aware_stamps_keep_their_zone(zone, name):
    stamps = pd.date_range("2024-01-01", periods=4, freq="h", tz=zone)
    for given in (stamps, list(stamps.to_pydatetime())):
        dataset = to_dataset(table_of(given))
        assert dataset.timezone == name
        assert list(to_frame(dataset)["timestamp"]) == list(stamps)


def test_one_offset_in_text_is_a_zone_of_its_own():
    dataset = to_dataset(table_of([f"2024-01-0{day}T00:00:00+05:30" for day in range(1, 5)]))
    assert (dataset.timezone, dataset.freq) == ("UTC+05:30", "D")


def test_daily_midnights_in_utc_become_local_days_where_they_are_local_midnights():
    days = pd.date_range("2024-03-25", periods=14, freq="D", tz=BERLIN)
    dataset = to_dataset(table_of(days.tz_convert("UTC")), timezone=BERLIN)
    assert (dataset.freq, dataset.label.offset) == ("D", 0)
    assert list(to_frame(dataset)["timestamp"]) == list(days)


@pytest.mark.parametrize("part", ["2024", "2024-01"])
def test_a_year_or_a_month_among_days_is_refused(part):
    with pytest.raises(DataError, match=f"'{part}' in row 2, a year or a month among dates"):
        to_dataset(table_of(["2024-01-02 00:00", "2024-01-02 01:00", part]), freq="h")
    months = to_dataset(table_of(["2024-01", "2024-02", "2024-03"]))
    assert months.lengths.tolist() == [3]


def test_years_beyond_nanoseconds_are_refused():
    stamps = np.array(["2024-01-01", "9999-12-31"], dtype="datetime64[s]")
    with pytest.raises(DataError, match="9999"):
        to_dataset(table_of(stamps))


@pytest.mark.parametrize("zone", ["Berlin", "", "GMT+25"])
def test_unknown_zones_are_refused(zone):
    with pytest.raises(SettingsError, match="not a known time zone"):
        to_dataset(table_of(spring()), timezone=zone)


@pytest.mark.parametrize(
    "times",
    [
        ["10:00", "11:00"],
        ["10:00:00", "11:00:00"],
        ["9:15 pm", "1:00Z"],
        ["Jan", "Feb"],
        ["Monday", "Tuesday"],
        ["today", "now"],
    ],
)
def test_times_without_a_date_are_refused(times, tmp_path):
    table = pd.DataFrame({"item_id": "a", "timestamp": times, "target": 1.0})
    with pytest.raises(DataError, match="row 0, a time without a date"):
        to_dataset(table, freq="h")
    table.rename(columns={"item_id": "user_id", "target": "item_id"}).to_csv(
        tmp_path / "log.csv", index=False
    )
    with pytest.raises(DataError, match="time"):
        read_interactions(tmp_path / "log.csv")

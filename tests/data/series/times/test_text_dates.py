"""Dates in texts: what means several times, or none, is refused and not guessed at."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.data.series.times.text_dates import (
    check_date,
    first_row,
    read_other_format,
    refuse_dateless,
    refuse_zone_words,
)
from tsgen.errors import DataError, SettingsError

CODES = np.array([1, 0])


def texts(*given):
    return pd.Series(given, dtype=object)


@pytest.mark.parametrize(
    "text",
    [
        *("10:00", "9:15:30.5 pm", "today", "Monday", "Jan", "10:00Z"),
        *("10:00 2024", "T10:00 2024", "10:00 May", "May 10:00", "2024 10:00", "2024-05 10:00"),
    ],
)
def test_a_time_without_a_date_is_refused_and_its_row_is_named(text):
    with pytest.raises(DataError, match="in row 0, a time without a date") as seen:
        refuse_dateless(texts("2024-01-01", text), "when", CODES)
    assert (seen.value.field, seen.value.row) == ("when", 0)
    refuse_dateless(texts("2024-01-01 10:00", "1 Jan 2024 10:00"), "when", CODES)


@pytest.mark.parametrize("zone", ["CET", "EST", "PST", "MEZ"])
def test_a_zone_in_letters_is_refused_and_not_dropped(zone):
    with pytest.raises(DataError, match="in row 1, with a time zone in letters"):
        refuse_zone_words(texts(f"2024-01-01 10:00 {zone}", "x"), "when", CODES)
    refuse_zone_words(texts("1/13/2024 1:00 PM", "2024-01-01 10:00 UTC"), "when", CODES)
    table = {"item_id": "a", "timestamp": [f"2024-01-01 0{h}:00 {zone}" for h in range(3)]}
    with pytest.raises(DataError, match="a time zone in letters"):
        to_dataset(pd.DataFrame({**table, "target": 1.0}))


def test_day_and_month_are_exchanged_only_where_one_reading_is_left():
    unread = pd.Series([pd.NaT, pd.NaT])
    read = read_other_format(texts("13/01/2024", "14/01/2024"), "when", unread)
    assert read.tolist() == [pd.Timestamp("2024-01-13"), pd.Timestamp("2024-01-14")]
    with pytest.raises(DataError, match="in '01/02/2024' day and month cannot be told apart"):
        read_other_format(texts("01/02/2024", "03/02/2024"), "when", unread)


def test_a_thirteenth_month_is_no_day():
    unread = pd.Series([pd.NaT, pd.NaT])
    assert read_other_format(texts("2024-13-01", "2024-25-12"), "when", unread).isna().all()
    table = {"item_id": "a", "timestamp": ["2024-13-01", "2024-14-01"], "target": [1.0, 2]}
    with pytest.raises(DataError, match="cannot be read as a time stamp in row 0: '2024-13-01'"):
        to_dataset(pd.DataFrame(table))


@pytest.mark.parametrize(
    "text", ["10:00", "now", "01/02/2024", "2024-13-01", "2024-01-01 10:00 CET"]
)
def test_one_time_is_held_to_the_same_rules(text):
    with pytest.raises(DataError):
        check_date(text)
    with pytest.raises(SettingsError, match="is not a time; write for example"):
        to_dataset(
            pd.DataFrame({"item_id": "a", "timestamp": [0, 1], "target": [1.0, 2]}),
            start=text,
            freq="h",
        )


@pytest.mark.parametrize(
    "time",
    [
        "2024",
        "2024-01",
        "2024Q1",
        "13/02/2024",
        "2024-12-31 18:00",
        "2024-01-01T00:00+02:00",
        0,
        None,
    ],
)
def test_times_of_one_meaning_pass(time):
    check_date(time)


def test_the_first_row_is_that_of_the_table_and_not_of_the_distinct_stamps():
    assert first_row(pd.Series([True, False]), np.array([1, 1, 0, 0])) == 2


@pytest.mark.parametrize("text", ["24-01-13", "24-1-13 10:00", "01-02-24T10:00"])
def test_a_year_of_two_digits_between_dashes_may_stand_at_either_end(text):
    with pytest.raises(DataError, match="in row 0, which may begin or end with its year"):
        refuse_dateless(texts("2024-01-01", text), "when", CODES)
    refuse_dateless(texts("2024-01-13", "31/12/24"), "when", CODES)


def unread(given):
    return pd.Series([pd.NaT] * len(given))


@pytest.mark.parametrize("form", ["%y/%m/%d", "%y.%m.%d", "%y/%m/%d %H:%M"])
def test_dates_that_begin_with_a_year_of_two_digits_are_refused(form):
    given = pd.Series(pd.date_range("2023-11-20", periods=60, freq="D").strftime(form))
    with pytest.raises(DataError, match=r"'23.11.20.*' in row 0, which seems to begin with its ye"):
        read_other_format(given, "when", unread(given))


@pytest.mark.parametrize("given", [
    [f"{day}.04.24" for day in range(13, 31)], [f"31/12/{year}" for year in range(14, 25)],
    ["13/04/24", "14/04/24"], ["24.04.12"], [f"{day}/04/2024" for day in range(13, 31)],
])  # fmt: skip
def test_dates_that_end_with_a_year_of_two_digits_are_read(given):
    read = read_other_format(pd.Series(given), "when", unread(given))
    assert read.dt.day.tolist() == [int(text[:2]) for text in given]

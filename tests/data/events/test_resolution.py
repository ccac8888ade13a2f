"""How finely stamps are written, and when a log that is written so ends."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.data.events import end_of_log, stamp_resolution

SECOND = 10**6
DAY = 86_400 * SECOND


def log_at(stamps, timezone=None):
    table = pd.DataFrame({"user_id": "u", "item_id": "i", "timestamp": stamps})
    return Interactions.from_frame(table, timezone=timezone, on_duplicate="keep")


@pytest.mark.parametrize(
    ("freq", "resolution"), [("137us", 1), ("7s", SECOND), ("3h", 3_600 * SECOND), ("D", DAY)]
)
def test_the_coarsest_unit_of_all_stamps_is_their_resolution(freq, resolution):
    events = log_at(pd.date_range("2024-01-05 10:00", periods=20, freq=freq))
    assert stamp_resolution(events) == resolution


def test_midnights_are_days_in_their_own_zone_across_a_change_of_the_clock():
    stamps = pd.date_range("2024-03-20", periods=20, freq="D", tz="Europe/Berlin")
    events = log_at(stamps, "Europe/Berlin")
    assert stamp_resolution(events) == DAY
    assert end_of_log(events) == pd.Timestamp("2024-04-09", tz="Europe/Berlin").value // 1_000


def test_a_log_by_month_ends_with_the_month():
    events = log_at(pd.date_range("2022-05-01", periods=22, freq="MS"))
    assert stamp_resolution(events) == 30 * DAY
    assert end_of_log(events) == pd.Timestamp("2024-03-01").value // 1_000


def test_one_stamp_between_the_days_makes_it_no_log_by_day():
    stamps = pd.date_range("2024-01-01", periods=20, freq="D").to_series()
    stamps.iloc[7] += pd.Timedelta("90s")
    events = log_at(stamps)
    assert stamp_resolution(events) == SECOND * 1  # 90 seconds are no whole number of minutes
    assert end_of_log(events) == events.time.max() + 1


def test_a_few_regular_stamps_say_nothing():
    assert stamp_resolution(log_at(pd.date_range("2024-01-01", periods=5, freq="D"))) == 1


def test_the_order_of_events_is_of_no_account():
    stamps = pd.date_range("2024-01-01", periods=20, freq="D")
    shuffled = stamps[np.random.default_rng(0).permutation(20)]
    assert end_of_log(log_at(shuffled)) == end_of_log(log_at(stamps))

"""Events far from all others, and default dates, are warned of."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.data.events.plausibility.doubts import warn_of_doubts
from tsgen.data.events.plausibility.stray import find_strays
from tsgen.errors import DataWarning


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)


def days_of(*days):
    table = pd.DataFrame({"user_id": 1, "item_id": np.arange(len(days)), "day": days})
    table["timestamp"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(table.pop("day"), unit="D")
    return Interactions.from_frame(table)


@pytest.mark.parametrize(("late", "count"), [((36500,), 1), ((150, 151), 2), ((140, 900), 2)])
def test_a_few_events_far_after_all_others_are_noticed(late, count):
    words = rf"last {count} of 10\d events (is|are) at .* others, which end at 2024-04-09 .*at= "
    with pytest.warns(DataWarning, match=words):
        warn_of_doubts(days_of(*range(100), *late), 7 * 86_400_000_000)


@pytest.mark.parametrize(
    "late",
    [
        (105,),  # within a horizon
        (115,),  # within a fifth of the time
        range(150, 161),  # eleven are not few
    ],
)
def test_events_that_are_not_few_or_not_far_are_no_strays(late):
    warn_of_doubts(days_of(*range(100), *late), 7 * 86_400_000_000)
    warn_of_doubts(days_of(0, 1, 500), 7 * 86_400_000_000)


@pytest.mark.parametrize(("early", "count"), [("1970-01-01", 1), ("2019-05-01", 3)])
def test_a_few_events_far_before_all_others_are_noticed(early, count):
    table = pd.DataFrame({"user_id": range(100), "item_id": 1})
    table["timestamp"] = pd.date_range("2024-01-01", periods=100, freq="8h")
    table.loc[: count - 1, "timestamp"] = pd.Timestamp(early) + pd.Timedelta("1h")
    with pytest.warns(DataWarning, match=rf"The first {count} of 100 events .* before all others"):
        warn_of_doubts(read(table), 7 * 86_400 * 10**6)


@pytest.mark.parametrize("default", ["1970-01-01", "2030-01-01"])
def test_a_block_of_default_dates_is_noticed(default):
    table = pd.DataFrame({"user_id": range(100), "item_id": 1})
    table["timestamp"] = pd.date_range("2024-01-01", periods=100, freq="8h")
    table.loc[:14, "timestamp"] = pd.Timestamp(default)
    with pytest.warns(DataWarning, match=f"15 of 100 events are at {default} 00:00:00 exactly"):
        warn_of_doubts(read(table), 7 * 86_400 * 10**6)


@pytest.mark.parametrize("block", ["1970-01-01 01:00", "1969-12-31 19:00", "2099-12-31"])
def test_a_block_of_one_moment_far_from_all_others_is_noticed_whatever_the_moment(block):
    table = pd.DataFrame({"user_id": range(100), "item_id": 1})
    table["timestamp"] = pd.date_range("2024-01-01", periods=100, freq="8h")
    table.loc[:14, "timestamp"] = pd.Timestamp(block)
    side = "last" if block > "2024" else "first"
    with pytest.warns(DataWarning, match=f"The {side} 15 of 100 events are at {block}") as caught:
        warn_of_doubts(read(table), 7 * 86_400 * 10**6)
    assert len(caught) == 1


@pytest.mark.parametrize("late", [False, True])
def test_one_event_in_a_hundred_scattered_far_away_is_noticed(late):
    draw = np.random.default_rng(0)
    days = np.concatenate([draw.uniform(0, 120, 3000), draw.uniform(-9000, -300, 25)])
    table = pd.DataFrame({"user_id": range(3025), "item_id": 1})
    days = 120 - days if late else days
    table["timestamp"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, "D").round("s")
    side = "last" if late else "first"
    with pytest.warns(DataWarning, match=f"The {side} 25 of 3025 events are at"):
        warn_of_doubts(read(table), 7 * 86_400 * 10**6)


def test_a_season_before_a_pause_is_no_block():
    months = [*pd.date_range("2022-05-01", periods=4, freq="MS"),
              *pd.date_range("2023-05-01", periods=4, freq="MS")]  # fmt: skip
    table = pd.DataFrame({"user_id": range(80), "item_id": 1, "timestamp": months * 10})
    warn_of_doubts(read(table), 28 * 86_400 * 10**6)


@pytest.mark.parametrize(
    ("share", "days", "named"),
    [(0.05, 300, True), (0.05, -300, True), (0.05, 140, False), (0.3, 20_000, True),
     (0.3, -20_000, True), (0.3, 800, False), (0.45, 3_000, True), (0.45, 300, False)],
)  # fmt: skip
def test_a_part_of_a_log_beyond_a_time_without_events_is_named(share, days, named):
    random = np.random.default_rng(1)
    day = random.integers(0, 120, 1000) + random.random(1000)
    count = int(share * 1000)
    day[:count] += days
    strays = find_strays(days_of(*day), 7 * 86_400_000_000)
    assert [int(one.events.sum()) for one in strays] == [count] * named
    if named:
        side = "last" if days > 0 else "first"
        assert strays[0].text.startswith(f"The {side} {count} of 1000 events are at ")


def test_two_halves_of_a_log_are_no_strays():
    day = np.concatenate([np.linspace(0, 10, 50), np.linspace(9_000, 9_010, 50)])
    assert not find_strays(days_of(*day), 7 * 86_400_000_000)

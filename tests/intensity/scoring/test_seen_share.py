"""The share of known items among coming events: a count, and how it grows with the history."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Histories, Interactions
from tsgen.intensity.scoring.seen_share import learn_seen_share

DAY = 86_400 * 10**6
START = pd.Timestamp("2024-01-01", tz="UTC")


def at(day):
    return int((START + pd.to_timedelta(day, "D")).value // 1000)


def histories(rows, day):
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "day"])
    table["timestamp"] = START + pd.to_timedelta(table.pop("day"), "D")
    return Histories.of(Interactions.from_frame(table, on_duplicate="keep"), at(day))


def test_where_no_item_was_new_all_events_are_of_known_ones():
    rows = [("a", f"i{k % 3}", k / 10) for k in range(60)]
    assert learn_seen_share(histories(rows, 6), DAY) == 1.0


def test_users_and_items_count_that_had_events_before_the_last_horizon():
    """Of 8 events two are of "new"; everyone's, with the nine of "late", who came, weigh as ten."""
    rows = [("a", "old", day) for day in np.linspace(0, 3.9, 40)]
    rows += [("a", "old", 4.1)] * 6 + [("a", "new", 4.2)] * 2 + [("late", "newer", 4.5)] * 9
    everyone = (6 + 1) / (17 + 1)
    expected = (6 + 10 * everyone) / (8 + 10)
    assert learn_seen_share(histories(rows, 5), DAY) == pytest.approx(expected)


def test_the_odds_of_a_new_item_fall_on_as_they_fell():
    """Of the day begun at noon 90 of 200 events are of new items, of the next day 30 of 100."""
    rows = [("a", "old", 0.0)]
    for day, new in ((0.5, 60), (1.0, 30)):
        rows += [("a", f"new {day} {k}", day + 0.01) for k in range(new)]
        rows += [("a", "old", day + 0.01)] * (100 - new)
    then = (90 + 10 * 90 / 201) / (110 + 10 * 111 / 201)
    odds = (30 + 10 * 30 / 101) / (70 + 10 * 71 / 101)
    fallen = odds * odds / then  # two days of history are twice as much again
    assert learn_seen_share(histories(rows, 2), DAY) == pytest.approx(1 / (1 + fallen))


def test_a_share_of_new_items_that_grew_is_not_drawn_out():
    rows = [("a", "old", day) for day in np.linspace(0, 3.9, 80)]
    rows += [("a", f"early {k}", 2.1) for k in range(2)]
    rows += [("a", f"new {k}", 3.95) for k in range(3)] + [("a", "old", 3.96)] * 7
    rows += [("a", f"newer {k}", 4.1) for k in range(10)]
    expected = 10 * 1 / 11 / (10 + 10)
    assert learn_seen_share(histories(rows, 5), DAY) == pytest.approx(expected)


def test_a_log_in_which_hardly_anybody_comes_back_shows_it_by_those_who_come():
    """Of users with a history one event is known; 30 others came, each with an item of its own."""
    rows = [("a", "old", 0.0), ("a", "old", 1.5)]
    rows += [(f"u{k}", f"i{k}", 1.2) for k in range(30)]
    expected = (1 + 10 * 2 / 32) / (1 + 10)
    assert learn_seen_share(histories(rows, 2), DAY) == pytest.approx(expected)

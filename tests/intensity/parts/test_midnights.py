"""Until when is learnt: until midnights that count, with weights that pass by the hour."""

import pandas as pd
import pytest

from tsgen import Interactions
from tsgen.data import Histories
from tsgen.intensity.parts import midnights

DAY, HOUR = 86_400 * 10**6, 3_600 * 10**6
BEGIN = int(pd.Timestamp("2024-01-01").value // 1000)


def log_of(days, at):
    """Return one user's history, with an event at noon of each of the days, until a time."""
    times = pd.to_datetime([BEGIN + day * DAY + 12 * HOUR for day in days], unit="us", utc=True)
    frame = pd.DataFrame({"user_id": "a", "item_id": "x", "timestamp": times})
    events = Interactions.from_frame(frame)
    return Histories.of(events.where(events.time < at), at)


@pytest.mark.parametrize("hours", [0, 6, 18])
def test_the_mean_of_two_days_of_what_the_last_midnight_taught(hours):
    found = midnights(log_of(range(30), BEGIN + 20 * DAY + hours * HOUR), 3 * DAY)
    since = hours / 24
    assert dict(found) == {
        BEGIN + 20 * DAY: pytest.approx(since / 2),
        BEGIN + 19 * DAY: pytest.approx(1 / 2),
        BEGIN + 18 * DAY: pytest.approx((1 - since) / 2),
    }
    assert [at for at, _ in found] == sorted(dict(found), reverse=True)


@pytest.mark.parametrize("horizon", [DAY, 7 * DAY])
def test_no_hour_changes_weights_at_once_whatever_days_are_closed(horizon):
    """Weekends, a week without a sale, and a log that becomes long enough."""
    days = [d for d in range(60) if d % 7 not in (5, 6) and not 30 <= d < 41]
    before: dict[int, float] = {}
    for hour in range(15 * 24, 58 * 24):
        now = dict(midnights(log_of(days, BEGIN + hour * HOUR), horizon))
        if before and now:  # not learnt from to its end, as at rest for longer than a week
            moved = sum(abs(now.get(m, 0) - before.get(m, 0)) for m in {*now, *before})
            assert moved <= 2 / 48 + 1e-9
            assert sum(now.values()) == pytest.approx(1)
        before = now


def test_a_midnight_after_a_closed_day_leaves_its_weight_to_the_one_before():
    days = [d for d in range(20) if d != 13]
    found = midnights(log_of(days, BEGIN + 14 * DAY + 12 * HOUR), DAY)
    assert dict(found) == {BEGIN + 13 * DAY: pytest.approx(3 / 4), BEGIN + 12 * DAY: 0.25}


def test_one_at_which_the_log_was_too_short_leaves_it_to_the_one_after():
    """A log from noon, a horizon of six days: long enough at the eighth and ninth midnight."""
    found = midnights(log_of(range(20), BEGIN + 9 * DAY + 12 * HOUR), 6 * DAY)
    assert dict(found) == {BEGIN + 9 * DAY: 0.25, BEGIN + 8 * DAY: 0.75}
    assert midnights(log_of(range(20), BEGIN + 7 * DAY + 12 * HOUR), 6 * DAY) == []


def test_long_horizons_have_one_and_parts_of_a_day_none():
    log = log_of(range(60), BEGIN + 50 * DAY + 12 * HOUR)
    assert midnights(log, 14 * DAY) == [(BEGIN + 50 * DAY, 1.0)]
    assert midnights(log, 12 * HOUR) == []


def test_a_log_at_rest_for_longer_than_a_week_is_learnt_from_to_its_end():
    rests = log_of(range(10), BEGIN + 18 * DAY + 12 * HOUR)
    assert midnights(rests, DAY) == []
    assert sum(weight for _, weight in midnights(rests, 3 * DAY)) == pytest.approx(1)

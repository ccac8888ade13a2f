import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.data.events.plausibility.machines import find_machines

START = pd.Timestamp("2024-01-01")


def people(seed=0, users=40, each=30, days=90):
    """Shoppers by day, of uneven zeal."""
    draw = np.random.default_rng(seed)
    user = draw.zipf(1.7, users * each) % users
    hours = 24 * draw.integers(0, days, len(user)) + draw.uniform(8, 22, len(user))
    stamps = (START + pd.to_timedelta(hours, "h")).round("s")
    return pd.DataFrame({"user_id": user, "item_id": "x", "timestamp": stamps})


def codes_with(stamps):
    robot = pd.DataFrame({"user_id": 99, "item_id": "x", "timestamp": stamps})
    log = Interactions.from_frame(pd.concat([people(), robot]), on_duplicate="keep")
    return log, find_machines(log)


def test_people_are_no_machines():
    log = Interactions.from_frame(people(), on_duplicate="keep")
    assert log.lengths.max() > 300  # some are keen
    assert find_machines(log) == []
    daily = START + pd.to_timedelta(np.arange(200), "D")  # a paper every morning
    assert codes_with(daily)[1] == []


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [(np.arange(200) * 240.0, "of the gaps between its events are 14400 s"),
     (np.sort(np.random.default_rng(1).uniform(0, 5 * 1440, 600)), "20 or more hours of the day"),
     (np.random.default_rng(1).integers(0, 90, 70_000) * 1440 + 600.0, "70,000 events, 99 %")],
)  # fmt: skip
def test_each_sign_of_a_machine_is_seen(minutes, reason):
    log, found = codes_with((START + pd.to_timedelta(minutes, "min")).round("s"))
    assert [machine.code for machine in found] == log.users.find([99]).tolist()
    assert found[0].text.startswith("99 (")
    assert reason in found[0].text


def test_who_acts_every_second_is_a_machine_and_an_order_of_many_lines_is_none():
    seconds = np.cumsum(np.random.default_rng(0).uniform(0.5, 1.1, 300))
    _log, found = codes_with((START + pd.to_timedelta(seconds, "s")).round("ms"))
    assert "100 events within 80 s" in found[0].text
    assert codes_with(START + pd.to_timedelta(np.zeros(300), "s"))[1] == []  # one order
    assert (
        codes_with(
            START + pd.to_timedelta(np.cumsum(np.random.default_rng(0).uniform(2, 4, 300)), "s")
        )[1]
        == []
    )


def test_where_many_are_as_fast_nobody_is_a_machine():
    draw = np.random.default_rng(0)
    clicks = pd.DataFrame({"user_id": np.repeat(np.arange(40), 120), "item_id": "x"})
    gaps = draw.uniform(0.5, 1, len(clicks))
    clicks["timestamp"] = START + pd.to_timedelta(np.cumsum(gaps), "s")
    assert find_machines(Interactions.from_frame(clicks, on_duplicate="keep")) == []


def slow_nights(log, code):
    times = log.time[log.offsets[code] : log.offsets[code + 1]]
    hours = {int(t) // 3_600_000_000 for t in times}
    days = {h // 24 for h in hours}
    return sum(sum(h // 24 == day for h in hours) >= 20 for day in days)


def test_sleepless_days_equal_a_slow_count():
    draw = np.random.default_rng(3)
    minutes = draw.uniform(0, 12 * 1440, 500)
    log, found = codes_with((START + pd.to_timedelta(minutes, "min")).round("s"))
    code = int(log.users.find([99])[0])
    assert f"on {slow_nights(log, code)} days" in found[0].text


def test_one_id_for_everybody_without_one_is_named():
    draw = np.random.default_rng(4)
    hours = 24 * draw.integers(0, 90, 1200) + draw.uniform(8, 22, 1200)
    log, found = codes_with((START + pd.to_timedelta(hours, "h")).round("s"))
    assert [machine.code for machine in found] == log.users.find([99]).tolist()
    assert "1,200 events, 50 % of all" in found[0].text


@pytest.mark.parametrize(("days", "clock", "seen"), [
    (9, "03:00:00", True), (8, "03:00:00", False), (9, "00:00:00", False)
])  # fmt: skip
def test_who_comes_at_one_second_of_nine_days_is_named(days, clock, seen):
    stamps = START + pd.to_timedelta(np.arange(days) * 3, "D") + pd.Timedelta(clock)
    log, found = codes_with(stamps)
    assert [machine.code for machine in found] == (log.users.find([99]).tolist() if seen else [])
    if seen:
        assert "events on 9 days, all at 03:00:00" in found[0].text


def test_where_many_are_punctual_or_stamps_have_no_seconds_nobody_is_named():
    nightly = pd.DataFrame({
        "user_id": np.repeat(np.arange(50, 60), 9), "item_id": "x",
        "timestamp": np.tile(START + pd.to_timedelta(np.arange(9) + 0.125, "D"), 10),
    })  # fmt: skip
    some = Interactions.from_frame(pd.concat([people(), nightly]), on_duplicate="keep")
    assert find_machines(some) == []
    hourly = people().assign(timestamp=lambda t: t["timestamp"].dt.floor("h"))
    table = pd.concat([hourly, nightly[nightly["user_id"] == 50]])
    assert find_machines(Interactions.from_frame(table, on_duplicate="keep")) == []

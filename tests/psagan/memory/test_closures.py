"""Phases at which a series never has a value, or always the same one, told from accidents."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.psagan.memory import Grain
from tsgen.psagan.memory.closures import CLOSED, kinds_at, phases_of


def dataset(*targets, freq="h", start="2024-01-01"):
    first = pd.Period(start, freq)
    return to_dataset(
        [{"item_id": i, "start": first, "target": np.asarray(t, float)}
         for i, t in enumerate(targets)]
    )  # fmt: skip


def closed_phases(data):
    return phases_of(data, np.empty((len(data), 0))) == CLOSED


def nightly(days, missing=0.0, seed=0):
    draw = np.random.default_rng(seed)
    values = draw.normal(100, 5, 24 * days)
    values[draw.random(values.size) < missing] = np.nan
    values[np.arange(values.size) % 24 < 6] = np.nan
    return values


def test_hours_without_any_value_are_closed_and_gaps_elsewhere_are_not():
    data = dataset(nightly(28), nightly(28, missing=0.1), np.arange(600.0))
    grain = Grain.of(data)
    night = np.tile(np.arange(24) < 6, 7)
    # 2024-01-01 is a Monday, and ordinal 0 of "h" a Thursday: nights are nights either way.
    np.testing.assert_array_equal(grain.closed[0], night)
    np.testing.assert_array_equal(grain.closed[1], night)
    assert not grain.closed[2].any()
    assert grain.gap_rate[0] == 0
    assert grain.gap_rate[1] == pytest.approx(0.1, abs=0.03)


def test_a_closed_sunday_is_closed_on_sundays_only():
    values = np.arange(70.0)
    values[6::7] = np.nan  # from a Monday on
    grain = Grain.of(dataset(values, freq="D"))
    later = pd.Period("2024-06-01", "D")  # a Saturday
    shut = grain.closed_at(np.array([0]), np.array([later.ordinal]), 9, 1)[0]
    assert np.flatnonzero(shut).tolist() == [1, 8]


@pytest.mark.parametrize("days", [3, 10])
def test_what_is_missing_too_seldom_to_be_sure_is_not_closed(days):
    draw = np.random.default_rng(1)
    values = draw.normal(0, 1, 24 * days)
    values[draw.random(values.size) < 0.4] = np.nan
    closed = Grain.of(dataset(values)).closed[0]
    assert closed.mean() < 0.02


def test_business_hours_and_five_minute_steps():
    steps = np.arange(12 * 24 * 14)
    values = np.where(
        (steps % 288 >= 96) & (steps % 288 < 204) & (steps // 288 % 7 < 5), 5.5, np.nan
    )
    grain = Grain.of(dataset(values, freq="5min"))
    shut = grain.closed_at(np.array([0]), dataset(values, freq="5min").starts, len(steps), 5)
    np.testing.assert_array_equal(shut[0], np.isnan(values))


def test_a_year_has_no_cycle_and_a_quarter_four_phases():
    values = np.arange(24.0)
    values[2::4] = np.nan
    assert closed_phases(dataset(values, freq="Y", start="2000")).shape == (1, 0)
    closed = closed_phases(dataset(values, freq="Q", start="2000Q1"))
    first = pd.Period("2000Q1", "Q").ordinal
    assert np.flatnonzero(closed[0]).tolist() == [(first + 2) % 4]


def test_a_week_seen_once_counts_by_the_hour_of_the_day():
    closed = closed_phases(dataset(nightly(5)))[0]
    np.testing.assert_array_equal(closed, np.tile(np.arange(24) < 6, 7))
    assert not closed_phases(dataset(nightly(1)))[0].any()  # a day seen once is no rule


def test_a_series_without_any_value_is_not_closed():
    full = dataset(np.arange(60.0), np.arange(60.0))
    empty = replace(full, values=np.r_[np.full(60, np.nan), np.arange(60.0)])
    assert not closed_phases(empty).any()


def test_steps_of_several_units_have_their_own_phases():
    values = np.arange(24.0 * 14)  # every half hour, a week
    values[np.arange(values.size) % 48 < 10] = np.nan
    closed = closed_phases(dataset(values, freq="30min"))
    assert closed.shape == (1, 336)
    start = pd.Period("2025-03-01 00:00", "30min")
    shut = kinds_at(closed, np.array([0]), np.array([start.ordinal]), 48, 30)[0]
    assert np.flatnonzero(shut).tolist() == list(range(10))


def test_nothing_is_closed_where_no_phase_is():
    open_ = np.zeros((2, 24), bool)
    assert kinds_at(open_, np.array([0, 1]), np.array([5, 6]), 3, 1).shape == (2, 3)
    assert kinds_at(np.zeros((2, 0), bool), np.array([1]), np.array([5]), 3, 1).tolist() == [
        [False] * 3]  # fmt: skip
    some = open_.copy()
    some[1, 7] = True
    shut = kinds_at(some, np.array([1, 0]), np.array([6, 6]), 3, 1)
    assert shut.tolist() == [[False, True, False], [False] * 3]


def sunny(days, night=0.0):
    """Power of the sun by hours: clouds by day, and `night` in eight hours of it."""
    hours = np.arange(24 * days) % 24
    clouds = np.random.default_rng(3).uniform(0.5, 1.0, hours.size)
    values = clouds * np.sin(np.pi * (hours - 3) / 17)
    return np.where((hours < 4) | (hours >= 20), night, np.round(values, 3))


def test_hours_that_are_always_zero_rest_there_and_others_that_are_at_times_do_not():
    values = sunny(28)
    dark = (np.arange(values.size) % 24 < 4) | (np.arange(values.size) % 24 >= 20)
    values[6::48] = 0.0  # every other morning at six
    values[30] = np.nan
    data = dataset(values)
    grain = Grain.of(data)
    every = grain.rest_at(np.array([0]), data.starts, values.size, 1)[0]
    np.testing.assert_array_equal(every[dark], 0.0)
    assert np.isnan(every[~dark]).all()
    assert not grain.closed.any()
    mornings = 14 / ((~dark).sum() - 1)  # zeros among what varies and is known
    assert grain.low_share[0] == pytest.approx(mornings)
    assert grain.repeat_share[0] < 0.01  # nights repeat, and do not count


@pytest.mark.parametrize(("night", "level"), [(5.0, "high"), (0.7, "mode")])
def test_a_series_rests_at_its_greatest_value_or_at_a_pile_up_inside(night, level):
    data = dataset(sunny(28, night))
    grain = Grain.of(data)
    rest = grain.rest_at(np.array([0]), data.starts, 24, 1)[0]
    assert rest[~np.isnan(rest)].tolist() == [night] * 8
    assert night in np.atleast_1d(getattr(grain, level)[0])


def test_what_came_three_times_is_no_rest_and_a_constant_series_has_none():
    grain = Grain.of(dataset(sunny(3)))
    assert not grain.phases.any()
    assert not Grain.of(dataset(np.full(24 * 28, 4.0))).phases.any()


def test_zeros_of_intermittent_demand_rest_at_no_phase():
    draw = np.random.default_rng(5)
    months = [draw.poisson(0.3, 60).astype(float) for _ in range(200)]
    assert (Grain.of(dataset(*months, freq="M")).phases > 0).mean() < 0.002


def test_a_bound_that_moves_is_no_rest_any_more_and_columns_keep_the_kinds():
    data = dataset(sunny(28), sunny(28, 5.0), nightly(28))
    grain = Grain.of(data)
    back = Grain.from_columns(pd.DataFrame(grain.to_columns()))
    np.testing.assert_array_equal(back.phases, grain.phases)
    lower = replace(data, values=np.concatenate([-data.values[:672], data.values[672:]]))
    moved = grain.reaching(lower)
    assert np.isnan(moved.rest_at(np.array([0]), data.starts[:1], 24, 1)).all()
    np.testing.assert_array_equal(moved.phases[1:], grain.phases[1:])
    free = grain.unbounded(np.zeros(3, bool), np.array([False, True, False]))
    assert not (free.phases[1] > 0).any()


def test_a_phase_at_which_a_series_has_another_value_now_rests_no_more():
    data = dataset(sunny(28), sunny(28, 5.0))
    grain = Grain.of(data)
    lit = data.values.copy()
    lit[2] = 0.3  # one night at two
    lit[672:] = lit[672:].astype(np.float32)
    now = grain.seen_in(replace(data, values=lit))
    monday_at_two = (int(data.starts[0]) + 2) % 168
    assert np.flatnonzero(now.phases[0] != grain.phases[0]).tolist() == [monday_at_two]
    np.testing.assert_array_equal(now.phases[1], grain.phases[1])


def test_an_hour_that_is_often_zero_is_at_rest_on_no_day_of_the_week():
    """Four weeks of mornings, of which two in five are dark: some weekday's were all so."""
    dark = []
    for seed in range(20):
        values = sunny(28)
        mornings = np.arange(6, values.size, 24)
        values[mornings[np.random.default_rng(seed).random(28) < 0.4]] = 0.0
        phases = Grain.of(dataset(values)).phases[0].reshape(7, 24)
        assert (phases[:, [0, 1, 2, 3, 20, 21, 22, 23]] > 0).all()
        dark.append(phases[:, 4:20].any())
    assert sum(dark) <= 1

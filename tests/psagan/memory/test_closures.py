"""Closed hours: phases at which a series never has a value, told from gaps by accident."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.psagan.memory import Grain, closed_at
from tsgen.psagan.memory.closures import closed_phases


def dataset(*targets, freq="h", start="2024-01-01"):
    first = pd.Period(start, freq)
    return to_dataset(
        [{"item_id": i, "start": first, "target": np.asarray(t, float)}
         for i, t in enumerate(targets)]
    )  # fmt: skip


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
    shut = closed_at(grain.closed, np.array([0]), np.array([later.ordinal]), 9, 1)[0]
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
    shut = closed_at(
        grain.closed, np.array([0]), dataset(values, freq="5min").starts, len(steps), 5
    )
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
    shut = closed_at(closed, np.array([0]), np.array([start.ordinal]), 48, 30)[0]
    assert np.flatnonzero(shut).tolist() == list(range(10))


def test_nothing_is_closed_where_no_phase_is():
    open_ = np.zeros((2, 24), bool)
    assert closed_at(open_, np.array([0, 1]), np.array([5, 6]), 3, 1).shape == (2, 3)
    assert closed_at(np.zeros((2, 0), bool), np.array([1]), np.array([5]), 3, 1).tolist() == [
        [False] * 3]  # fmt: skip
    some = open_.copy()
    some[1, 7] = True
    shut = closed_at(some, np.array([1, 0]), np.array([6, 6]), 3, 1)
    assert shut.tolist() == [[False, True, False], [False] * 3]

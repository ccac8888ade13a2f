"""Forecast windows, against a slow loop."""

import numpy as np
import pandas as pd
import pytest

from tsgen.curation.reference import ForecastWindows, rolling_windows, training_windows
from tsgen.data import simulate_series, to_dataset

REAL = simulate_series(num_series=5, length=80, seed=1)


def test_windows_equal_a_slow_loop():
    draw = np.random.default_rng(0)
    entries = [
        {"item_id": str(i), "start": pd.Period("2024-01-01", "h"),
         "target": np.where(draw.random(n) < 0.2, np.nan, draw.normal(5, 2, n))}
        for i, n in enumerate((20, 31))
    ]  # fmt: skip
    dataset = to_dataset(entries)
    windows = training_windows(dataset, 7, 3, stride=2)
    past, future, scale = windows.read()
    at = 0
    for i, n in enumerate((20, 31)):
        series = dataset.series(i)
        level = np.nanmean(np.abs(series))
        for begin in range(n - 3, 2, -2):
            before = np.concatenate([np.full(7, np.nan), series])[begin : begin + 7]
            assert windows.series[at] == i
            expected = max(np.nanmean(np.abs(before)), 0.1 * level)
            assert scale[at] == pytest.approx(expected)
            filled = np.where(np.isnan(before), np.nanmean(before), before)
            np.testing.assert_allclose(past[at] * scale[at], filled)
            np.testing.assert_allclose(future[at] * scale[at], series[begin : begin + 3])
            at += 1
    assert at == len(windows)


def test_windows_of_several_datasets_are_those_of_each():
    first, second = training_windows(REAL, 12, 6), training_windows(REAL.subset([3]), 12, 6)
    joined = ForecastWindows.concat([first, second])
    for one, two in zip(joined.read(), zip(first.read(), second.read(), strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(two))


def hours(*targets):
    return to_dataset(
        [{"item_id": str(i), "start": "2024-01-01", "target": np.asarray(t, dtype=np.float64)}
         for i, t in enumerate(targets)], freq="h",
    )  # fmt: skip


def places(windows):
    return list(zip(windows.series, windows.begins - windows.firsts, strict=True))


def test_a_training_window_needs_one_forecast_of_past_and_a_future_inside_its_series():
    windows = training_windows(hours(np.arange(8.0), np.arange(5.0), np.arange(6.0)), 10, 3)
    assert places(windows) == [(0, 5), (0, 4), (0, 3), (2, 3)]


def test_training_windows_without_anything_observed_are_left_out():
    gap = np.array([1.0, 2, 3, np.nan, np.nan, np.nan, 7, 8, 9])
    assert places(training_windows(hours(gap), 3, 3)) == [(0, 5), (0, 4)]


def test_rolling_windows_are_the_last_in_order_of_time_and_all_kept():
    gap = np.r_[np.arange(9.0), [np.nan] * 3]
    windows = rolling_windows(hours(gap, np.arange(20.0)), 4, 3, 2)
    assert places(windows) == [(0, 6), (0, 9), (1, 14), (1, 17)]
    assert np.isnan(windows.read()[1][1]).all()


def test_a_window_is_read_over_the_scale_of_its_past_alone():
    past, future, scale = rolling_windows(hours([100.0, -2.0, 4.0, 50.0]), 2, 1, 1).read()
    assert scale[0] == pytest.approx(max(3.0, 0.1 * 39))  # a tenth of the series' own level
    np.testing.assert_allclose(past[0] * scale[0], [-2, 4])
    assert future[0, 0] * scale[0] == pytest.approx(50)
    _, _, larger = rolling_windows(hours([10.0, -2.0, 6.0, 8.0]), 2, 1, 1).read()
    assert larger[0] == pytest.approx(4.0)


def test_a_series_of_zeros_has_a_scale_that_can_be_divided_by():
    past, future, scale = rolling_windows(hours(np.zeros(8)), 4, 2, 1).read()
    assert scale[0] > 0
    assert (past == 0).all()
    assert (future == 0).all()


def test_some_windows_are_read_as_among_all():
    windows = training_windows(REAL, 12, 6)
    chosen = np.array([5, 0, 77])
    for some, every in zip(windows.take(chosen).read(), windows.read(), strict=True):
        np.testing.assert_array_equal(some, every[chosen])
    assert windows.take(chosen).series.tolist() == windows.series[chosen].tolist()

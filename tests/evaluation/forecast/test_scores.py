"""Forecast errors by series against loops, and against `gluonts.ev` over all of them."""

import numpy as np
import pytest
from gluonts.model.forecast import SampleForecast

from tsgen.errors import DataError
from tsgen.evaluation.forecast.regime_windows import TestWindows
from tsgen.evaluation.forecast.scores import LEVELS, METRICS, metric_of, score_forecasts

LENGTH, SEASON = 4, 3


@pytest.fixture(scope="module")
def windows(make_dataset):
    values = np.random.default_rng(0).normal(10, 2, size=(3, 30))
    values[1, 22] = values[2, 5] = np.nan
    rows, begins = np.repeat([0, 1, 2], 2), np.tile([20, 24], 3)
    return TestWindows(make_dataset(values), rows, begins, LENGTH)


@pytest.fixture(scope="module")
def forecasts(windows):
    random = np.random.default_rng(1)
    return [
        SampleForecast(random.normal(10, 2, (50, LENGTH)), start_date=entry["start"] + begin,
                       item_id=entry["item_id"])
        for entry, begin in zip(windows.input, windows.begins, strict=True)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def parts(forecasts, windows):
    return score_forecasts(forecasts, windows, SEASON)


def history_error(windows, k):
    past = windows.dataset.series(windows.rows[k])[: windows.begins[k]]
    return np.nanmean(np.abs(past[SEASON:] - past[:-SEASON]))


def test_the_parts_of_each_series_are_sums_over_its_observed_steps(parts, forecasts, windows):
    truth = windows.truth
    for series in range(3):
        sums = dict.fromkeys(parts, 0.0)
        for k in np.flatnonzero(windows.rows == series):
            for t in np.flatnonzero(np.isfinite(truth[k])):
                y, made = truth[k, t], forecasts[k]
                mean, median = made.mean[t], made.quantile(0.5)[t]
                pinball = [
                    2 * abs((y - made.quantile(q)[t]) * ((y <= made.quantile(q)[t]) - q))
                    for q in LEVELS
                ]
                sums["quantile_loss"] += np.mean(pinball)
                sums["absolute_label"] += abs(y)
                sums["squared_error"] += (y - mean) ** 2
                sums["count"] += 1
                sums["scaled_error"] += abs(y - median) / history_error(windows, k)
                sums["scaled_count"] += 1
        for name, expected in sums.items():
            assert parts[name][series] == pytest.approx(expected, rel=1e-5), name


def test_metrics_are_quotients_of_sums_over_series(parts):
    total = {name: part.sum() for name, part in parts.items()}
    expected = {
        "mean_weighted_quantile_loss": total["quantile_loss"] / total["absolute_label"],
        "mase": total["scaled_error"] / total["scaled_count"],
        "nrmse": np.sqrt(total["squared_error"] / total["count"])
        / (total["absolute_label"] / total["count"]),
    }
    assert set(expected) == set(METRICS)
    for name, value in expected.items():
        assert float(metric_of(parts, name)) == pytest.approx(value)
        weights = np.array([[1, 1, 1], [0, 2, 1]])
        drawn = {k: v[[1, 1, 2]] for k, v in parts.items()}
        found = metric_of(parts, name, weights)
        np.testing.assert_allclose(found, [value, metric_of(drawn, name)])
        stacked = {k: np.stack([v, 2 * v]) for k, v in parts.items()}
        assert metric_of(stacked, name).shape == (2,)
        assert metric_of(stacked, name, weights).shape == (2, 2)


def test_a_history_that_repeats_itself_has_no_scale_and_is_left_out_of_mase(make_dataset):
    values = np.tile([1.0, 5.0, 3.0], 10)[None] + np.zeros((2, 1))
    values[1, 4] += 1.0
    windows = TestWindows(make_dataset(values), np.array([0, 1]), np.array([20, 20]), LENGTH)
    made = [SampleForecast(np.full((5, LENGTH), 4.0), start_date=e["start"] + 20) for e in
            windows.input]  # fmt: skip
    parts = score_forecasts(made, windows, SEASON)
    assert parts["scaled_count"].tolist() == [0.0, 4.0]
    assert parts["scaled_error"][0] == 0.0
    assert parts["scaled_error"][1] > 0
    assert parts["count"].tolist() == [4.0, 4.0]


def test_a_window_without_labels_counts_nowhere(make_dataset):
    random = np.random.default_rng(0)
    values = random.normal(10, 2, size=(2, 30))
    values[0, 20:24] = np.nan
    windows = TestWindows(make_dataset(values), np.array([0, 1]), np.array([20, 20]), LENGTH)
    made = [SampleForecast(np.full((5, LENGTH), 4.0), start_date=e["start"] + 20) for e in
            windows.input]  # fmt: skip
    parts = score_forecasts(made, windows, SEASON)
    assert all(part[0] == 0 for part in parts.values())
    assert all(part[1] > 0 for part in parts.values())


def test_what_is_missing_from_the_forecasts_is_said(forecasts, windows):
    with pytest.raises(DataError, match="5 forecasts came for 6 windows"):
        score_forecasts(forecasts[:-1], windows, SEASON)
    broken = SampleForecast(np.full((50, LENGTH), np.nan), start_date=forecasts[3].start_date)
    with pytest.raises(DataError, match="The forecast of series '1' has a NaN"):
        score_forecasts([*forecasts[:3], broken, *forecasts[4:]], windows, SEASON)

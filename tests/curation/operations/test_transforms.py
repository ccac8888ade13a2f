"""What each transform promises, one by one."""

import numpy as np
import pytest

from operation_panels import SEASON, augmented_series, one, panel
from tsgen.curation.operations import Sources
from tsgen.curation.operations.transforms import smooth_curves
from tsgen.data import to_dataset
from tsgen.errors import SettingsError


def test_scaling_is_one_positive_factor_a_series():
    real = panel(gap=False)
    made = augmented_series(real, "scaling", 1.0, SEASON, seed=1)
    for i, facts in enumerate(made.info):
        ratio = made.series(i) / real.series(real.item_ids.index(facts["source_item_id"]))
        assert np.ptp(ratio) < 1e-12
        assert ratio[0] > 0


def test_magnitude_warp_is_smooth_positive_and_around_one():
    flat = to_dataset([{"item_id": "a", "start": "2024-01-01", "target": np.ones(200)}], freq="h")
    made = augmented_series(flat, "magnitude_warp", 400.0, SEASON, seed=1)
    curves = made.values.reshape(400, 200)
    assert curves.min() > 0
    assert np.abs(np.log(curves).mean(axis=0)).max() < 0.04  # median 1 at every step
    assert np.abs(np.diff(curves)).max() < 0.03
    assert np.ptp(curves, axis=1).mean() > 0.1


def test_jitter_adds_noise_of_the_stated_size():
    real = panel(lengths=(5000,), gap=False)
    made = augmented_series(real, "jitter", 1.0, SEASON, seed=1, share=0.1)
    noise = made.values - real.values
    assert noise.std() == pytest.approx(0.1 * real.values.std(), rel=0.05)


def test_time_warp_keeps_order_and_ends_and_moves_the_middle():
    ramp = np.arange(200.0)
    made = augmented_series(one(ramp), "time_warp", 50.0, SEASON, seed=1).values.reshape(50, 200)
    np.testing.assert_allclose(made[:, [0, -1]], np.tile([0.0, 199.0], (50, 1)), atol=1e-9)
    assert (np.diff(made) > 0).all()
    assert np.abs(made - ramp).max(axis=1).min() > 0.2


def test_window_slice_of_a_line_is_a_flatter_line_inside_it():
    ramp = np.arange(101.0)
    made = augmented_series(one(ramp), "window_slice", 50.0, 1, seed=1, share=0.8)
    rows = made.values.reshape(50, 101)
    np.testing.assert_allclose(np.diff(rows), 0.8, atol=1e-9)
    assert rows.min() >= 0
    assert rows.max() <= 100
    assert np.ptp(rows[:, 0]) > 5


def test_trend_change_adds_nothing_and_then_a_line():
    flat = 5 + np.sin(np.arange(100.0))
    made = augmented_series(one(flat), "trend_change", 30.0, 1, seed=1).values.reshape(30, 100)
    bends = made - flat
    second = np.abs(np.diff(bends, n=2))
    assert (np.count_nonzero(second > 1e-9, axis=1) <= 2).all()  # one bend, on or between steps
    np.testing.assert_allclose(bends[:, 0], 0, atol=1e-9)


def test_scaling_factors_are_log_normal():
    flat = one(np.ones(2))
    made = augmented_series(flat, "scaling", 4000.0, 1, seed=1, sigma=0.3).values[::2]
    assert np.log(made).std() == pytest.approx(0.3, rel=0.05)
    assert np.log(made).mean() == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("knots", [1, 3])
def test_smooth_curves_are_a_cubic_b_spline_of_normal_heights(knots):
    from scipy.interpolate import BSpline

    real = panel(gap=False)
    sources = Sources.of(real, np.array([0, 2]), SEASON)
    curves = smooth_curves(sources, np.random.default_rng(3), knots)
    heights = np.random.default_rng(3).normal(size=(2, knots + 3))
    for r in range(2):
        spline = BSpline(np.arange(-3, knots + 4), heights[r], 3)
        places = np.linspace(0, knots, sources.lengths[r])
        places[-1] -= 1e-12
        part = slice(*sources.offsets[[r, r + 1]])
        np.testing.assert_allclose(curves[part], spline(places), atol=1e-9)


def test_a_trend_bends_by_the_stated_size():
    draw = np.random.default_rng(0)
    values = np.tile(draw.normal(size=50), 40)
    made = augmented_series(one(values), "trend_change", 400.0, 1, seed=1, sigma=0.5)
    bends = (made.values.reshape(400, -1) - values) / values.std()
    begin = 1 - (np.abs(bends) > 1e-5).mean(axis=1)  # shares of the series before the bend
    slopes = bends[:, -1] / (1 - begin)
    assert slopes[begin < 0.9].std() == pytest.approx(0.5, rel=0.15)
    assert begin.mean() == pytest.approx(0.5, abs=0.06)


def test_settings_that_no_series_allows_are_refused():
    line = one(np.arange(20.0))
    with pytest.raises(SettingsError, match="knots=0 is not possible; use 1 or more"):
        augmented_series(line, "time_warp", 1.0, 1, seed=1, knots=0)
    for share in (0.0, 1.5):
        with pytest.raises(SettingsError, match=f"share={share} is not possible"):
            augmented_series(line, "window_slice", 1.0, 1, seed=1, share=share)
    whole = augmented_series(line, "window_slice", 1.0, 1, seed=1, share=1.0)
    np.testing.assert_allclose(whole.values, np.arange(20.0), atol=1e-9)


@pytest.mark.parametrize("method", ["time_warp", "window_slice", "trend_change", "magnitude_warp"])
def test_a_series_of_one_step_goes_through(method):
    made = augmented_series(one(np.array([3.0])), method, 2.0, 1, seed=1)
    assert np.isfinite(made.values).all()

"""Windows made by operations, and drawn by plain rules of known quality."""

import numpy as np
import pytest

from tsgen.curation import (
    Transform,
    bootstrapped_windows,
    gaussian_windows,
    jittered_windows,
    make_windows,
    mixed_windows,
)
from tsgen.errors import DataError, SettingsError


def test_gaussian_keeps_mean_and_covariance():
    rng = np.random.default_rng(3)
    windows = rng.normal(size=(200, 4)) @ rng.normal(size=(4, 4)) + 3
    drawn = gaussian_windows(windows, 60_000, seed=1)
    np.testing.assert_allclose(drawn.mean(0), windows.mean(0), atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(windows.T), atol=0.15)
    assert gaussian_windows(windows[:3], 5, seed=1).shape == (5, 4)  # a singular covariance will do


def test_jitter_adds_noise_of_the_share_of_the_range():
    rng = np.random.default_rng(3)
    windows = rng.normal(size=(1, 2000))
    windows = 100 * (windows - windows.min()) / np.ptp(windows)
    noise = jittered_windows(windows, 1, seed=0) - windows
    assert noise.std() == pytest.approx(3.0, rel=0.1)
    np.testing.assert_array_equal(jittered_windows(windows, 2, seed=0, share=0.0), windows[[0, 0]])


def test_mixing_stays_between_two_different_windows():
    windows = np.eye(5)
    mixed = mixed_windows(windows, 300, seed=0)
    np.testing.assert_allclose(mixed.sum(axis=1), 1.0)
    assert ((mixed > 0).sum(axis=1) == 2).all()


def test_block_bootstrap_repeats_stretches_of_one_window():
    windows = np.arange(40.0).reshape(2, 20)
    drawn = bootstrapped_windows(windows, 50, seed=0, block_length=5).reshape(50, 4, 5)
    assert (np.diff(drawn, axis=2) == 1).all()
    assert ((drawn // 20) == (drawn[:, :1, :1] // 20)).all()
    assert bootstrapped_windows(windows, 3, seed=0, block_length=7).shape == (3, 20)
    with pytest.raises(SettingsError, match="block_length=21"):
        bootstrapped_windows(windows, 3, seed=0, block_length=21)


def test_windows_are_made_one_after_each_by_any_operation():
    rng = np.random.default_rng(3)
    windows = rng.normal(size=(4, 12))
    windows[1, 3] = np.nan
    made = make_windows(windows, Transform("scaling"), seed=2)
    assert made.shape == windows.shape
    np.testing.assert_array_equal(np.isnan(made), np.isnan(windows))
    ratio = made / windows
    assert np.nanmax(np.ptp(ratio[[0, 2, 3]], axis=1)) < 1e-12  # one factor a window
    np.testing.assert_array_equal(made, make_windows(windows, Transform("scaling"), seed=2))


def test_windows_that_cannot_be_drawn_from_are_refused():
    with pytest.raises(DataError, match="at least 2"):
        mixed_windows(np.ones((1, 9)), 3, seed=0)
    with pytest.raises(SettingsError, match="share=-1"):
        jittered_windows(np.ones((2, 9)), 3, seed=0, share=-1)
    with pytest.raises(DataError):
        gaussian_windows(np.full((3, 9), np.nan), 3, seed=0)

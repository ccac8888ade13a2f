import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.stats import wasserstein_distance
from sklearn.linear_model import Ridge

from tsgen.errors import DataError, SettingsError
from tsgen.metrics import (
    autocorrelation,
    autocorrelation_distance,
    frechet_distance,
    linear_predictive_ratio,
    marginal_distance,
    spectral_distance,
    spectrum,
    step_distance,
)

seeds = st.integers(0, 2**31)


def by_matrix_root(a, b):
    root = sqrtm(np.cov(a.T) @ np.cov(b.T))
    shift = a.mean(0) - b.mean(0)
    return shift @ shift + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * np.real(root))


@given(seeds, st.integers(2, 6))
def test_frechet_distance_equals_the_formula_with_a_matrix_root(seed, width):
    draw = np.random.default_rng(seed)
    a = draw.normal(size=(40, width)) @ draw.normal(size=(width, width))
    b = draw.normal(size=(30, width)) + 1.0
    assert frechet_distance(a, b) == pytest.approx(by_matrix_root(a, b), rel=1e-6, abs=1e-8)


def test_frechet_distance_of_diagonal_gaussians_has_its_closed_form():
    n = 20_000
    a = np.random.default_rng(0).normal(size=(n, 2)) * [1.0, 2.0]
    b = np.random.default_rng(1).normal(size=(n, 2)) * [3.0, 2.0] + [1.0, 0.0]
    assert frechet_distance(a, b) == pytest.approx(1.0 + (3.0 - 1.0) ** 2, rel=0.05)


def test_frechet_distance_to_itself_is_zero_even_with_singular_covariances():
    rng = np.random.default_rng(5)
    few = rng.normal(size=(5, 20))
    assert frechet_distance(few, few) == pytest.approx(0.0, abs=1e-12)
    assert frechet_distance(few, few + 2.0) == pytest.approx(20 * 4.0)


def test_frechet_distance_ignores_rotation_and_order():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(50, 4)), 2 * rng.normal(size=(60, 4))
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    expected = frechet_distance(a, b)
    assert frechet_distance(a @ turn, b @ turn) == pytest.approx(expected)
    assert frechet_distance(b, a[::-1]) == pytest.approx(expected)


@given(seeds, st.integers(1, 7), st.integers(1, 7))
def test_marginal_distance_equals_scipy(seed, n, m):
    draw = np.random.default_rng(seed)
    real = draw.integers(0, 5, size=(n, 6)) + np.arange(6)  # with ties
    synthetic = draw.integers(0, 5, size=(m, 4))
    expected = wasserstein_distance(real.ravel(), synthetic.ravel()) / real.std()
    assert marginal_distance(real, synthetic) == pytest.approx(expected)


def test_step_distance_is_the_marginal_distance_of_differences_and_sees_noise():
    rng = np.random.default_rng(5)
    real = np.cumsum(rng.normal(size=(40, 30)), axis=1)
    noisy = real + rng.normal(size=real.shape)
    steps, noisy_steps = np.diff(real), np.diff(noisy)
    expected = wasserstein_distance(steps.ravel(), noisy_steps.ravel()) / steps.std()
    assert step_distance(real, noisy) == pytest.approx(expected)
    assert step_distance(real, noisy) > 5 * marginal_distance(real, noisy)


@given(seeds, st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_distances_of_values_do_not_depend_on_the_unit(seed, factor, shift):
    draw = np.random.default_rng(seed)
    real, synthetic = draw.normal(size=(5, 8)), draw.normal(size=(6, 8)) * 2
    for distance in (marginal_distance, step_distance, autocorrelation_distance):
        scaled = distance(factor * real + shift, factor * synthetic + shift)
        assert scaled == pytest.approx(distance(real, synthetic), rel=1e-6, abs=1e-9)


def slow_autocorrelation(window, max_lag):
    mean = sum(window) / len(window)
    total = sum((x - mean) ** 2 for x in window)
    return [
        sum((window[t] - mean) * (window[t + k] - mean) for t in range(len(window) - k)) / total
        for k in range(1, max_lag + 1)
    ]


def test_autocorrelation_equals_a_plain_loop():
    rng = np.random.default_rng(5)
    windows = rng.normal(size=(3, 17)).cumsum(axis=1)
    slow = [slow_autocorrelation(list(window), 9) for window in windows]
    np.testing.assert_allclose(autocorrelation(windows, 9), slow, atol=1e-12)
    assert autocorrelation(windows).shape == (3, 8)


def test_a_constant_window_has_zero_autocorrelation():
    windows = np.vstack([np.full(12, 0.1), np.arange(12.0)])
    result = autocorrelation(windows, 4)
    np.testing.assert_array_equal(result[0], 0.0)
    assert (result[1, :2] > 0).all()


def test_autocorrelation_distance_is_the_mean_gap_of_mean_autocorrelations():
    rng = np.random.default_rng(5)
    real, synthetic = rng.normal(size=(6, 10)).cumsum(axis=1), rng.normal(size=(5, 10))
    mean = [
        np.mean([slow_autocorrelation(list(w), 5) for w in s], axis=0) for s in (real, synthetic)
    ]
    assert autocorrelation_distance(real, synthetic) == pytest.approx(
        np.abs(mean[0] - mean[1]).mean()
    )


def test_spectrum_equals_a_plain_fourier_sum_and_peaks_at_the_period():
    rng = np.random.default_rng(5)
    windows = rng.normal(size=(4, 12)) + 3 * np.sin(2 * np.pi * np.arange(12) / 4)
    slow = np.zeros(6)
    for window in windows:
        for k in range(1, 7):
            cos = sum(x * math.cos(2 * math.pi * k * t / 12) for t, x in enumerate(window))
            sin = sum(x * math.sin(2 * math.pi * k * t / 12) for t, x in enumerate(window))
            slow[k - 1] += math.log10((cos**2 + sin**2) / 12) / 4
    np.testing.assert_allclose(spectrum(windows, floor=1e-30), slow)
    assert spectrum(windows).argmax() == 2  # 12 / 4 = the third frequency


def test_spectral_distance_counts_decades_of_power():
    rng = np.random.default_rng(5)
    real = rng.normal(size=(10, 16))
    assert spectral_distance(real, real + 7.0) == pytest.approx(0.0, abs=1e-9)
    assert spectral_distance(real, 10 * real) == pytest.approx(2.0)


def test_linear_predictive_ratio_equals_scikit_learn():
    rng = np.random.default_rng(5)
    synthetic, train, test = (rng.normal(size=(n, 20)).cumsum(axis=1) for n in (40, 50, 30))

    def error(windows):
        inputs = windows[:, :15]
        penalty = 0.1 * ((inputs - inputs.mean(0)) ** 2).sum() / 15
        model = Ridge(alpha=penalty, solver="cholesky").fit(inputs, windows[:, 15:])
        return np.abs(model.predict(test[:, :15]) - test[:, 15:]).mean()

    ratio = linear_predictive_ratio(synthetic, train, test, ridge=0.1)
    assert ratio == pytest.approx(error(synthetic) / error(train))
    assert linear_predictive_ratio(train, train, test) == 1.0


def test_linear_predictive_ratio_punishes_windows_without_the_dynamics():
    rng = np.random.default_rng(5)

    def walks(n):
        return rng.normal(size=(n, 24)).cumsum(axis=1)

    train, test = walks(300), walks(300)
    assert linear_predictive_ratio(walks(300), train, test) == pytest.approx(1.0, abs=0.1)
    shuffled = np.random.default_rng(0).permuted(walks(300), axis=1)
    assert linear_predictive_ratio(shuffled, train, test) > 1.3


@pytest.mark.parametrize(
    "metric",
    [
        frechet_distance,
        marginal_distance,
        step_distance,
        autocorrelation_distance,
        spectral_distance,
    ],
)
def test_missing_values_are_refused_with_the_place_and_the_remedy(metric):
    rng = np.random.default_rng(5)
    broken = rng.normal(size=(4, 8))
    broken[2, 3] = np.nan
    with pytest.raises(
        DataError, match=r"1 of 4 windows \(first: window 2\).*Leave those"
    ) as caught:
        metric(rng.normal(size=(4, 8)), broken)
    assert caught.value.row == 2


def test_impossible_inputs_are_refused():
    rng = np.random.default_rng(5)
    flat, windows = np.ones((3, 8)), rng.normal(size=(3, 8))
    with pytest.raises(DataError, match="all 1"):
        marginal_distance(flat, windows)
    with pytest.raises(DataError, match="constant"):
        spectrum(flat)
    with pytest.raises(DataError, match="without error"):
        linear_predictive_ratio(windows, flat, flat)
    with pytest.raises(DataError, match="length 8 and synthetic of length 7"):
        autocorrelation_distance(windows, windows[:, :7])
    with pytest.raises(DataError, match="two dimensions"):
        marginal_distance(windows[0], windows)
    with pytest.raises(SettingsError, match="max_lag=8"):
        autocorrelation(windows, 8)
    with pytest.raises(SettingsError, match="horizon=8"):
        linear_predictive_ratio(windows, windows, windows, horizon=8)

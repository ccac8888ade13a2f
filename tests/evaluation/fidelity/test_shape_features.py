"""Features of windows against plain loops."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgen.errors import DataError
from tsgen.evaluation import (
    SHAPE_FEATURES,
    window_features,
)
from tsgen.metrics import autocorrelation


def slow_longest(flags):
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def slow_features(window):
    """Some of the features, by plain loops over one window."""
    length, mean = len(window), sum(window) / len(window)
    deviation = (sum((x - mean) ** 2 for x in window) / length) ** 0.5
    z = [(x - mean) / deviation for x in window]
    steps = [b - a for a, b in pairwise(z)]
    power = [
        abs(sum(x * np.exp(-2j * np.pi * k * t / length) for t, x in enumerate(z))) ** 2
        for k in range(1, length // 2 + 1)
    ]
    share = [p / sum(power) for p in power]
    return {
        "mean": mean,
        "deviation": deviation,
        "skewness": sum(x**3 for x in z) / length,
        "kurtosis": sum(x**4 for x in z) / length,
        "share_above_mean": sum(x > 0 for x in z) / length,
        "autocorrelation_2": sum(a * b for a, b in zip(z[:-2], z[2:], strict=True)) / length,
        "power_low": sum(p for k, p in enumerate(share, 1) if k / length <= 1 / 16),
        "spectral_centroid": sum(p * k / length for k, p in enumerate(share, 1)),
        "spectral_entropy": -sum(p * np.log(p) for p in share) / np.log(length // 2),
        "largest_step": max(abs(s) for s in steps),
        "turning_points": sum(a * b < 0 for a, b in pairwise(steps)) / (length - 2),
        "longest_run_above_mean": slow_longest([x > 0 for x in z]) / length,
        "longest_rise": slow_longest([s > 0 for s in steps]) / length,
        "trend": np.corrcoef(window, range(length))[0, 1],
    }


@given(st.integers(0, 2**31), st.integers(8, 40))
@settings(max_examples=25)
def test_features_equal_plain_loops(seed, length):
    windows = np.random.default_rng(seed).normal(size=(2, length)).cumsum(axis=1)
    found = window_features(windows)
    assert found.shape == (2, len(SHAPE_FEATURES))
    for row, window in zip(found, windows, strict=True):
        named = dict(zip(SHAPE_FEATURES, row, strict=True))
        for name, slow in slow_features(window.tolist()).items():
            assert named[name] == pytest.approx(slow, abs=1e-9), name


def test_shape_features_ignore_the_unit_and_constants_are_defined():
    rng = np.random.default_rng(2)
    windows = rng.normal(size=(5, 24)).cumsum(axis=1)
    np.testing.assert_allclose(
        window_features(40 * windows - 7)[:, 2:], window_features(windows)[:, 2:], atol=1e-9
    )
    flat = dict(zip(SHAPE_FEATURES, window_features(np.full((1, 12), 0.1))[0], strict=True))
    assert flat.pop("mean") == pytest.approx(0.1)
    assert flat.pop("repeated_values") == 1.0
    assert set(flat.values()) == {0.0}


def named(window):
    return dict(zip(SHAPE_FEATURES, window_features(np.array([window], float))[0], strict=True))


def test_features_of_windows_known_by_eye():
    wave = named(np.sin(2 * np.pi * np.arange(32) / 4))  # a quarter of the frequency
    assert wave["power_low"] == pytest.approx(0, abs=1e-9)
    assert wave["spectral_centroid"] == pytest.approx(1 / 4)
    assert wave["spectral_entropy"] == pytest.approx(0, abs=1e-6)
    slow = named(np.sin(2 * np.pi * np.arange(32) / 16))
    assert slow["power_low"] == pytest.approx(1)
    assert slow["power_high"] == pytest.approx(0, abs=1e-9)
    quick = named(np.cos(np.pi * np.arange(32)))
    assert quick["power_high"] == pytest.approx(1)
    assert quick["turning_points"] == 1.0


def test_positions_steps_and_runs_of_a_short_window():
    found = named([0, 0, 0, 4, 4, 8, 8, 8])
    assert found["median_position"] == pytest.approx(0.5)
    assert found["quartile_width"] == pytest.approx(1.0)
    assert found["repeated_values"] == pytest.approx(5 / 7)
    assert found["share_above_mean"] == pytest.approx(3 / 8)
    assert found["longest_run_above_mean"] == pytest.approx(3 / 8)
    assert found["longest_rise"] == pytest.approx(1 / 8)
    deviation = np.std([0, 0, 0, 4, 4, 8, 8, 8])
    steps = np.array([0, 0, 4, 0, 4, 0, 0]) / deviation
    assert found["step_deviation"] == pytest.approx(steps.std())
    assert found["autocorrelation_quarter"] == pytest.approx(
        autocorrelation([[0, 0, 0, 4, 4, 8, 8, 8]], 4)[0, 3]
    )


def test_windows_are_at_least_eight_steps():
    with pytest.raises(DataError, match="at least 1 of length 8"):
        window_features(np.zeros((2, 7)))

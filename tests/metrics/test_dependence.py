import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.errors import DataError, SettingsError
from tsgen.metrics import cross_correlation, cross_correlation_distance

seeds = st.integers(0, 2**31)


def by_loop(windows, max_lag):
    """Products one by one, by the docstring's words."""
    n, channels, length = windows.shape
    found = []
    for i in range(channels):
        for j in range(i + 1, channels):
            row = []
            for lag in range(-max_lag, max_lag + 1):
                products = []
                for w in range(n):
                    x, y = windows[w, i], windows[w, j]
                    mean = np.nanmean(x), np.nanmean(y)
                    spread = np.nanstd(x), np.nanstd(y)
                    for t in range(length):
                        if 0 <= t + lag < length:
                            flat = np.nanmin(x) == np.nanmax(x) or np.nanmin(y) == np.nanmax(y)
                            a, b = x[t] - mean[0], y[t + lag] - mean[1]
                            if not np.isnan(a * b):
                                products.append(0.0 if flat else a * b / spread[0] / spread[1])
                row.append((length - abs(lag)) / length * np.mean(products))
            found.append(row)
    return np.array(found)


@given(seeds, st.integers(2, 4), st.integers(3, 9), st.booleans())
def test_cross_correlation_equals_a_slow_loop(seed, channels, length, gaps):
    draw = np.random.default_rng(seed)
    windows = draw.normal(5.0, 2.0, (3, channels, length))
    windows[0, 0] = 4.1  # constant
    if gaps:
        for window in windows.reshape(-1, length)[1:]:
            window[draw.integers(0, length)] = np.nan
    found = cross_correlation(windows, 1)
    assert found.shape == (channels * (channels - 1) // 2, 3)
    np.testing.assert_allclose(found, by_loop(windows, 1), atol=1e-12)


def test_of_one_complete_window_at_lag_zero_it_is_the_correlation_coefficient():
    windows = np.random.default_rng(0).normal(size=(1, 3, 40))
    expected = np.corrcoef(windows[0])[np.triu_indices(3, 1)]
    np.testing.assert_allclose(cross_correlation(windows, 0)[:, 0], expected)


def test_a_channel_that_follows_another_peaks_at_its_lag():
    noise = np.random.default_rng(1).normal(size=(50, 43))
    windows = np.stack([noise[:, 3:], noise[:, :-3]], axis=1)  # channel 1 is 3 steps later
    assert cross_correlation(windows, 8)[0].argmax() - 8 == 3
    assert cross_correlation(windows[:, ::-1], 8)[0].argmax() - 8 == -3


@given(seeds)
def test_units_and_the_order_of_windows_do_not_matter(seed):
    draw = np.random.default_rng(seed)
    a, b = draw.normal(size=(2, 6, 3, 12))
    units = np.array([1e-3, 1.0, -40.0])[:, None]
    expected = cross_correlation_distance(a, b)
    signs = np.array([1.0, 1.0, 40.0])[:, None]
    assert cross_correlation_distance(7 + signs * a, signs * b[::-1]) == pytest.approx(expected)
    flipped = cross_correlation(units * a)
    np.testing.assert_allclose(flipped[0], cross_correlation(a)[0], atol=1e-12)
    np.testing.assert_allclose(flipped[1:2], -cross_correlation(a)[1:2], atol=1e-12)


def test_the_distance_sees_that_channels_do_not_go_together():
    draw = np.random.default_rng(3)
    shared = draw.normal(size=(600, 1, 32))
    real, other = (s + 0.3 * draw.normal(size=(300, 2, 32)) for s in np.split(shared, 2))
    apart = np.stack([other[:, 0], other[draw.permutation(300), 1]], axis=1)
    assert cross_correlation_distance(real, real) == 0.0
    assert cross_correlation_distance(real, apart, 2) > 10 * cross_correlation_distance(
        real, other, 2
    )


def test_gaps_at_random_leave_it_where_it_was():
    draw = np.random.default_rng(4)
    shared = np.cumsum(draw.normal(size=(400, 1, 64)), axis=-1)
    windows = shared + draw.normal(size=(400, 2, 64))
    gappy = np.where(draw.random(windows.shape) < 0.3, np.nan, windows)
    assert cross_correlation_distance(windows, gappy) < 0.02


def test_a_pair_never_seen_together_is_nan_and_left_out_of_the_distance():
    windows = np.random.default_rng(5).normal(size=(4, 3, 8))
    windows[:, 0, 4:] = windows[:, 1, :5] = np.nan
    found = cross_correlation(windows, 0)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1:]).all()
    other = np.random.default_rng(6).normal(size=(4, 3, 8))
    expected = np.abs(found - cross_correlation(other, 0))[1:].mean()
    assert cross_correlation_distance(windows, other, 0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        (np.zeros((3, 8)), r"shape \(3, 8\); expected \(windows, channels, steps\)"),
        (np.zeros((3, 1, 8)), "two channels"),
        (np.zeros((0, 2, 8)), "one window"),
        (np.full((1, 2, 8), np.inf), "infinite"),
        ([[["a"]]], "array of numbers"),
    ],
    ids=["flat", "one channel", "none", "infinite", "text"],
)
def test_what_are_no_windows_of_channels_is_refused(windows, message):
    with pytest.raises(DataError, match=message):
        cross_correlation(windows)


def test_impossible_lags_and_unlike_windows_are_refused():
    windows = np.random.default_rng(7).normal(size=(3, 2, 8))
    with pytest.raises(SettingsError, match="max_lag=8 is not possible"):
        cross_correlation(windows, 8)
    with pytest.raises(DataError, match="the same channels"):
        cross_correlation_distance(windows, windows[:, :, :6])
    hidden = np.full_like(windows, np.nan)
    with pytest.raises(DataError, match="No two channels"):
        cross_correlation_distance(windows, hidden)

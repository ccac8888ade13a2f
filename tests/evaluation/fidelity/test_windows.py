import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgen.errors import DataError
from tsgen.evaluation import scale_windows, windows_of
from tsgen.evaluation.fidelity.windows import WindowIndex, series_bounds


def gappy(seed):
    draw = np.random.default_rng(seed)
    rows = [draw.normal(size=draw.integers(1, 15)) for _ in range(4)]
    for row in rows:
        row[draw.random(len(row)) < 0.15] = np.nan
        row[draw.integers(len(row))] = 7.0  # to_dataset may refuse series without any value
    return rows


@given(seed=st.integers(0, 2**31), length=st.integers(2, 6))
@settings(max_examples=25)
def test_windows_are_exactly_the_complete_ones_each_once(make_dataset, seed, length):
    rows = gappy(seed)
    dataset = make_dataset(rows)
    slow = {
        (i, t): row[t : t + length]
        for i, row in enumerate(rows)
        for t in range(len(row) - length + 1)
        if not np.isnan(row[t : t + length]).any()
    }
    in_all = sum(max(len(row) - length + 1, 0) for row in rows)
    if not slow:
        runs = "".join("x" if np.isfinite(v) else " " for r in rows for v in [*r, np.nan]).split()
        with pytest.raises(DataError, match=f"{max(map(len, runs))}. Lower"):
            windows_of(dataset, length, 5, seed=0)
        return
    drawn = windows_of(dataset, length, 10**6, seed=seed)
    places = list(zip(drawn.series.tolist(), drawn.positions.tolist(), strict=True))
    assert sorted(places) == sorted(slow)
    for place, values in zip(places, drawn.values, strict=True):
        np.testing.assert_array_equal(values, slow[place])
    assert (drawn.num_complete, drawn.num_incomplete) == (len(slow), in_all - len(slow))


def test_windows_are_spread_evenly_over_series_of_any_length(make_dataset):
    dataset = make_dataset([np.arange(1000.0), np.arange(30.0), np.arange(8.0)])
    counts = np.bincount(windows_of(dataset, 8, 21, seed=0).series)
    assert counts.tolist() == [10, 10, 1]  # the third has one window only


def test_same_seed_same_windows(make_dataset):
    dataset = make_dataset([np.arange(50.0), np.arange(40.0)])
    first, again, other = (windows_of(dataset, 8, 9, seed=s).values for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_starts_within_a_series_are_uniform(make_dataset):
    index = WindowIndex.over(make_dataset([np.arange(9.0), np.arange(12.0)]), 8)
    drawn = index.uniform_by_series(np.repeat([1, 0], 5000), np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(drawn.positions[:5000]) / 5000, 0.2, atol=0.03)
    np.testing.assert_allclose(np.bincount(drawn.positions[5000:]) / 5000, 0.5, atol=0.03)
    assert drawn.series.tolist() == [1] * 5000 + [0] * 5000


def test_scaling_puts_extremes_at_0_and_1_and_counts_constants():
    windows = np.array([[2.0, 4.0, 3.0], [5.0, 5.0, 5.0]])
    scaled, constant = scale_windows(windows)
    np.testing.assert_array_equal(scaled, [[0.0, 1.0, 0.5], [0.5, 0.5, 0.5]])
    assert constant == 1


def test_series_scaling_uses_the_whole_observed_series(make_dataset):
    dataset = make_dataset([[0.0, np.nan, 10.0, 5.0, 5.0], [3.0, 3.0, 3.0]])
    low, high = series_bounds(dataset)
    assert (low.tolist(), high.tolist()) == ([0.0, 3.0], [10.0, 3.0])
    drawn = windows_of(dataset, 2, 9, seed=0)
    scaled = drawn.min_max(low, high)
    ends = {tuple(row) for row in scaled[drawn.series == 0]}
    assert ends == {(1.0, 0.5), (0.5, 0.5)}
    assert (scaled[drawn.series == 1] == 0.5).all()

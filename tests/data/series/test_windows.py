"""Windows: which may be drawn, how often, and that a read is a slice."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsgen.data.series.windows import WindowSampler, window_starts
from tsgen.errors import DataError


@st.composite
def ragged(draw):
    """Draw (values, offsets): series of different lengths with gaps."""
    lengths = draw(st.lists(st.integers(1, 30), min_size=1, max_size=5))
    share = draw(st.floats(0, 1))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    values = random.normal(size=sum(lengths)).astype(np.float32)
    values[random.random(len(values)) < share] = np.nan
    return values, np.concatenate([[0], np.cumsum(lengths)])


def starts_slowly(values, offsets, length, min_observed):
    found = []
    for i in range(len(offsets) - 1):
        for begin in range(offsets[i], offsets[i + 1] - length + 1):
            observed = sum(not math.isnan(v) for v in values[begin : begin + length])
            if observed >= min_observed * length and observed >= 2:
                found.append(begin)
    return found


@given(ragged(), st.integers(2, 12), st.sampled_from([0.01, 0.25, 0.5, 0.75, 1.0]))
def test_window_starts_are_those_of_a_slow_search(panel, length, min_observed):
    values, offsets = panel
    found = window_starts(values, offsets, length, min_observed)
    assert found.tolist() == starts_slowly(values, offsets, length, min_observed)


@given(ragged(), st.integers(2, 12), st.integers(0, 99))
def test_draws_are_usable_windows_and_reads_are_slices(panel, length, seed):
    values, offsets = panel
    usable = set(starts_slowly(values, offsets, length, 0.5))
    if not usable:
        with pytest.raises(DataError, match=r"target_length"):
            WindowSampler.over(values, offsets, length)
        return
    sampler = WindowSampler.over(values, offsets, length)
    series, position = sampler.draw(50, torch.Generator().manual_seed(seed))
    begins = offsets[series.numpy()] + position.numpy()
    assert set(begins.tolist()) <= usable
    expected = np.stack([values[b : b + length] for b in begins])
    np.testing.assert_array_equal(sampler.read(series, position).numpy(), expected)


def test_series_are_drawn_alike_however_long_and_starts_alike_within_one():
    lengths = np.array([10, 200, 11, 4, 30])  # the fourth is too short
    offsets = np.concatenate([[0], lengths.cumsum()])
    values = np.arange(offsets[-1], dtype=np.float32)
    values[offsets[4] + 12 : offsets[4] + 18] = np.nan  # a gap in the last one
    sampler = WindowSampler.over(values, offsets, 8, min_observed=1.0)
    size = 40_000
    series, position = sampler.draw(size, torch.Generator().manual_seed(5))
    counts = np.bincount(series.numpy(), minlength=5)
    assert counts[3] == 0
    expected = size / 4
    assert (np.abs(counts[[0, 1, 2, 4]] - expected) < 5 * math.sqrt(expected)).all()
    within = np.bincount(position[series == 4].numpy(), minlength=23)
    usable = [*range(5), *range(18, 23)]
    assert set(np.flatnonzero(within)) == set(usable)
    expected = counts[4] / len(usable)
    assert (np.abs(within[usable] - expected) < 5 * math.sqrt(expected)).all()


def test_a_refusal_says_how_long_the_longest_series_is():
    with pytest.raises(DataError, match="longest series has 5 steps; target_length=8"):
        WindowSampler.over(np.ones(8, np.float32), np.array([0, 3, 8]), 8)


def test_a_refusal_says_that_too_little_is_observed():
    values = np.full(20, np.nan, np.float32)
    values[::5] = 1.0
    with pytest.raises(DataError, match="No window of 8 steps has 50 % of its steps observed"):
        WindowSampler.over(values, np.array([0, 20]), 8)


def test_memory_is_proportional_to_the_data():
    count, length = 2_000, 100
    values = np.zeros(count * length, np.float32)
    sampler = WindowSampler.over(values, np.arange(count + 1) * length, 64)
    tensors = [t for t in vars(sampler).values() if isinstance(t, torch.Tensor)]
    held = sum(t.numel() * t.element_size() for t in tensors)
    assert held < 4 * values.nbytes  # a window matrix would be over 20 times as large


def test_short_series_go_on_with_missing_values():
    from tsgen.data.series import padded

    values, offsets = np.arange(12.0).reshape(2, 6), np.array([0, 2, 6])
    longer, ends = padded(values, offsets, 3)
    nan = np.nan
    assert ends.tolist() == [0, 3, 7]
    expected = [[0, 1, nan, 2, 3, 4, 5], [6, 7, nan, 8, 9, 10, 11]]
    np.testing.assert_array_equal(longer, expected)
    assert padded(values, offsets, 2)[0] is values

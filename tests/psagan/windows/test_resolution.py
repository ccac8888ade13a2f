"""Levels and the ways between them, against loops that look at one step at a time."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsgen.psagan.windows import coarsen, halve, level_lengths, resize


@given(st.integers(8, 1024))
def test_levels_halve_down_to_at_most_8(length):
    lengths = level_lengths(length)
    assert lengths[-1] == length
    assert 4 < lengths[0] <= 8
    for coarse, fine in pairwise(lengths):
        assert coarse == (fine + 1) // 2


def coarsen_slowly(window, lengths, stage):
    """Average bins as torch's adaptive pooling cuts them, over what is observed."""
    for coarse in reversed(lengths[stage:-1]):
        fine = len(window)
        bins = [window[i * fine // coarse : -(-(i + 1) * fine // coarse)] for i in range(coarse)]
        window = np.array([np.nan if np.isnan(part).all() else np.nanmean(part) for part in bins])
    return window


@given(
    length=st.sampled_from([16, 23, 32, 50]),
    share=st.floats(0, 1),
    seed=st.integers(0, 999),
    data=st.data(),
)
def test_coarse_windows_average_what_is_observed(length, share, seed, data):
    lengths = level_lengths(length)
    stage = data.draw(st.integers(0, len(lengths) - 1))
    random = np.random.default_rng(seed)
    windows = random.normal(size=(3, length))
    windows[random.random((3, length)) < share] = np.nan
    found = coarsen(torch.tensor(windows), lengths, stage).numpy()
    expected = np.stack([coarsen_slowly(window, lengths, stage) for window in windows])
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(("length", "half"), [(16, 8), (13, 7)])
def test_halving_averages_pairs_or_overlapping_bins(length, half):
    x = torch.randn(2, 3, length, dtype=torch.float64)
    made = halve(x, half)
    for i in range(half):
        part = x[..., i * length // half : -(-(i + 1) * length // half)]
        torch.testing.assert_close(made[..., i], part.mean(dim=-1))


def test_resizing_is_linear_between_the_middles_of_steps():
    x = torch.arange(4, dtype=torch.float64).reshape(1, 1, 4)
    made = resize(x, 8)[0, 0].numpy()
    places = np.clip((np.arange(8) + 0.5) / 2 - 0.5, 0, 3)
    np.testing.assert_allclose(made, np.interp(places, np.arange(4), x[0, 0].numpy()))
    assert torch.equal(resize(x, 4), x)


def test_channels_are_coarsened_apart():
    windows = torch.randn(5, 3, 13).masked_fill(torch.rand(5, 3, 13) < 0.3, torch.nan)
    together = coarsen(windows, (4, 7, 13), 0)
    for k in range(3):
        one = coarsen(windows[:, k], (4, 7, 13), 0)
        assert torch.equal(together[:, k].nan_to_num(9), one.nan_to_num(9))

"""Levels and resolutions, against loops that look at one step at a time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tsgen.data.series import Calendar
from tsgen.psagan.windows import StaticNumbers
from tsgen.psagan.windows.conditions import Conditions, WindowConditions
from tsgen.psagan.windows.resolution import level_lengths


def coarsen_slowly(window, lengths, stage):
    """Average bins as torch's adaptive pooling cuts them, over what is observed."""
    for coarse in reversed(lengths[stage:-1]):
        fine = len(window)
        bins = [window[i * fine // coarse : -(-(i + 1) * fine // coarse)] for i in range(coarse)]
        window = np.array([np.nan if np.isnan(part).all() else np.nanmean(part) for part in bins])
    return window


@pytest.mark.parametrize("length", [32, 50])
def test_conditions_are_averaged_to_every_level(length):
    lengths = level_lengths(length)
    features = torch.tensor(np.random.default_rng(0).normal(size=(2, 3, length)))
    zero = torch.zeros(2, dtype=torch.int64)
    conditions = Conditions.at_levels(zero, zero[:, None], features, lengths)
    assert [level.shape[2] for level in conditions.time] == list(lengths)
    for stage, level in enumerate(conditions.time):
        for b in range(2):
            for f in range(3):
                slow = coarsen_slowly(features[b, f].numpy(), lengths, stage)
                np.testing.assert_allclose(level[b, f], slow)


def test_a_batch_twice_repeats_every_condition():
    series, static = torch.arange(3), torch.arange(6).reshape(3, 2)
    twice = Conditions(series, static, [torch.ones(3, 2, 8), torch.ones(3, 2, 16)]).twice()
    assert twice.series.tolist() == [0, 1, 2, 0, 1, 2]
    assert twice.static.shape == (6, 2)
    assert [level.shape for level in twice.time] == [(6, 2, 8), (6, 2, 16)]


def test_statics_are_codes_or_what_describes_them():
    codes, real = np.array([[1], [2], [1], [2]]), np.arange(4.0)[:, None]
    bare = WindowConditions(Calendar.for_span("h", 60, "cyclic"), (8, 16), "none", 60)
    assert bare.static_width == 0
    assert bare.static_inputs(codes, real) is codes
    statics = StaticNumbers.learnt("columns", codes, real, ("shop",), (("x", "y"),))
    described = replace(bare, statics=statics)
    assert described.static_width == statics.width
    np.testing.assert_array_equal(described.static_inputs(codes, real), statics(codes, real))

"""Where values pile up between their bounds."""

import numpy as np
import pytest

from tsgen.psagan.memory.pile_ups import inner_pile_ups


def inner_pile_up(values, spacing):
    """The most frequent pile-up, and its share."""
    return tuple(inner_pile_ups(values, spacing)[:, 0])


def flows(share=0.25, seed=1):
    """Values of both signs, a share of them exactly zero."""
    draw = np.random.default_rng(seed)
    return np.where(draw.random(400) < share, 0.0, draw.normal(size=400))


def test_zeros_among_both_signs_and_any_other_value_are_pile_ups():
    values = flows()
    assert inner_pile_up(values, 0.0) == (0.0, (values == 0).mean())
    assert inner_pile_up(values + 50, 0.0)[0] == 50.0
    gaps = values.copy()
    gaps[::7] = np.nan
    assert inner_pile_up(gaps, 0.0)[1] == (gaps == 0).sum() / np.isfinite(gaps).sum()


def test_a_bound_is_none_and_neither_is_a_value_that_rounding_alone_would_fill():
    clipped = np.maximum(flows(0.0), 0.0)
    assert np.isnan(inner_pile_up(clipped, 0.0)[0])
    counts = np.random.default_rng(1).poisson(2, 400) - 2.0
    assert np.isnan(inner_pile_up(counts, 1.0)[0])  # on a grid, the most frequent is no pile-up
    assert inner_pile_up(counts, 0.0)[0] in (-1.0, 0.0)  # without one it is
    few = np.clip(np.round(60 + 50 * np.random.default_rng(2).normal(size=300)), 0, 100)
    assert np.isnan(inner_pile_up(few, 1.0)[0])  # one of many levels is often by luck
    more = np.where(np.random.default_rng(2).random(400) < 0.4, 0.0, counts)
    assert inner_pile_up(more, 1.0) == (0.0, (more == 0).mean())


@pytest.mark.parametrize(("length", "which"), [(9, False), (60, True)])
def test_one_short_stretch_is_a_plateau_and_one_long_stretch_a_pile_up(length, which):
    values = flows(0.0)
    values[100 : 100 + length] = 0.0
    assert np.isfinite(inner_pile_up(values, 0.0)[0]) == which
    values[[0, 399]] = 0.0  # three stretches
    assert inner_pile_up(values, 0.0)[0] == 0.0


def test_little_is_not_enough():
    values = flows(0.0)
    values[[3, 77, 200]] = 0.0  # three of 400
    assert np.isnan(inner_pile_up(values, 0.0)[0])
    for few in ([], [np.nan], [1.0, 1.0], [1.0, 2.0, 2.0]):
        assert inner_pile_up(np.array(few, float), 0.0)[1] == 0.0


@pytest.mark.parametrize(("times", "which"), [(190, False), (210, True)])
def test_a_pile_up_is_twice_as_frequent_as_its_neighbours_however_many_there_are(times, which):
    """Of 100 each, 150 would be more than luck, and may still be a hump of the distribution."""
    values = np.concatenate([np.repeat(np.arange(-3.0, 4.0), 100), np.zeros(times - 100)])
    values = np.random.default_rng(1).permutation(values)
    assert np.isfinite(inner_pile_up(values, 1.0)[0]) == which


def thermostat(points, share=0.3, grid=0.0, seed=1):
    """Temperatures of a house that is held at set points a good part of the time."""
    draw = np.random.default_rng(seed)
    held = draw.random(800) < share
    values = np.where(held, draw.choice(points, 800), draw.normal(20, 3, 800))
    return np.round(values / grid) * grid if grid else values


@pytest.mark.parametrize("grid", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("points", [(18.0, 21.0), (17.0, 20.0, 23.0), (20.0, 21.0)])
def test_several_set_points_are_found_each_with_its_share(points, grid):
    values = thermostat(points, 0.6 if grid == 0.5 else 0.3, grid)
    modes, shares = inner_pile_ups(values, grid)
    assert sorted(modes[: len(points)]) == list(points)
    assert np.isnan(modes[len(points) :]).all()
    assert not shares[len(points) :].any()
    for mode, share in zip(modes[: len(points)], shares, strict=False):
        assert share == (values == mode).mean()


def test_a_hump_of_levels_next_to_each_other_is_none():
    values = np.repeat(np.arange(9.0), [4, 4, 4, 60, 70, 60, 4, 4, 4])
    assert np.isnan(inner_pile_ups(np.random.default_rng(1).permutation(values), 1.0)[0]).all()


def test_a_series_of_chance_alone_has_hardly_ever_one():
    found = 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        for values in (draw.normal(size=300), draw.gamma(2.0, 5.0, 300)):
            for grid in (0.1, 1.0):
                rounded = np.round(values * 3 / grid) * grid
                found += bool(np.isfinite(inner_pile_ups(rounded, grid)[0]).any())
    assert found <= 4  # of 400

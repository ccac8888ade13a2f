"""Grids: the unit that values were written in, exact decimals, and no grid where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.grids import NO_GRID, find_grid, on_grid, unrounded

VALUES = np.random.default_rng(0).normal(50, 20, 400)


@pytest.mark.parametrize(
    ("values", "step", "offset"),
    [
        (np.round(VALUES), 1, 0),
        (np.round(VALUES, 1), 0.1, 0),
        (np.round(VALUES, 2), 0.01, 0),
        (np.round(VALUES * 2) / 2, 0.5, 0),
        (np.round(VALUES / 5) * 5, 5, 0),
        (np.round(VALUES) * 1000, 1000, 0),
        (np.round(VALUES * 1e5, 2), 0.01, 0),
        (np.round(VALUES) + 0.25, 1, 0.25),
        (np.round(VALUES) * np.pi, np.pi, 0),
        (np.round(VALUES * 1e3) * np.pi, np.pi, 0),
        (np.round(VALUES, 1).astype(np.float32), 0.1, 0),
        ((np.round(VALUES) * np.pi).astype(np.float32), np.pi, 0),
        ((VALUES > 50) * 1.0, 1, 0),
        (-np.round(VALUES, 1), 0.1, 0),
        (np.where(np.arange(400) % 3 == 0, np.nan, np.round(VALUES)), 1, 0),
    ],
)
def test_the_unit_of_the_values_is_found(values, step, offset):
    found = find_grid(values)
    assert found[0] / found[2] == pytest.approx(step, rel=1e-6)
    off = (found[1] / found[2] - offset) / step
    assert off == pytest.approx(np.round(off), abs=1e-4)


@pytest.mark.parametrize(
    "values",
    [
        VALUES,
        VALUES.astype(np.float32),
        1e6 + VALUES,
        VALUES[:3],
        VALUES[:3].astype(np.float32),
        np.full(50, 7.3),
        np.full(9, np.nan),
        np.array([]),
        np.round(VALUES) + 1e-4 * VALUES,
    ],
)
def test_there_is_no_grid_where_values_lie_anywhere(values):
    assert find_grid(values) == NO_GRID


@pytest.mark.parametrize(("digits", "step"), [(0, 1), (1, 0.1), (2, 0.01)])
def test_a_few_strays_do_not_hide_a_decimal_grid(digits, step):
    values = np.round(VALUES, digits)
    values[-40::10] = VALUES[-40::10]
    found = find_grid(values)
    assert found[0] / found[2] == pytest.approx(step)
    many = values.copy()
    many[-40::2] = VALUES[-40::2]
    assert find_grid(many) == NO_GRID


def test_a_few_strays_on_a_finer_grid_do_not_hide_a_coarser_one():
    corrected = np.round(VALUES)
    corrected[-40::10] += 0.37
    assert find_grid(corrected) == (1, 0, 1)
    corrected[-40::4] += 0.37
    assert find_grid(corrected) == (1, 0, 100)
    for unit in (10.0, 5.0, 0.5, 0.25):
        strayed = np.round(VALUES / unit) * unit
        strayed[-20] += 0.4 * unit
        step, offset, divisor = find_grid(strayed)
        assert (step / divisor, offset / divisor) == (unit, 0)
    few = np.r_[np.arange(12.0), 3.37]
    assert find_grid(few) == (1, 0, 100)


def test_zeros_among_values_anywhere_are_no_grid():
    assert find_grid(np.where(np.arange(400) % 12 == 0, VALUES, 0.0)) == NO_GRID


def test_the_latest_grid_counts_whether_finer_or_coarser():
    finer = np.r_[np.round(VALUES[:300]), np.round(VALUES[300:], 2)]
    coarser = np.r_[np.round(VALUES[:300], 2), np.round(VALUES[300:])]
    assert find_grid(finer) == (1, 0, 100)
    assert find_grid(coarser) == (1, 0, 1)


def test_few_distinct_values_at_the_end_do_not_make_the_grid_coarser():
    counts = np.random.default_rng(1).poisson(5, 300).astype(float)
    counts[-40:] = np.where(np.arange(40) % 2, 0, 4)
    assert find_grid(counts) == (1, 0, 1)


@given(
    st.integers(1, 999),
    st.integers(0, 4),
    st.lists(st.integers(-5000, 5000), min_size=4, max_size=31),
)
def test_decimal_values_come_back_to_the_last_bit(step, digits, numbers):
    values = np.array(numbers) * step / 10.0**digits
    grid = find_grid(values)
    if grid == NO_GRID:
        assert len(np.unique(values)) < 2
        return
    near = values + 0.2 * grid[0] / grid[2]
    again = on_grid(near, *(np.float64(part) for part in grid))
    np.testing.assert_array_equal(again, values)


def test_values_of_one_grid_become_the_nearest_of_another():
    found = on_grid(np.array([[0.26, -0.26], [7.4, 7.6]]), *np.array(
        [[[1.0], [0.0]], [[0.0], [0.0]], [[2.0], [1.0]]]
    ))  # fmt: skip
    np.testing.assert_array_equal(found, [[0.5, -0.5], [7.4, 7.6]])


def test_rounding_is_removed_by_noise_of_half_a_unit():
    windows = np.stack([np.round(VALUES[:64]), np.round(VALUES[64:128], 1), VALUES[128:192]])
    noisy = unrounded(windows, seed=1)
    off = np.abs(noisy - windows).max(axis=1)
    assert 0.4 < off[0] <= 0.5
    assert 0.04 < off[1] <= 0.05
    assert off[2] == 0
    assert len(np.unique(noisy[0])) == 64

"""Statics of series as the networks see them: known kinds, unknown ones, saved."""

import numpy as np
import pytest

from tsgen.errors import DataError, DataWarning
from tsgen.psagan.windows import StaticNumbers

NAMES, CATEGORIES = ("store", "size class"), (("North Hall", "South", "B 3"), (1, 2))


def series(num=60):
    random = np.random.default_rng(0)
    static = np.column_stack([random.integers(1, 4, num), random.integers(1, 3, num)])
    return static, random.normal(100.0, 5.0, (num, 1))


@pytest.fixture(scope="module")
def statics():
    return StaticNumbers.learnt("columns", *series(), NAMES, CATEGORIES)


def test_the_numbers_of_training_have_mean_0_and_together_a_mean_square_of_1(statics):
    numbers = statics(*series())
    varied = numbers.std(axis=0) > 0
    np.testing.assert_allclose(numbers.mean(axis=0), 0.0, atol=1e-5)
    np.testing.assert_allclose(numbers.std(axis=0)[varied], statics.width**-0.5, rtol=1e-4)


def test_a_static_number_and_a_category_change_them(statics):
    static, real = series(1)
    here = statics(static, real)
    assert not np.allclose(here, statics(static, real + 10))
    assert not np.allclose(here, statics(static % 3 + 1, real))


def test_codes_that_training_had_not_are_one_unknown_kind(statics):
    _, real = series(1)
    unknown, later = (statics(np.array([[code, 1]]), real) for code in (0, 9))
    np.testing.assert_array_equal(unknown, later)
    assert np.isfinite(unknown).all()


def test_series_without_the_static_numbers_count_as_missing_and_are_said(statics):
    static, _ = series(2)
    with pytest.warns(DataWarning, match="trained with 1 static numbers, 2 series have 0"):
        numbers = statics(static, np.zeros((2, 0)))
    np.testing.assert_array_equal(numbers, statics(static, np.full((2, 1), np.nan)))


def test_they_come_back_from_facts_and_arrays(statics):
    again = StaticNumbers.restored(statics.to_json(), statics.arrays())
    np.testing.assert_array_equal(again(*series()), statics(*series()))
    assert again.categories == CATEGORIES


def test_series_without_statics_are_refused():
    with pytest.raises(DataError, match="statics='columns' describes static categories"):
        StaticNumbers.learnt("columns", np.zeros((3, 0), int), np.zeros((3, 0)), (), ())


def test_a_static_number_that_no_series_has_is_said():
    static, real = series()
    both = np.concatenate([real, np.full_like(real, np.nan)], axis=1)
    with pytest.warns(DataWarning, match="static_real_1: these static numbers are missing in all"):
        learnt = StaticNumbers.learnt("columns", static, both, NAMES, CATEGORIES)
    assert np.isfinite(learnt(static, both)).all()

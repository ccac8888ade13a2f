"""Plain fillings against a loop over one series."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.evaluation.forecast.filling import FILLINGS, moving_average, seasonal_fill

NAN = np.nan


def test_the_moving_average_is_that_of_ten_steps_filled_ones_included(make_dataset):
    row = np.arange(30.0)
    row[[12, 13, 29]] = NAN
    short = np.array([NAN, NAN, 4.0, 6.0, NAN])
    filled = moving_average(make_dataset([row, short]))
    expected = row.copy()
    for t in (12, 13, 29):
        expected[t] = expected[t - 10 : t].mean()
    np.testing.assert_allclose(filled[:30], expected)
    np.testing.assert_allclose(filled[30:], [5.0, 5.0, 4.0, 6.0, 5.0])


def test_the_seasonal_fill_repeats_the_last_season(make_dataset):
    row = np.array([1.0, 2, 3, 4, NAN, NAN, 7, NAN, NAN])
    filled = seasonal_fill(make_dataset([row]), season=3)
    np.testing.assert_allclose(filled, [1, 2, 3, 4, 2, 3, 7, 2, 3])


@pytest.mark.parametrize("name", sorted(FILLINGS))
def test_nothing_later_matters(make_dataset, name):
    rows = np.random.default_rng(0).normal(size=(3, 40))
    rows[:, 20:25] = NAN
    changed = rows.copy()
    changed[:, 25:] += 5
    first, second = (FILLINGS[name](make_dataset(r), 7).reshape(3, 40) for r in (rows, changed))
    np.testing.assert_array_equal(first[:, :25], second[:, :25])


@pytest.mark.parametrize("name", sorted(FILLINGS))
def test_a_series_without_a_value_stays_missing(make_dataset, name):
    dataset = make_dataset([np.arange(12.0), np.ones(12)])
    hidden = replace(dataset, values=np.where(np.arange(24) < 12, NAN, dataset.values))
    filled = FILLINGS[name](hidden, 3)
    assert np.isnan(filled[:12]).all()
    assert (filled[12:] == 1).all()

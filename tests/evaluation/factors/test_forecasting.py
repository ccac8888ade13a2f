"""The forecaster learns from the windows it is given; a change is relative, with its interval."""

import numpy as np
import pytest

from tsgen.evaluation.factors.forecasting import change, forecast_errors


def waves(periods, seed):
    random = np.random.default_rng(seed)
    steps, phase = np.arange(32), random.uniform(0, 2 * np.pi, (200, 1))
    chosen = random.choice(periods, (200, 1))
    return np.sin(2 * np.pi * steps / chosen + phase) * random.uniform(1, 5, (200, 1))


def test_windows_of_the_kind_asked_for_make_its_forecasts_better():
    others, same, test = waves([6.0], 1), waves([9.0, 13.0], 2), waves([9.0, 13.0], 3)
    alone = forecast_errors(others, test, seed=1)
    both = forecast_errors(np.concatenate([others, same]), test, seed=1)
    value, low, high = change(both, alone)
    assert low < value < high < -0.3
    assert (forecast_errors(others, test, seed=1) == alone).all()


def test_a_change_is_of_the_mean_with_a_paired_interval():
    alone, both = np.array([1.0, 3.0, 2.0]), np.array([0.5, 2.0, 1.0])
    value, low, high = change(both, alone)
    differences = both - alone
    half = 1.96 * differences.std(ddof=1) / 3**0.5
    assert value == pytest.approx(differences.mean() / 2)
    assert (low, high) == pytest.approx(
        ((differences.mean() - half) / 2, (differences.mean() + half) / 2)
    )


def test_scale_and_level_of_the_test_windows_do_not_matter():
    training, test = waves([9.0], 1), waves([9.0], 2)
    errors = forecast_errors(training, test, seed=1)
    np.testing.assert_allclose(forecast_errors(training, 100 + 3 * test, seed=1), 9 * errors)

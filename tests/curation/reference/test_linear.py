"""The linear reference forecaster, against scikit-learn."""

import numpy as np
import pytest

from tsgen.curation.reference import (
    LEVELS,
    ForecastWindows,
    Member,
    fit_linear,
    linear_stack,
    regression,
    training_windows,
)
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError

REAL = simulate_series(num_series=5, length=80, seed=1)
WINDOWS = training_windows(REAL, 12, 6)


def test_the_linear_forecaster_solves_the_weighted_ridge_problem():
    from sklearn.linear_model import Ridge

    weights = np.random.default_rng(0).uniform(0.1, 2, len(WINDOWS))
    fitted = fit_linear(WINDOWS, weights, ridge=2.0)
    past, future, _ = WINDOWS.read()
    inputs = np.concatenate([past, np.ones((len(past), 1))], axis=1)
    oracle = Ridge(2.0, fit_intercept=False).fit(inputs, future, sample_weight=weights)
    np.testing.assert_allclose(fitted.coefficients, oracle.coef_.T, atol=1e-8)
    assert (np.diff(fitted.residuals, axis=1) >= 0).all()


def test_a_weight_of_0_is_a_window_left_out():
    weights = np.zeros(len(WINDOWS))
    weights[:100] = 1.0
    left_out, short = fit_linear(WINDOWS, weights), fit_linear(WINDOWS.take(np.arange(100)))
    np.testing.assert_allclose(left_out.coefficients, short.coefficients)
    np.testing.assert_allclose(left_out.residuals, short.residuals)


def test_quantiles_are_the_fitted_line_and_the_residuals_in_original_units():
    fitted = fit_linear(WINDOWS)
    past, future, scale = WINDOWS.read()
    inputs = np.concatenate([past, np.ones((len(past), 1))], axis=1)
    centre = inputs @ fitted.coefficients
    around = np.quantile(future - centre, LEVELS, axis=0)  # (Q, L)
    for window in (0, 111):
        for step in (0, 5):
            expected = (centre[window, step] + around[:, step]) * scale[window]
            np.testing.assert_allclose(fitted.quantiles(WINDOWS)[window, step], expected)


def test_windows_with_a_gap_in_their_future_are_left_out_of_the_fit():
    target = np.sin(np.arange(60.0))
    target[30] = np.nan
    entry = {"item_id": "a", "start": "2024-01-01", "target": target}
    windows = training_windows(to_dataset([entry], freq="h"), 8, 4)
    x, y, kept = regression(windows)
    begins = windows.begins - windows.firsts
    assert begins[~kept].tolist() == [30, 29, 28, 27]
    assert len(x) == len(y) == kept.sum()
    assert (x[:, -1] == 1).all()
    weights = np.where(kept, 1.0, 99.0)
    np.testing.assert_allclose(
        fit_linear(windows, weights).coefficients, fit_linear(windows).coefficients
    )
    with pytest.raises(DataError, match="No window has a complete future"):
        regression(windows.take(~kept))


def test_a_stack_is_what_weighted_windows_give_alone():
    real = training_windows(simulate_series(num_series=4, length=60, seed=1), 12, 6)
    made = training_windows(simulate_series(num_series=7, length=50, seed=2), 12, 6)
    members = [Member(1), Member(2, ((0, 0.25), (1, 0.75)))]
    alone, mixed = linear_stack(members, [real, made], ridge=3.0)
    np.testing.assert_allclose(alone.coefficients, fit_linear(real, ridge=3.0).coefficients)
    np.testing.assert_allclose(alone.residuals, fit_linear(real, ridge=3.0).residuals)
    both = ForecastWindows.concat([real, made])
    weights = np.repeat([0.25, 0.75 * len(real) / len(made)], [len(real), len(made)])
    expected = fit_linear(both, weights, ridge=3.0).coefficients
    np.testing.assert_allclose(mixed.coefficients, expected, rtol=1e-8)
    x, y, _ = regression(real)
    np.testing.assert_allclose(mixed.residuals[:, 4], np.median(y - x @ mixed.coefficients, axis=0))

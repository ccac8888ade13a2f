"""The reference forecasters: a stack is its members, windows are what a slow loop reads."""

import numpy as np
import pandas as pd
import pytest

from tsgen.curation.choosing import window_losses
from tsgen.curation.reference import (
    LEVELS,
    ForecastWindows,
    Member,
    NetworkSettings,
    fit_linear,
    rolling_windows,
    train_stack,
    training_windows,
)
from tsgen.data import simulate_series, to_dataset

REAL = simulate_series(num_series=5, length=80, seed=1)
SETTINGS = NetworkSettings(
    hidden_size=8, batch_size=16, max_steps=200, check_every=5, patience=2, learning_rate=0.05
)


def windows_and_stop(dataset=REAL):
    ends = dataset.lengths - 6
    inner = dataset.cut(np.arange(len(dataset)), np.zeros_like(ends), ends)
    return training_windows(inner, 12, 6), rolling_windows(dataset, 12, 6, 1)


def test_windows_equal_a_slow_loop():
    draw = np.random.default_rng(0)
    entries = [
        {"item_id": str(i), "start": pd.Period("2024-01-01", "h"),
         "target": np.where(draw.random(n) < 0.2, np.nan, draw.normal(5, 2, n))}
        for i, n in enumerate((20, 31))
    ]  # fmt: skip
    dataset = to_dataset(entries)
    windows = training_windows(dataset, 7, 3, stride=2)
    past, future, scale = windows.read()
    at = 0
    for i, n in enumerate((20, 31)):
        series = dataset.series(i)
        level = np.nanmean(np.abs(series))
        for begin in range(n - 3, 2, -2):
            before = np.concatenate([np.full(7, np.nan), series])[begin : begin + 7]
            assert windows.series[at] == i
            expected = max(np.nanmean(np.abs(before)), 0.1 * level)
            assert scale[at] == pytest.approx(expected)
            filled = np.where(np.isnan(before), np.nanmean(before), before)
            np.testing.assert_allclose(past[at] * scale[at], filled)
            np.testing.assert_allclose(future[at] * scale[at], series[begin : begin + 3])
            at += 1
    assert at == len(windows)


def test_windows_of_several_datasets_are_those_of_each():
    first, second = training_windows(REAL, 12, 6), training_windows(REAL.subset([3]), 12, 6)
    joined = ForecastWindows.concat([first, second])
    for one, two in zip(joined.read(), zip(first.read(), second.read(), strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(two))


def test_a_stack_equals_its_members_trained_alone():
    real, stopping = windows_and_stop()
    other = training_windows(simulate_series(num_series=4, length=60, seed=2), 12, 6)
    mixed = ((0, 0.5), (1, 0.5))
    members = [Member(3), Member(3, mixed), Member(7), Member(9, ((1, 1.0),))]
    stack = train_stack(members, [real, other], stopping, SETTINGS)
    together = stack.quantiles(stopping)
    for place, member in enumerate(members):
        alone = train_stack([member], [real, other], stopping, SETTINGS)
        assert alone.steps[0] == stack.steps[place]
        np.testing.assert_allclose(alone.quantiles(stopping)[0], together[place], rtol=1e-4)
    assert len(set(stack.steps)) > 1  # each stops by itself


def test_networks_learn_more_than_the_mean():
    hours = np.arange(240)
    rows = [10 + k + 3 * np.sin(2 * np.pi * (hours + k) / 12) for k in range(6)]
    start = pd.Period("2024-01-01", "h")
    series = to_dataset(
        [{"item_id": str(k), "start": start, "target": row} for k, row in enumerate(rows)]
    )
    real, stopping = windows_and_stop(series)
    network = train_stack([Member(1)], [real], stopping, NetworkSettings(max_steps=300))
    lost = window_losses(network.quantiles(stopping), stopping).sum()
    mean = np.repeat(stopping.read()[0].mean(axis=1) * stopping.read()[2], 6).reshape(-1, 6, 1)
    assert lost < 0.3 * window_losses(np.repeat(mean, 9, axis=2), stopping).sum()


def test_losses_are_gluonts_weighted_quantile_loss():
    from gluonts.ev.metrics import MeanWeightedSumQuantileLoss

    windows = rolling_windows(REAL, 12, 6, 2)
    _, future, scale = windows.read()
    truth = future * scale[:, None]
    draw = np.random.default_rng(0)
    quantiles = np.sort(draw.normal(size=(len(windows), 6, 9)) + truth[..., None], axis=-1)
    ours = window_losses(quantiles, windows).sum() / np.abs(truth).sum()
    data = {"label": truth} | {str(q): quantiles[..., k] for k, q in enumerate(LEVELS)}
    theirs = MeanWeightedSumQuantileLoss(list(LEVELS))(axis=None).update(data).get()
    assert ours == pytest.approx(float(theirs))


def test_the_linear_forecaster_solves_the_weighted_ridge_problem():
    from sklearn.linear_model import Ridge

    windows, _ = windows_and_stop()
    weights = np.random.default_rng(0).uniform(0.1, 2, len(windows))
    fitted = fit_linear(windows, weights, ridge=2.0)
    past, future, _ = windows.read()
    inputs = np.concatenate([past, np.ones((len(past), 1))], axis=1)
    oracle = Ridge(2.0, fit_intercept=False).fit(inputs, future, sample_weight=weights)
    np.testing.assert_allclose(fitted.coefficients, oracle.coef_.T, atol=1e-8)
    assert (np.diff(fitted.residuals, axis=1) >= 0).all()

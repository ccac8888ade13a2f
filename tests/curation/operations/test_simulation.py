"""Fit and simulate: what of a series stays, and what is drawn anew."""

import importlib

import numpy as np
import pytest

from operation_panels import augmented_series, one
from tsgen.curation.operations import simulation
from tsgen.errors import MissingExtraError, SettingsError


@pytest.mark.parametrize("model", ["stl", "ets"])
def test_fit_and_simulate_keeps_level_season_and_sign(model):
    draw = np.random.default_rng(0)
    steps = np.arange(120)
    values = np.exp(
        3 + 0.005 * steps + np.sin(2 * np.pi * steps / 12) + 0.1 * draw.normal(size=120)
    )
    made = augmented_series(one(values, "M"), "fit_and_simulate", 5.0, 12, seed=1, model=model)
    rows = made.values.reshape(5, 120)
    assert (rows > 0).all()
    assert all(np.corrcoef(np.log(row), np.log(values))[0, 1] > 0.8 for row in rows)
    assert np.abs(rows - values).max() > 1
    assert len({row.tobytes() for row in rows}) == 5


def test_what_cannot_be_fitted_stays_as_it_is():
    made = augmented_series(one(np.full(50, 3.0)), "fit_and_simulate", 2.0, 12, seed=1)
    np.testing.assert_array_equal(made.values, 3.0)


STEPS = np.arange(96)
WAVE = np.sin(2 * np.pi * STEPS / 12)


def test_stl_keeps_trend_and_season_and_moves_whole_blocks_of_remainders():
    from statsmodels.tsa.seasonal import STL

    values = WAVE + 0.3 * np.random.default_rng(0).normal(size=96)  # of both signs: no logarithms
    parts = STL(values, period=12).fit()
    made = augmented_series(one(values), "fit_and_simulate", 1.0, 12, seed=1, model="stl").values
    drawn = made - (parts.trend + parts.seasonal)
    places = [int(np.abs(parts.resid - value).argmin()) for value in drawn]
    np.testing.assert_allclose(drawn, parts.resid[places], atol=1e-5)
    jumps = np.flatnonzero(np.diff(places) != 1)
    assert 1 <= len(jumps) <= 4  # blocks of two seasons
    assert set(np.diff(jumps)) <= {24}


def test_smoothing_wanders_without_bias_and_with_the_size_of_its_residuals():
    draw = np.random.default_rng(0)
    values = 5.0 + draw.normal(size=96)
    simulated = simulation._smoothed(values, 1)
    paths = np.stack([simulated(np.random.default_rng(k)) for k in range(60)])
    assert np.abs(paths.mean(axis=0) - 5).max() < 1
    assert np.diff(paths, axis=1).std() == pytest.approx(np.diff(values).std(), rel=0.25)


@pytest.mark.parametrize(("length", "season", "seasonal"), [(24, 12, False), (25, 12, True)])
def test_a_season_needs_two_of_it(length, season, seasonal, monkeypatch):
    asked = []
    monkeypatch.setattr(simulation, "_decomposed", lambda values, s: asked.append(("stl", s)))
    monkeypatch.setattr(simulation, "_smoothed", lambda values, s: asked.append(("ets", s)))
    for model in ("stl", "ets"):
        simulation._fitted(np.arange(float(length)), season, model)
    assert asked == ([("stl", 12), ("ets", 12)] if seasonal else [("ets", 1), ("ets", 1)])


@pytest.mark.parametrize(("lowest", "logs"), [(0.5, True), (0.0, False), (-1.0, False)])
def test_positive_series_alone_are_modelled_by_centred_logarithms(lowest, logs, monkeypatch):
    fitted = []

    def remember(values, season, model):
        fitted.append(values)
        return lambda draw: values

    monkeypatch.setattr(simulation, "_fitted", remember)
    values = lowest + np.arange(20.0) / (7 + lowest)  # no other test has these: fits are kept
    made = augmented_series(one(values), "fit_and_simulate", 1.0, 1, seed=1).values
    np.testing.assert_allclose(made, values, rtol=1e-5)
    expected = np.log(values) - np.log(values).mean() if logs else values
    np.testing.assert_allclose(fitted[0], expected, rtol=1e-4, atol=1e-5)


def test_a_series_is_fitted_once_for_all_draws(monkeypatch):
    calls = []
    fitted = simulation._fitted
    monkeypatch.setattr(simulation, "_fitted", lambda *a: (calls.append(a), fitted(*a))[1])
    values = 3 + np.sin(STEPS / 5) + 0.01 * STEPS
    augmented_series(one(values), "fit_and_simulate", 3.0, 1, seed=1)
    augmented_series(one(values), "fit_and_simulate", 2.0, 1, seed=2)
    assert len(calls) == 1


def test_another_model_and_an_absent_library_are_refused(monkeypatch):
    with pytest.raises(SettingsError, match="model='arima' is not possible; use 'stl' or 'ets'"):
        augmented_series(one(STEPS + 1.0), "fit_and_simulate", 1.0, 12, seed=1, model="arima")

    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(MissingExtraError, match="pip install 'tsgen-forecasting"):
        simulation._statsmodels("seasonal")


@pytest.mark.parametrize("size", [1, 4, 10])
def test_blocks_are_runs_of_neighbours_of_every_place(size):
    values = np.arange(10.0)
    rows = np.stack([
        simulation._in_blocks(values, size, np.random.default_rng(k)) for k in range(300)
    ])  # fmt: skip
    assert rows.shape == (300, 10)
    assert set(rows.ravel()) == set(values)
    moved = np.diff(rows, axis=1) != 1
    assert (moved.sum(axis=1) <= -(-10 // size)).all() or size == 1
    if size == 4:
        assert all(set(np.diff(np.flatnonzero(m))) <= {4, 8} for m in moved)


def test_smoothing_does_not_depend_on_units():
    values = 5 + WAVE[:40] + 0.1 * np.random.default_rng(0).normal(size=40)
    one_unit, other = (
        augmented_series(one(k * values), "fit_and_simulate", 1.0, 1, seed=1).values
        for k in (1.0, 1000.0)
    )
    np.testing.assert_allclose(other, 1000 * one_unit, rtol=1e-2)

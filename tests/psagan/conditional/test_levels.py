"""Forecasts go on at the level that a series has now, whatever it had in training."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.data import simulate_series
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.training import TrainingOptions

STEPS, AHEAD = 48, 8


@pytest.fixture(scope="module")
def moving():
    """Series that double or halve for good at some time."""
    random = np.random.default_rng(0)
    series = simulate_series(60, STEPS, seed=1)
    moves = random.integers(8, STEPS - 8, len(series))[:, None]
    later = random.choice([0.5, 2.0], len(series))[:, None]
    level = 100 * np.where(np.arange(STEPS) < moves, 1.0, later)
    return replace(series, values=(level * noise(level.shape)).ravel())


def noise(shape):
    return 1 + 0.05 * np.random.default_rng(1).normal(size=shape)


def forecast(series, num_steps=120, **settings):
    """Return medians of what follows series that have doubled since training, by what should."""
    model = PSAGANForecastEstimator(
        prediction_length=AHEAD, context_length=16, seasons=(), num_steps=num_steps,
        batch_size=16, channels=(16,), held_out_share=0.0, **settings,
    ).train(series, options=TrainingOptions(seed=1, progress=False))  # fmt: skip
    values = series.values.reshape(-1, STEPS)
    doubled = 2 * values[:, -8:].mean(axis=1, keepdims=True)
    since = doubled * noise((len(values), 16))
    entries = [
        {**entry, "target": np.concatenate([target, more])}
        for entry, target, more in zip(series, values, since, strict=True)
    ]
    medians = [np.median(path.samples) for path in model.predict(entries, 30, seed=1)]
    return medians / doubled[:, 0]


def test_known_series_whose_level_has_doubled_go_on_from_there(moving):
    found = forecast(moving)
    assert found.mean() == pytest.approx(1, abs=0.05)
    assert np.abs(found - 1).max() < 0.15


@pytest.mark.slow  # what the test above would see otherwise
def test_where_the_whole_series_weighs_forecasts_return_to_the_level_of_training(moving):
    assert forecast(moving, 400, series_weight=0.05).mean() < 0.8

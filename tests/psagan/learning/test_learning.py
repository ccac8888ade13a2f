"""A short training on series of known structure beats no training, by measures of the metrics."""

import numpy as np
import pytest

from tsgen.data import simulate_series
from tsgen.metrics import marginal_distance, step_distance
from tsgen.psagan import PSAGANEstimator
from tsgen.training import TrainingOptions

LENGTH = 24


@pytest.fixture(scope="module")
def real():
    return simulate_series(num_series=6, length=480, seed=11)


def train(real, num_steps):
    estimator = PSAGANEstimator(target_length=LENGTH, num_steps=num_steps, batch_size=32)
    return estimator.train(real, options=TrainingOptions(seed=1, progress=False))


@pytest.fixture(scope="module")
def trained(real):
    return train(real, 500)


def windows(dataset, scaler, owners):
    """Return windows in scales of their series, (n, LENGTH)."""
    return scaler.apply(dataset.values.reshape(-1, LENGTH), owners)


def drawn_windows(model, real, seed):
    owners = np.repeat(np.arange(len(real)), 100)
    drawn = model.sample(100, items=list(real.item_ids), seed=seed)
    return windows(drawn, model.table.scaler, owners)


def real_windows(real, scaler):
    owners = np.repeat(np.arange(len(real)), 480 // LENGTH)
    return windows(real, scaler, owners)


def test_training_brings_marginals_and_steps_closer(real, trained):
    untrained = train(real, 4)
    truth = real_windows(real, trained.table.scaler)
    for distance in (marginal_distance, step_distance):
        before = distance(truth, drawn_windows(untrained, real, 2))
        after = distance(truth, drawn_windows(trained, real, 2))
        assert after < 0.6 * before


def test_series_keep_their_level_over_orders_of_magnitude(real, trained):
    levels = np.array([real.series(i).mean() for i in range(6)])
    assert levels.max() / levels.min() > 50
    drawn = trained.sample(100, items=list(real.item_ids), seed=3).values.reshape(6, -1)
    spread = np.array([real.series(i).std() for i in range(6)])
    assert (np.abs(drawn.mean(axis=1) - levels) < 0.5 * spread).all()


def test_series_keep_their_variety_over_time(real, trained):
    """Windows of one series differ from one another about as much as its real ones do."""
    truth = real_windows(real, trained.table.scaler).reshape(6, -1, LENGTH)
    drawn = drawn_windows(trained, real, 4).reshape(6, -1, LENGTH)
    ratio = drawn.std(axis=(1, 2)) / truth.std(axis=(1, 2))
    assert (ratio > 0.5).all()
    assert (ratio < 1.7).all()
    between = drawn.mean(axis=2).std(axis=1) / truth.mean(axis=2).std(axis=1)
    assert np.median(between) > 0.3


def test_samples_follow_the_hour_of_the_day(real, trained):
    """All series have a daily cycle; drawn for midnight onwards, samples show it in phase."""
    found = []
    drawn = trained.sample(100, items=list(real.item_ids), start="2024-01-08", seed=5)
    for i, mean in enumerate(drawn.values.reshape(6, 100, LENGTH).mean(axis=1)):
        daily = real.series(i).reshape(-1, 24).mean(axis=0)
        found.append(np.corrcoef(mean, daily)[0, 1])
    assert np.median(found) > 0.7

"""One tiny trained model, shared by the tests that only read it."""

import pytest
import torch

from tsgen.data import simulate_series
from tsgen.psagan import PSAGANEstimator, PSAGANForecastEstimator
from tsgen.training import TrainingOptions


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def panel():
    """Eight hourly series of 240 steps, with levels over orders of magnitude."""
    return simulate_series(num_series=8, length=240, seed=5)


@pytest.fixture(scope="session")
def model(panel):
    """A PSA-GAN trained for a moment: enough for every promise but realism."""
    estimator = PSAGANEstimator(target_length=24, num_steps=60, batch_size=16)
    return estimator.train(panel, options=TrainingOptions(seed=1, progress=False))


@pytest.fixture(scope="session")
def predictor(panel):
    """A PSA-GAN-C trained for a moment, with windows of 16 steps and forecasts of 24."""
    estimator = PSAGANForecastEstimator(
        prediction_length=24, target_length=16, context_length=30, num_steps=30, batch_size=8
    )
    return estimator.train(panel, options=TrainingOptions(seed=1, progress=False))

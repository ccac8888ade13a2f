"""One tiny trained model, shared by the tests that only read it."""

import numpy as np
import pandas as pd
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


def sales_table(num_series=6, steps=80, effect=1.0, seed=0):
    """Daily sales of a weekly rhythm, which a promotion multiplies by 1 + `effect`."""
    random = np.random.default_rng(seed)
    parts = []
    for i in range(num_series):
        promo = (random.random(steps) < 0.25).astype(float)
        week = 1 + 0.3 * np.sin(2 * np.pi * np.arange(steps) / 7)
        sales = (10 + 5 * i) * week * (1 + effect * promo) * np.exp(random.normal(0, 0.05, steps))
        part = {"item_id": f"s{i}", "timestamp": pd.date_range("2024", periods=steps, freq="D")}
        part |= {"target": sales, "promo": promo, "kind": random.choice(["x", "y"], steps)}
        part |= {"rain": random.normal(size=steps), "store": "AB"[i % 2]}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="session")
def shop():
    """Makes tables of a simulated shop, whose promotions have a known effect."""
    return sales_table

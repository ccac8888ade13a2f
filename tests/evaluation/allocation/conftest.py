import numpy as np
import pandas as pd
import pytest

from tsgen import Interactions, RIMEstimator

PLAN = [
    {"name": "one", "items": ["a"], "at_most": 12, "value": 2.0, "cost": 0.5},
    {"name": "two", "items": ["b", "c"], "at_most": 12, "value": "spend", "cost": 0.5},
]


@pytest.fixture(scope="session")
def log():
    """Eighty users with tastes and paces of their own, over 80 days."""
    draw = np.random.default_rng(0)
    pace, taste = draw.gamma(0.7, 12, 80), draw.dirichlet([0.4] * 5, 80)
    users = np.repeat(np.arange(80), draw.poisson(pace) + 1)
    table = pd.DataFrame({
        "user_id": users,
        "item_id": [draw.choice(list("abcde"), p=taste[user]) for user in users],
        "timestamp": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(draw.integers(0, 80 * 1440, len(users)), "min"),
        "value": draw.gamma(2, 3, len(users)).round(2),
    })  # fmt: skip
    return Interactions.from_frame(table, on_duplicate="keep")


@pytest.fixture(scope="session")
def model(log):
    """A model of all of it."""
    return RIMEstimator(horizon="14D", relevance="popularity").train(log)

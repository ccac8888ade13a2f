import numpy as np
import pandas as pd
import pytest

from tsgen import Interactions, RIMEstimator, TrainingOptions

NUM_USERS = 60


@pytest.fixture(scope="session")
def log():
    """Purchases of users 100 to 159, of items a to f, with values, and attributes of users."""
    draw = np.random.default_rng(0)
    users = draw.permutation(np.repeat(np.arange(100, 100 + NUM_USERS), draw.integers(2, 20, 60)))
    table = pd.DataFrame({
        "user_id": users,
        "item_id": draw.choice(list("abcdef"), len(users), p=[0.3, 0.25, 0.2, 0.1, 0.1, 0.05]),
        "timestamp": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(draw.integers(0, 60 * 1440, len(users)), "min"),
        "value": draw.gamma(2, 5, len(users)),
    })  # fmt: skip
    ids = np.arange(100, 100 + NUM_USERS)
    people = pd.DataFrame({
        "user_id": ids,
        "country": np.where(ids % 3 == 0, "DE", "FR"),
        "postage": np.where(ids % 2 == 0, 0.5, 1.5),
    })  # fmt: skip
    things = pd.DataFrame({"item_id": list("abcdef"), "kind": list("xxyyzz")})
    return Interactions.from_frame(table, users=people, items=things, on_duplicate="keep")


@pytest.fixture(scope="session")
def model(log):
    options = TrainingOptions(seed=1, device="cpu", progress=False)
    return RIMEstimator(horizon="7D", activity="popularity", relevance="popularity").train(
        log, options=options
    )

"""A shop whose young customers come often and buy toys, the others books; some never came."""

import numpy as np
import pandas as pd
import pytest

from tsgen import Interactions, RIMEstimator, TrainingOptions

QUIET = TrainingOptions(seed=3, progress=False)
PARTS = {"horizon": "14D", "activity": "popularity", "relevance": "popularity", "repeats": "none"}


@pytest.fixture(scope="session")
def shop():
    random = np.random.default_rng(5)
    young = random.random(400) < 0.5
    users = pd.DataFrame({
        "user_id": [f"u{k:03d}" for k in range(400)],
        "age": np.where(young, 22, 60) + random.integers(0, 9, 400).astype(float),
        "plan": random.choice(["a", "b"], 400),
        "email": [f"u{k}@shop" for k in range(400)],
    })  # fmt: skip
    users.loc[395:, ["age", "plan", "email"]] = None
    came = np.repeat(np.arange(300), random.poisson(np.where(young[:300], 12, 4)))
    toys = np.where(young[came], 0.8, 0.2) > random.random(len(came))
    events = pd.DataFrame({
        "user_id": users["user_id"].to_numpy()[came],
        "item_id": np.where(toys, "toy ", "book ").astype(object)
        + random.integers(0, 8, len(came)).astype(str),
        "timestamp": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(random.uniform(0, 90, len(came)), "D"),
    })  # fmt: skip
    return Interactions.from_frame(events, users=users), young


@pytest.fixture(scope="session")
def trained(shop):
    return RIMEstimator(**PARTS).train(shop[0], options=QUIET)


@pytest.fixture(scope="session")
def alike(shop):
    return RIMEstimator(**PARTS, new_users="none").train(shop[0], options=QUIET)

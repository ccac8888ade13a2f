import numpy as np
import pandas as pd
import pytest

from small_shop import ITEMS, USERS, log, read
from small_shop import QUIET as SHOP_QUIET
from tsgen import RIMEstimator
from tsgen.data import Histories, Interactions
from tsgen.intensity.parts import SavedPart
from tsgen.training import TrainingOptions

QUIET = TrainingOptions(seed=1, device="cpu", progress=False)
HORIZON = 1_000_000  # one second: times in horizons are the seconds of the tables


def log_of(rows):
    """Make a log of (user, second) or (user, item, second) rows."""
    table = pd.DataFrame(
        [(row[0], "x", row[1]) if len(row) == 2 else row for row in rows],
        columns=["user_id", "item_id", "timestamp"],
    )
    table["timestamp"] = table["timestamp"].astype(float)
    return Interactions.from_frame(table, on_duplicate="keep")


def random_log(seed, num_users=6, ties=False, longest=12):
    random = np.random.default_rng(seed)
    rows = []
    for user in range(num_users):
        times = random.uniform(0, 8, random.integers(1, longest))
        if ties:
            times = np.round(times)
        rows += [(f"u{user}", float(t)) for t in times]
    return log_of(rows)


def read_back(part, fitted):
    """Return what a model folder would give back of a fitted part."""
    arrays = {name: np.atleast_1d(value) for name, value in fitted.arrays().items()}
    return part.from_arrays(arrays, SavedPart())


def seconds(events, user):
    return events.time[events.offsets[user] : events.offsets[user + 1]] / HORIZON


def nobody(histories):
    return np.zeros(len(histories), bool)


def probabilities(model, histories):
    factors, bias = model.users(histories)
    logs = factors @ model.item_factors.T + bias[:, None] + model.item_bias
    return np.exp(logs.astype(float))


def cycles(num_users=60, length=12, num_items=5, seed=0):
    """Users who go round the items in order, each from a start of its own."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(num_users):
        start = random.integers(num_items)
        size = random.integers(3, length)
        rows += [(f"u{user:02d}", f"i{(start + k) % num_items}", k + 0.5) for k in range(size)]
    return log_of(rows)


def two_tastes(num_users=80, size=6, seed=0):
    """Users who stay with one of two halves of twelve items; the last user has no event."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(num_users):
        half = [f"{'ab'[user % 2]}{k}" for k in range(6)]
        items = random.permutation(half)[: random.integers(3, size)]
        rows += [(f"u{user:02d}", item, k + 0.5) for k, item in enumerate(items)]
    return log_of([*rows, ("v", "a0", 90.0)])


@pytest.fixture
def histories():
    return Histories.of(random_log(0), 9 * HORIZON)


@pytest.fixture(scope="session")
def shop_events():
    return read(log(), users=USERS, items=ITEMS)


@pytest.fixture(scope="session")
def shop_model(shop_events):
    return RIMEstimator(horizon="7D", relevance="popularity").train(
        shop_events, at="2024-02-20", options=SHOP_QUIET
    )

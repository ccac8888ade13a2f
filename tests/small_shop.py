"""A shop of forty users who come back to a few of thirteen items."""

import numpy as np
import pandas as pd

from tsgen import Interactions, TrainingOptions

QUIET = TrainingOptions(seed=3, device="cpu", progress=False)


START = pd.Timestamp("2024-01-01")


USERS = pd.DataFrame({
    "user_id": [f"u{k:02d}" for k in range(41)],
    "country": ["DE", "AT", "CH", "DE"] * 10 + ["DE"],
})  # fmt: skip


ITEMS = pd.DataFrame({
    "item_id": range(100, 113),
    "kind": ["tea", "mug", "tea", "mug"] * 3 + ["tea"],
    "brand": ["x", "x", "y", "y"] * 3 + ["z"],
})  # fmt: skip


def log(seed=0, size=900, days=60):
    """40 users of very different activity who come back to a few items each; u40 does nothing."""
    random = np.random.default_rng(seed)
    weight = random.gamma(0.7, 1, 40)
    user = random.choice(40, size, p=weight / weight.sum())
    item = np.where(random.random(size) < 0.6, user % 12, random.integers(0, 12, size))
    stamps = START + pd.to_timedelta(random.integers(0, days * 86_400, size), "s")
    return pd.DataFrame({
        "user_id": [f"u{u:02d}" for u in user],
        "item_id": 100 + item,
        "timestamp": stamps,
    })  # fmt: skip


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)

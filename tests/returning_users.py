"""Logs of users who come back to items of their own, or never."""

import numpy as np
import pandas as pd

from tsgen import Interactions

START = pd.Timestamp("2024-01-01")


def returning(seed=0, days=56, users=60, items=12, back=True):
    """Users who come back to three items of their own; or, with back=False, never come back."""
    random = np.random.default_rng(seed)
    rate = random.gamma(1.0, 0.25, users)
    own = random.integers(0, items, (users, 3))
    rows = []
    for user in range(users):
        count = random.poisson(rate[user] * days)
        times = random.uniform(0, days, count)
        if back:
            chosen = np.where(random.random(count) < 0.8, own[user][random.integers(0, 3, count)],
                              random.integers(0, items, count))  # fmt: skip
        else:
            chosen = random.permutation(items)[:count]
        rows += [(f"u{user:02d}", f"i{item:02d}", START + pd.Timedelta(days=time))
                 for item, time in zip(chosen, times, strict=False)]  # fmt: skip
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])


def read(table):
    return Interactions.from_frame(table, on_duplicate="keep")

"""Series that the tests of operations are made after, and one call that makes them."""

import numpy as np
import pandas as pd

from tsgen.curation import Transform
from tsgen.data import to_dataset

SEASON = 24


def augmented_series(dataset, method, ratio, season, seed, **settings):
    return Transform(method, settings, season)(dataset, ratio, seed=seed)


def panel(lengths=(96, 120, 75), start="2024-01-01 05:00", gap=True):
    """Series of different lengths, starts and levels; the first has a gap."""
    draw = np.random.default_rng(0)
    entries = []
    for i, length in enumerate(lengths):
        hours = np.arange(length) + 7 * i
        target = 10.0 ** (i + 1) * (1.5 + np.sin(2 * np.pi * hours / SEASON))
        target += 0.1 * target.mean() * draw.normal(size=length)
        if gap and i == 0:
            target[10:13] = np.nan
        entries.append(
            {"item_id": f"s{i}", "start": pd.Period(start, "h") + 7 * i, "target": target}
        )
    return to_dataset(entries)


def one(values, freq="h"):
    return to_dataset([{"item_id": "a", "start": "2024-01-01", "target": values}], freq=freq)

"""Tiny PSA-GANs, and a generator of a few lines that says what it was given."""

import numpy as np
import pandas as pd
import torch

from tsgen.psagan import PSAGANEstimator
from tsgen.training import TrainingOptions

TINY = {"target_length": 8, "num_steps": 4, "batch_size": 4}


def train(data, seed=1, **settings):
    options = TrainingOptions(seed=seed, progress=False)
    return PSAGANEstimator(**{**TINY, **settings}).train(data, options=options)


def table(ids, length=60, freq="h", first="2024-01-01", **columns):
    """A long table of waves, each with its own level; `columns` give one value for each id."""
    parts = []
    for k, item_id in enumerate(ids):
        stamps = pd.date_range(first, periods=length, freq=freq)
        part = {
            "item_id": item_id,
            "timestamp": stamps,
            "target": 10**k + np.sin(np.arange(length)),
        }
        parts.append(pd.DataFrame(part | {name: values[k] for name, values in columns.items()}))
    return pd.concat(parts, ignore_index=True)


def same(a, b):
    return np.array_equal(a.values, b.values) and a.item_ids == b.item_ids


def sources(drawn):
    return [facts["source_item_id"] for facts in drawn.info]


class Drawn:
    """Randomness of B windows that remembers its numbers and its scale."""

    def __init__(self, numbers, factor=1.0):
        self.numbers, self.factor = numbers, factor

    def scaled(self, factor):
        return Drawn(self.numbers, factor)


class Echo:
    """A generator whose windows are its one random number, plus what it knows of the window.

    `calls` holds (conditions, stage, alpha, factor) of every call.
    """

    def __init__(self, length, tell=lambda conditions: 0.0):
        self.length, self.tell, self.calls = length, tell, []

    def draw_latent(self, normal):
        return Drawn(normal(1))

    def __call__(self, latent, conditions, stage, alpha):
        self.calls.append((conditions, stage, alpha, latent.factor))
        windows = latent.numbers * latent.factor + self.tell(conditions)
        return windows.expand(-1, self.length).to(torch.float32)

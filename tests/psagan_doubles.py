"""Tiny PSA-GANs, and a generator of a few lines that says what it was given."""

import numpy as np
import pandas as pd
import torch

from tsgen.psagan import PSAGANEstimator
from tsgen.psagan.networks.default_discriminator import Discriminator
from tsgen.psagan.networks.default_generator import Generator
from tsgen.psagan.networks.default_layout import Layout
from tsgen.psagan.windows import Conditions, level_lengths
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


def build(length=32, **changes):
    """Both networks of the default preset, randomness and conditions of six windows."""
    lengths = level_lengths(length)
    fields = {
        "lengths": lengths,
        "channels": (6, 5, 4, 3, 3, 3, 3, 3)[: len(lengths)],
        "num_features": 2,
        "num_series": 3,
        "cardinalities": (2,),
    }
    layout = Layout(**{**fields, **changes})
    torch.manual_seed(0)
    generator, discriminator = Generator(layout).double(), Discriminator(layout).double()
    batch = 6
    conditions = Conditions.at_levels(
        torch.tensor([0, 1, 2, 3, 1, 2]),
        torch.tensor([[0], [1], [2], [0], [1], [1]]),
        torch.randn(batch, 2, length, dtype=torch.float64),
        lengths,
    )
    latent = generator.draw_latent(lambda *shape: torch.randn(batch, *shape))
    latent.vector = latent.vector.double()
    latent.noise = [n.double() for n in latent.noise]
    return generator, discriminator, latent, conditions

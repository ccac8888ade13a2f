"""Who makes windows of combinations of factors that nobody saw: PSA-GAN, and peers.

Shape legend: N training windows, M windows asked for, F factors, L steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.contracts import synthesizer_factory
from tsgen.curation import Transform, make_windows
from tsgen.data import SeriesDataset, as_series
from tsgen.rng import numpy_stream
from tsgen.training import TrainingOptions

from .vae import vae_windows
from .worlds import FactorWorld

__all__ = ["MAKERS", "Seen"]

_APART = 168
"""Hours from one window to the next: all begin at the same hour of the week."""
_START = "2000-01-03"


@dataclass(frozen=True)
class Seen:
    """What a maker may learn from.

    Attributes:
        world: Where the windows are from; its formula is not to be used.
        levels: (N, F), the factors of each training window.
        windows: (N, L).
        seed: Same seed, same windows.
        budget: Processor time of training a PSA-GAN, unless `settings` say `num_steps`.
        settings: Of the PSA-GAN; others than the defaults.
    """

    world: FactorWorld
    levels: Integers
    windows: Array
    seed: int
    budget: str = "60s"
    settings: Mapping[str, Any] = field(default_factory=dict)


def _truth(seen: Seen, asked: Integers) -> Array:
    """Draw from the world itself: what a perfect generator would make."""
    return seen.world.windows(asked, numpy_stream(seen.seed, "truth"))


def _psa_gan(seen: Seen, asked: Integers) -> Array:
    """Train a PSA-GAN with the factors as features that change in time, and ask it.

    The windows are stretches of one series with nothing observed between them, so that all have one
    identity and one scale, and what is asked of the model is told by the features alone.
    """
    length = seen.windows.shape[1]
    settings = {"target_length": length, "min_observed": 1.0, "age": "none", **seen.settings}
    budget = None if "num_steps" in settings else seen.budget
    options = TrainingOptions(
        seed=seen.seed, budget=budget, budget_clock="cpu", device="cpu", progress=False
    )
    training = _stretches(seen.world, seen.levels, seen.windows)
    model = synthesizer_factory("psa-gan")(**settings).train(training, options=options)
    wanted = _stretches(seen.world, asked, np.zeros((len(asked), length)))
    rows = np.zeros(len(asked), np.int64)
    starts = wanted.starts[0] + _APART * np.arange(len(asked))
    drawn = model.sample_after(wanted, rows, starts, np.full(len(asked), length), seed=seen.seed)
    made: Array = drawn.values.reshape(len(asked), length)
    return made


def _vae(seen: Seen, asked: Integers) -> Array:
    """Train a small conditional variational autoencoder, and ask it."""
    levels = seen.levels.astype(np.float64)
    return vae_windows(levels, seen.windows, asked.astype(np.float64), seed=seen.seed)


def _block_bootstrap(seen: Seen, asked: Integers) -> Array:
    """Rebuild the training window with the nearest factors from blocks of itself."""
    nearest = _nearest(seen, asked, 1)[:, 0]
    return make_windows(seen.windows[nearest], Transform("block_bootstrap"), seed=seen.seed)


def _mixing(seen: Seen, asked: Integers) -> Array:
    """Mix the two training windows with the nearest factors, with weights uniform in [0, 1]."""
    first, second = seen.windows[_nearest(seen, asked, 2).T]
    weight = numpy_stream(seen.seed, "mixing").uniform(size=(len(asked), 1))
    mixed: Array = weight * first + (1 - weight) * second
    return mixed


def _nearest(seen: Seen, asked: Integers, count: int) -> Integers:
    """Return the training windows (M, count) with the nearest factors, ties drawn."""
    distance = ((asked[:, None, :] - seen.levels[None]) ** 2).sum(axis=2)
    ties = numpy_stream(seen.seed, "ties").uniform(0, 0.5, size=distance.shape)
    chosen: Integers = np.argsort(distance + ties, axis=1)[:, :count]
    return chosen


def _stretches(world: FactorWorld, levels: Integers, windows: Array) -> SeriesDataset:
    """Return windows as stretches of one hourly series, a week apart, with their features."""
    num, length = windows.shape
    values = np.full((num, _APART), np.nan)
    values[:, :length] = windows
    table = {"item_id": "world", "target": values.ravel()}
    for name, steps in world.features(levels.astype(np.float64)).items():
        after = np.repeat(steps[:, -1:], _APART - length, axis=1)
        table[name] = np.concatenate([steps, after], axis=1).ravel()
    times = pd.date_range(_START, periods=num * _APART, freq="h")
    frame = pd.DataFrame({"timestamp": times, **table})
    return as_series(frame, freq="h", dynamic=list(world.factors))


MAKERS: dict[str, Callable[[Seen, Integers], Array]] = {
    "truth": _truth,
    "psa-gan": _psa_gan,
    "vae": _vae,
    "mixing": _mixing,
    "block-bootstrap": _block_bootstrap,
}
"""Name -> what makes windows of combinations; "truth" checks the oracle."""

"""Measures as functions of the users' weights, and their bootstrap.

With every weight 1 they are the measures; with the counts of a draw of users with replacement, one
draw of the bootstrap. What is selected does not change with the weights: a user drawn twice counts
twice where it was listed, and a user that is not drawn does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array
from tsgen.rng import numpy_stream

from .intervals import resample_counts

__all__ = ["MeanOverItems", "Ratio", "WeightedMeasure", "bootstrap"]

Name = TypeVar("Name", bound=Hashable)

WeightedMeasure = Callable[[Array], Array]
"""From weights (b, n), one draw a row, to the measure's values (b,)."""

_CHUNK_NUMBERS = 2_000_000
"""Weights of users, or sums of items, in memory at a time."""


@dataclass(frozen=True, eq=False)
class Ratio:
    """A sum over users divided by another, (n,) each; 0 / 0 is 0."""

    top: Array
    bottom: Array

    def __call__(self, weights: Array) -> Array:
        """Return the ratio under each row of weights (b, n), shape (b,)."""
        bottom = weights @ self.bottom
        return np.divide(weights @ self.top, bottom, out=np.zeros(len(weights)), where=bottom != 0)


@dataclass(frozen=True, eq=False)
class MeanOverItems:
    """The mean over items of a ratio of two sums over users, (n, m) sparse each.

    Items without targets under the weights count as 0, or not at all.
    """

    top: sp.csr_array
    bottom: sp.csr_array
    empty_counts: bool

    def __call__(self, weights: Array) -> Array:
        """Return the mean under each row of weights (b, n), shape (b,)."""
        top, bottom = weights @ self.top, weights @ self.bottom
        share = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
        items = self.top.shape[1] if self.empty_counts else np.maximum((bottom > 0).sum(axis=1), 1)
        return np.asarray(share.sum(axis=1) / items)


def bootstrap(
    measures: Mapping[Name, WeightedMeasure], num_users: int, draws: int, seed: int
) -> dict[Name, Array]:
    """Return the measures under draws of users with replacement, (draws,) each.

    The same seed draws the same users, so differences between models are paired.
    """
    random = numpy_stream(seed, "bootstrap")
    items = [m.top.shape[1] for m in measures.values() if isinstance(m, MeanOverItems)]
    step = max(_CHUNK_NUMBERS // max(num_users, *items, 1), 1)
    parts = []
    for begin in range(0, draws, step):
        size = min(step, draws - begin)
        weights = resample_counts(random, num_users, size)
        parts.append([measure(weights.astype(float)) for measure in measures.values()])
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return dict(zip(measures, columns, strict=True))

"""Simple rules that a model of audiences should beat, as intensities of the same users and items.

They look at the log before the test window alone. An event of age a counts 1, or 1 / (1 + a /
horizon) where recent ones matter more; sums are scaled so that a constant past would go on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Keys
from tsgen.rng import mixed
from tsgen.scores import ScoreBlocks, bm25_neighbours

from .window import AudienceWindow

__all__ = ["REFERENCES", "NeighbourIntensities", "SimpleIntensities", "references"]

REFERENCES = {
    "random": "Everybody alike, in random order.",
    "popularity": "Past events of the user, times the item's share.",
    "recency": "The same, recent events counting more.",
    "repeat buyers": "Past events of the pair, recent ones counting more, half and half with "
    "recency.",
    "item-kNN": "Past events of the user, each shared out over the 20 items that go best with its "
    "own (BM25).",
}
"""Name -> what the rule says."""

_NEIGHBOURS = 20
_TOUCH = 0.02
"""Share of popularity in item-kNN, so that no pair is impossible."""

_NOISE_NUMBERS = 500_000
"""Drawn at a time: what draws them takes several times their memory."""

_PRIOR = 0.5
"""Events that every user and item is given beside its own."""


@dataclass(frozen=True, eq=False)
class SimpleIntensities:
    """users[x] * items[y] + pairs[x, y], with a touch of noise where order is to be random.

    Attributes:
        users: (n,).
        items: (m,).
        pairs: (n, m) sparse, or None.
        seed: Of the noise; None has none.
    """

    users: Array
    items: Array
    pairs: sp.csr_array | None = None
    seed: int | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and items."""
        return len(self.users), len(self.items)

    def block(self, rows: slice, columns: slice) -> AnyArray:
        """Return a part as a new dense array; the same numbers whatever the parts."""
        kind = np.float32 if self.seed is None else np.float64  # that noise is too fine for it
        users, items = self.users[rows].astype(kind), self.items[columns].astype(kind)
        block: AnyArray = np.multiply.outer(users, items)
        if self.pairs is not None:
            part = sp.coo_array(self.pairs[rows][:, columns])
            block[part.coords] += part.data
        if self.seed is not None:
            n, m = self.shape
            whose, what = (np.arange(k, dtype=np.uint64) for k in (n, m))
            begins, step = whose[rows] * np.uint64(m), max(_NOISE_NUMBERS // max(m, 1), 1)
            for first in range(0, len(block), step):
                places = np.add.outer(begins[first : first + step], what[columns])
                block[first : first + step] *= 1 + 1e-6 * _noise(places, self.seed)
        return block


@dataclass(frozen=True, eq=False)
class NeighbourIntensities:
    """base + counts @ near, in blocks.

    Attributes:
        base: (n, m).
        counts: (n, m) sparse, events of the past.
        near: (m, m) sparse.
    """

    base: SimpleIntensities
    counts: sp.csr_array
    near: sp.csr_array

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and items."""
        return self.counts.shape[0], self.counts.shape[1]

    def block(self, rows: slice, columns: slice) -> AnyArray:
        """Return a part as a new dense array."""
        block = self.base.block(rows, columns)
        block += (self.counts[rows] @ self.near[:, columns]).toarray()
        return block


def references(window: AudienceWindow, seed: int) -> dict[str, ScoreBlocks]:
    """Return the rules that the log before the window allows, by name.

    Without any event before it, that is "random" alone.
    """
    n, m = window.scores.shape
    past = window.past
    places = window.places(past)
    counts = window.of_log(places, np.ones(len(past)))
    if not counts.nnz:
        level = window.targets.sum() / (n * m)
        return {"random": SimpleIntensities(np.full(n, level), np.ones(m), seed=seed)}
    horizons = (window.at - int(past.time.min())) / window.horizon
    age = (window.at - past.time) / window.horizon
    # Over the time known, the weights of one event a horizon add up to log(1 + known).
    recent = window.of_log(places, 1 / (1 + age) / np.log1p(horizons))
    level = counts.sum() / horizons / (n * m)
    recency = _product(recent)
    return {
        "random": SimpleIntensities(np.full(n, level), np.ones(m), seed=seed),
        "popularity": _product(counts / horizons),
        "recency": recency,
        "repeat buyers": SimpleIntensities(recency.users / 2, recency.items, recent / 2),
        "item-kNN": _neighbours(counts, horizons),
    }


def _neighbours(counts: sp.csr_array, horizons: float) -> NeighbourIntensities:
    """Return events times similarities, at the level of the past; item-kNN with BM25 weights."""
    near = bm25_neighbours(counts, _NEIGHBOURS)
    total = float((counts @ near).sum())
    level = (1 - _TOUCH) * counts.sum() / horizons / max(total, 1e-12)
    base = _product(counts * (_TOUCH / horizons))
    return NeighbourIntensities(base, counts, near * level)


def _product(rates: sp.csr_array) -> SimpleIntensities:
    """Return the user's rate times the item's share."""
    scale = rates.sum() / max(rates.nnz, 1)  # about what one event adds
    users = np.asarray(rates.sum(axis=1)).ravel() + _PRIOR * scale
    items = np.asarray(rates.sum(axis=0)).ravel() + _PRIOR * scale
    return SimpleIntensities(users, items / items.sum())


def _noise(places: Keys, seed: int) -> Array:
    """Return numbers in [0, 1) that look random, one for each place."""
    return np.asarray(mixed(places + np.uint64(seed)) >> np.uint64(11), np.float64) / 2.0**53

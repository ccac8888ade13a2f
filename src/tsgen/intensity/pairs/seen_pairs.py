"""What a pair's own past says, cheaply: beside towers, which know nothing of single pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, AnyIntegers, Array, Integers, Singles
from tsgen.data import Histories

from ..parts import ArrayFields
from ..relevance import FittedRelevance, UserPart
from .features import EARLIER_MEMORY, seen_pasts
from .learned import event_blocks
from .split import PairSplit

__all__ = ["SeenPairs"]

_PENALTY = 1e-3
_LEAST = -25.0
_COLUMNS = slice(0, 8)
"""Of `seen_pasts`, without its constant."""


@dataclass(frozen=True, eq=False)
class SeenPairs(ArrayFields):
    """log share of a seen pair = weights . (1, z, z^2); other pairs keep the towers' share.

    z are, on a common scale, the past of the pair (see `FEATURES`), events and items of the user,
    and the logarithm that the towers give. A user's shares are divided by their sum over items.

    Attributes:
        bounds: (4, f) mean, deviation, least and greatest value of the features; what lies outside
            is taken as the nearest.
        weights: (1 + 2 f,).
    """

    bounds: Array
    weights: Array

    def split(
        self,
        histories: Histories,
        horizon: int,
        activity: Array,
        base: FittedRelevance,
        users: UserPart,
    ) -> PairSplit:
        """Return the share of the towers, and what to add for seen pairs; nobody is lifted.

        See `LearnedPairs.split`.
        """
        parts = []
        for first, size, total, (rows, items, features) in _blocks(histories, horizon, base, users):
            low = np.exp(features[:, -1])
            extra = self._shares(features) - low
            total = np.maximum(total + np.bincount(rows, extra, minlength=size), 1e-12)
            parts.append((1 / total, first + rows, items, extra / total[rows]))
        share, rows, items, extra = (np.concatenate(part) for part in zip(*parts, strict=True))
        shape = (len(histories), histories.events.num_items)
        added = sp.csr_array((extra, (rows, items)), shape=shape)
        return PairSplit(share, added, np.ones(len(share)))

    @classmethod
    def fit(
        cls,
        histories: Histories,
        horizon: int,
        base: FittedRelevance,
        shares: sp.csr_array,
    ) -> Self:
        """Learn by least squares of logarithms what a teacher gives to seen pairs.

        Args:
            histories: Requests (r).
            horizon: Microseconds.
            base: The towers.
            shares: (r, items) sparse, of the teacher, greater than 0, at the pairs seen.
        """
        blocks = _blocks(histories, horizon, base, base.users(histories))
        pairs = [(first + rows, items, x) for first, _, _, (rows, items, x) in blocks]
        rows, items, features = (np.concatenate(part) for part in zip(*pairs, strict=True))
        if not len(rows):
            return cls(np.zeros((4, features.shape[1])), np.zeros(1 + 2 * features.shape[1]))
        bounds = np.stack([
            features.mean(0), features.std(0) + 1e-3, features.min(0), features.max(0)
        ])  # fmt: skip
        target = np.log(np.maximum(_at(shares, rows, items), 1e-12))
        design = cls(bounds, np.zeros(0))._design(features)
        gram = design.T @ design + _PENALTY * len(design) * np.eye(design.shape[1])
        return cls(bounds, np.asarray(np.linalg.solve(gram, design.T @ target), np.float64))

    def _shares(self, features: Array) -> Array:
        return np.asarray(np.exp(np.clip(self._design(features) @ self.weights, _LEAST, 0.0)))

    def _design(self, features: Array) -> Array:
        mean, deviation, low, high = self.bounds
        z = (np.clip(features, low, high) - mean) / deviation
        return np.column_stack([np.ones(len(z)), z, z**2])


Block = tuple[Integers, AnyIntegers, Array]
"""Rows, items and features of seen pairs."""


def _blocks(
    histories: Histories, horizon: int, base: FittedRelevance, users: UserPart
) -> Iterator[tuple[int, int, Array, Block]]:
    """Yield of some requests: the first, their number, the sums of their shares, seen pairs."""
    for block in event_blocks(histories):
        requests = histories.subset(np.arange(block.start, block.stop))
        factors, bias = users[0][block], users[1][block]
        logs = factors @ base.item_factors.T + bias[:, None] + base.item_bias
        keys, pasts, *_ = seen_pasts(requests, horizon, EARLIER_MEMORY)
        rows, items = np.divmod(keys, max(histories.events.num_items, 1))
        features = _features(requests, rows, pasts, np.maximum(logs[rows, items], _LEAST))
        total = np.exp(logs, out=logs).sum(axis=1, dtype=np.float64)
        yield block.start, len(requests), total, (rows, items, features)


def _features(requests: Histories, rows: Integers, pasts: Array, logs: Singles) -> Array:
    items = np.bincount(rows, minlength=len(requests))
    about = np.log1p(np.column_stack([requests.lengths, items]))
    return np.column_stack([pasts[:, _COLUMNS], about[rows], logs.astype(np.float64)])


def _at(values: sp.csr_array, rows: AnyIntegers, columns: AnyIntegers) -> AnyArray:
    """Return single values of a sparse matrix."""
    return np.asarray(sp.csr_array(values)[rows, columns], np.float64).ravel()

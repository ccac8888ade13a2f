"""From the expected number of events of a pair to the chance of at least one.

Events of a pair come in bursts, so 1 - exp(-intensity) is too large where people repeat. The map is
that of a gamma mixture of Poisson counts of bursts,

    probability = 1 - (1 + scale * intensity / shape) ^ -shape,

whose two numbers are learnt on a window that the scores had not seen; scale 1 and an infinite shape
is 1 - exp(-intensity).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from .activity import Array

__all__ = ["ChanceMap"]

_BINS = 400
_FEWEST_HITS = 50


@dataclass(frozen=True)
class ChanceMap:
    """The map. Attributes: scale > 0; shape > 0, possibly infinite."""

    scale: float = 1.0
    shape: float = float("inf")

    def probability(self, intensity: npt.NDArray[np.floating]) -> Array:
        """Return the chance of at least one event; rises with the intensity."""
        mean = self.scale * np.asarray(intensity, np.float64)
        if np.isinf(self.shape):
            return np.asarray(-np.expm1(-mean))
        return np.asarray(-np.expm1(-self.shape * np.log1p(mean / self.shape)))

    @classmethod
    def fit(
        cls, intensity: Array, happened: npt.NDArray[np.bool_], half: npt.NDArray[np.bool_]
    ) -> Self:
        """Learn the map, or return 1 - exp(-intensity) where that predicts as well.

        Args:
            intensity: (p,) of pairs, in a window that they were not learnt from.
            happened: (p,) whether the pair had an event there.
            half: (p,) pairs to choose the map by; whether it helps is judged on the others.
        """
        if min(happened[half].sum(), happened[~half].sum()) < _FEWEST_HITS:
            return cls()
        found = cls._best(intensity[half], happened[half])
        others = intensity[~half], happened[~half]
        if _loss(found, *_binned(*others)) >= _loss(cls(), *_binned(*others)):
            return cls()
        return cls._best(intensity, happened)

    @classmethod
    def _best(cls, intensity: Array, happened: npt.NDArray[np.bool_]) -> Self:
        table = _binned(intensity, happened)
        found = minimize(
            lambda x: _loss(cls(*np.exp(x)), *table),
            np.array([0.0, 1.0]),
            method="Nelder-Mead",
            bounds=[(-10.0, 10.0), (-7.0, 10.0)],
        )
        return cls(*(float(number) for number in np.exp(found.x)))


def _binned(intensity: Array, happened: npt.NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Return mean intensity, pairs and hits of fine bins of the intensity."""
    logs = np.log(np.maximum(intensity, 1e-300))
    low, high = np.quantile(logs, [0.001, 1.0])
    place = (logs - low) / max(high - low, 1e-9) * _BINS
    bins = np.clip(place.astype(np.int64), 0, _BINS - 1)
    count = np.bincount(bins, minlength=_BINS)
    some = count > 0
    hits = np.bincount(bins, happened.astype(np.float64), minlength=_BINS)
    total = np.bincount(bins, intensity, minlength=_BINS)
    return total[some] / count[some], count[some].astype(np.float64), np.asarray(hits[some])


def _loss(chance: ChanceMap, mean: Array, count: Array, hits: Array) -> float:
    """Return the mean negative log-likelihood of hits and misses."""
    p = np.clip(chance.probability(mean), 1e-12, 1 - 1e-12)
    return float(-(hits @ np.log(p) + (count - hits) @ np.log1p(-p)) / count.sum())

"""From the expected number of events of a pair to the chance of at least one.

Events of a pair come in bursts, so 1 - exp(-intensity) is too large where people repeat. The map is
that of a gamma mixture of Poisson counts of bursts,

    probability = 1 - (1 + scale * intensity / shape) ^ -shape,

whose two numbers are learnt on a window that the scores had not seen; scale 1 and an infinite shape
is 1 - exp(-intensity).

For a campaign of m items, whose intensities are added, both are multiplied by a power of
1 + (m - 1) / many: what a user does comes in visits, and of many items asked about several fall
into one visit. The powers hold for campaigns on the whole; no campaign is less likely than the
likeliest of its items.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.optimize import brentq, minimize

from tsgen.arrays import Array, Floats, Mask

__all__ = ["Campaigns", "ProbabilityMap"]

_BINS = 400
_LIMITS = [(-6.0, 0.0), (-7.0, 10.0)]
"""Of the logarithms: no count has a chance of at least one above its expectation, so scale <= 1."""

_MOST_SHAPE = math.exp(_LIMITS[1][1])
_FEWEST_HITS = 50


@dataclass(frozen=True)
class Campaigns:
    """Campaigns of one size in the window that the map is learnt on.

    Attributes:
        num_items: Items of each.
        intensity: (users, campaigns) sums of the items' intensities.
        happened: (users, campaigns) whether the user had an event of one of the items.
    """

    num_items: int
    intensity: Array
    happened: Mask


@dataclass(frozen=True)
class ProbabilityMap:
    """The map. Attributes: scale > 0; shape > 0, possibly infinite; many > 0; the two powers."""

    scale: float = 1.0
    shape: float = float("inf")
    many: float = 1.0
    scale_power: float = 0.0
    shape_power: float = 0.0

    def probability(
        self,
        intensity: Floats,
        num_items: int = 1,
        largest: Floats | None = None,
    ) -> Array:
        """Return the chance of at least one event; rises with the intensity.

        Args:
            intensity: Of pairs or, added over the items, of users for a campaign.
            num_items: Items of the campaign.
            largest: The greatest intensity of one of its items; the campaign is at least as likely.
        """
        if largest is not None:
            return np.maximum(self.probability(intensity, num_items), self.probability(largest))
        size = 1.0 + (num_items - 1) / self.many
        mean = self.scale * size**self.scale_power * np.asarray(intensity, np.float64)
        shape = self.shape * size**self.shape_power
        if np.isinf(shape):
            return np.asarray(-np.expm1(-mean))
        return np.asarray(-np.expm1(-shape * np.log1p(mean / shape)))

    def learn_campaigns(self, campaigns: Sequence[Campaigns], half: Mask) -> ProbabilityMap:
        """Return the map with the powers that campaigns of several sizes show.

        Args:
            campaigns: By size.
            half: (users,) users to learn the powers from; whether they help is judged on the
                others.
        """

        def tables(users: Mask) -> list[tuple[int, tuple[Array, Array, Array]]]:
            return [
                (c.num_items, _binned(c.intensity[users].ravel(), c.happened[users].ravel()))
                for c in campaigns
            ]

        def loss(
            to_probability: ProbabilityMap, parts: list[tuple[int, tuple[Array, Array, Array]]]
        ) -> float:
            return sum(_loss(to_probability, *table, num_items=size) for size, table in parts)

        def of(x: Array) -> ProbabilityMap:
            many, scale_power, shape_power = (float(number) for number in x)
            return replace(
                self, many=math.exp(many), scale_power=scale_power, shape_power=shape_power
            )

        def best(parts: list[tuple[int, tuple[Array, Array, Array]]]) -> ProbabilityMap:
            minimum = minimize(
                lambda x: loss(of(x), parts),
                np.array([3.0, -0.5, 0.1]),
                method="Nelder-Mead",
                bounds=[(0.0, 12.0), (-1.0, 0.5), (-1.0, 1.0)],
            )
            return of(minimum.x)

        if not campaigns or not half.any() or half.all():
            return self
        if loss(best(tables(half)), tables(~half)) >= loss(self, tables(~half)):
            return self
        return best(tables(np.ones(len(half), bool)))

    def with_total(self, intensity: Array, total: float) -> ProbabilityMap:
        """Return the map whose chances of pairs add up to `total`, or as near as it gets.

        The scale moves, and where it would have to be above 1, the shape, too.

        Args:
            intensity: (p,) of pairs.
            total: Pairs with an event that are to be expected of them.
        """
        mean, count, _ = _binned(intensity, np.zeros(len(intensity)))

        def lacks(to_probability: ProbabilityMap) -> float:
            return total - float(count @ to_probability.probability(mean))

        shape = self.shape
        if lacks(replace(self, scale=1.0)) > 0:
            low, high = np.log(min(shape, _MOST_SHAPE)), np.log(_MOST_SHAPE)
            shape = _root(lambda x: lacks(replace(self, scale=1.0, shape=x)), low, high)
        moved = replace(self, shape=shape)
        low, high = _LIMITS[0]
        return replace(moved, scale=_root(lambda x: lacks(replace(moved, scale=x)), low, high))

    @classmethod
    def fit(cls, intensity: Array, happened: Mask | Array, half: Mask) -> Self:
        """Learn the map, or return 1 - exp(-intensity) where that predicts as well.

        Args:
            intensity: (p,) of pairs, in a window that they were not learnt from.
            happened: (p,) whether the pair had an event there, or how likely that was.
            half: (p,) pairs to choose the map by; whether it helps is judged on the others.
        """
        if min(happened[half].sum(), happened[~half].sum()) < _FEWEST_HITS:
            return cls()
        fitted = cls._best(intensity[half], happened[half])
        others = intensity[~half], happened[~half]
        if _loss(fitted, *_binned(*others)) >= _loss(cls(), *_binned(*others)):
            return cls()
        return cls._best(intensity, happened)

    @classmethod
    def _best(cls, intensity: Array, happened: Mask | Array) -> Self:
        table = _binned(intensity, happened)
        minimum = minimize(
            lambda x: _loss(cls(*np.exp(x)), *table),
            np.array([-0.1, 1.0]),
            method="Nelder-Mead",
            bounds=_LIMITS,
        )
        return cls(*(float(number) for number in np.exp(minimum.x)))


def _root(lacks: Callable[[float], float], low: float, high: float) -> float:
    """Return the number between exp(low) and exp(high) that lacks nothing, or the nearest end."""
    least, most = math.exp(low), math.exp(high)
    if lacks(least) <= 0 or lacks(most) >= 0:
        return least if lacks(least) <= 0 else most
    return math.exp(brentq(lambda x: lacks(math.exp(x)), low, high, xtol=1e-9))


def _binned(intensity: Array, happened: Mask | Array) -> tuple[Array, Array, Array]:
    """Return mean intensity, pairs and hits of fine bins of the intensity."""
    logs = np.log(np.maximum(intensity, 1e-300))
    low, high = np.quantile(logs, [0.001, 1.0])
    place = (logs - low) / max(high - low, 1e-9) * _BINS
    bins = np.clip(place.astype(np.int64), 0, _BINS - 1)
    count = np.bincount(bins, minlength=_BINS)
    filled = count > 0
    hits = np.bincount(bins, happened.astype(np.float64), minlength=_BINS)
    total = np.bincount(bins, intensity, minlength=_BINS)
    return total[filled] / count[filled], count[filled].astype(np.float64), np.asarray(hits[filled])


def _loss(
    to_probability: ProbabilityMap, mean: Array, count: Array, hits: Array, num_items: int = 1
) -> float:
    """Return the mean negative log-likelihood of hits and misses."""
    p = np.clip(to_probability.probability(mean, num_items), 1e-12, 1 - 1e-12)
    return float(-(hits @ np.log(p) + (count - hits) @ np.log1p(-p)) / count.sum())

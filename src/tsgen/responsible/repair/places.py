"""How many places of a list each group gets, so that a demand holds at the least expected loss.

Within a group the best come first, so what a group brings is a concave function of its places, and
the best list takes each group down to a cut-off of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.errors import SettingsError

from ..facets import OTHER_GROUP, UNKNOWN_GROUP

__all__ = ["Demand", "balanced_places"]

_ROUNDING = 1e-9
_TRIED = 100  # numbers of places that are all tried, for whole places bend the concave function


@dataclass(frozen=True)
class Demand:
    """What must hold of the groups of a list; exactly one of the two.

    Attributes:
        ratio: Each compared group's share taken is at least so much of the others' (of whom the
            attribute is known).
        share: The one group that a facet names has at least this share of the list.

    Raises:
        SettingsError: Both are given, or neither, or one is impossible.
    """

    ratio: float | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if (self.ratio is None) == (self.share is None):
            raise SettingsError("Give either a ratio or a share that groups must have.")
        if self.ratio is not None and not 0 < self.ratio <= 1:
            raise SettingsError(f"ratio={self.ratio} is not possible: use one above 0, to 1.")
        if self.share is not None and not 0 < self.share <= 1:
            raise SettingsError(f"share={self.share} is not possible: use one above 0, to 1.")

    def least(self, groups: Sequence[str], sizes: Integers, for_stated: int, size: int) -> Integers:
        """Return the fewest places of each group.

        Args:
            groups: Their names.
            sizes: (g,) members.
            for_stated: Places that go to groups whose attribute is known.
            size: Places of the list.
        """
        least = np.zeros(len(groups), np.int64)
        everybody = sum(n for n, name in zip(sizes, groups, strict=True) if name != UNKNOWN_GROUP)
        for place, (name, n) in enumerate(zip(groups, sizes, strict=True)):
            if name in (OTHER_GROUP, UNKNOWN_GROUP):
                continue
            if self.share is not None:
                least[place] = ceil(self.share * size - _ROUNDING)
            else:
                ratio = float(self.ratio or 0.0)
                part = ratio * n / (everybody - n + ratio * n) if everybody > n else 0.0
                least[place] = ceil(for_stated * part - _ROUNDING)
        return least


def balanced_places(
    gains: Sequence[Array], groups: Sequence[str], sizes: Integers, size: int, demand: Demand
) -> Integers:
    """Return the places of each group, (g,), that bring the most and meet the demand.

    Exact where no attribute is missing; with members of an unknown group, the number of their
    places is searched for as the maximum of a concave function.

    Args:
        gains: Of each group, what its members who may be listed would bring, best first.
        groups: Names of the groups.
        sizes: (g,) members of each group.
        size: Places of the list.
        demand: What must hold.

    Raises:
        SettingsError: It cannot; the message says which group is too small.
    """
    total = sum(map(len, gains))
    if not 1 <= size <= total:
        raise SettingsError(
            f"A list of {size} is not possible: {total} users may be listed. Choose from 1 to all."
        )
    if demand.share is not None and sum(g not in (OTHER_GROUP, UNKNOWN_GROUP) for g in groups) > 1:
        raise SettingsError(
            "A share is of one group: name it, such as 'gender=F'; a ratio is of all groups."
        )
    unknown = [place for place, name in enumerate(groups) if name == UNKNOWN_GROUP]
    if not unknown or not len(gains[unknown[0]]) or demand.share is not None:
        return _filled(gains, groups, sizes, size, size, demand)
    most = min(size, total - len(gains[unknown[0]]))
    return _searched(gains, groups, sizes, size, (size - min(size, len(gains[unknown[0]])), most),
                     demand)  # fmt: skip


def _searched(
    gains: Sequence[Array],
    groups: Sequence[str],
    sizes: Integers,
    size: int,
    between: tuple[int, int],
    demand: Demand,
) -> Integers:
    """Return the best places over the numbers of places for groups that are known."""
    low, high = between

    def value(for_stated: int) -> float:
        try:
            places = _filled(gains, groups, sizes, size, for_stated, demand)
        except SettingsError:
            return -np.inf
        return float(sum(g[:k].sum() for g, k in zip(gains, places, strict=True)))

    while high - low > _TRIED:
        middle = (low + high) // 2
        low, high = (middle, high) if value(middle + 1) > value(middle) else (low, middle + 1)
    best = max(range(low, high + 1), key=value)
    return _filled(gains, groups, sizes, size, best, demand)


def _filled(
    gains: Sequence[Array],
    groups: Sequence[str],
    sizes: Integers,
    size: int,
    for_stated: int,
    demand: Demand,
) -> Integers:
    """Return the least places of every group, and the rest to the best of those left."""
    least = demand.least(groups, sizes, for_stated, size)
    _check(least, [len(g) for g in gains], groups, size, demand)
    apart = [name == UNKNOWN_GROUP and demand.ratio is not None for name in groups]
    places = least.copy()
    for place, own in enumerate(apart):
        if own:
            places[place] = size - for_stated
    open_ = [k for k, own in enumerate(apart) if not own]
    left = (for_stated if any(apart) else size) - int(least.sum())
    if left < 0:
        raise SettingsError(
            f"A list of {size} that meets the demand would take {int(least.sum())} users of the "
            f"groups together, {-left} more than there are places. Ask for a lower ratio, or for "
            "fewer groups."
        )
    rest = np.concatenate([gains[k][least[k] :] for k in open_])
    owner = np.concatenate([np.full(len(gains[k]) - least[k], k) for k in open_])
    best = np.argsort(-rest, kind="stable")[:left]
    return places + np.bincount(owner[best], minlength=len(groups))


def _check(
    least: Integers, there: list[int], groups: Sequence[str], size: int, demand: Demand
) -> None:
    wanted = f"a ratio of {demand.ratio:g}" if demand.ratio else f"a share of {demand.share:g}"
    for name, need, have in zip(groups, least, there, strict=True):
        if need > have:
            raise SettingsError(
                f"A list of {size} with {wanted} takes {need} users of '{name}', but only {have} "
                "of them may be listed. Ask for a smaller list, or for less."
            )

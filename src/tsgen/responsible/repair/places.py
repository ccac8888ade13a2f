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
        min_ratio: Each compared group's share taken is at least so much of the others' (of whom
            the attribute is known).
        min_share: The one group that a facet names has at least this share of the list.

    Raises:
        SettingsError: Both are given, or neither, or one is impossible.
    """

    min_ratio: float | None = None
    min_share: float | None = None

    def __post_init__(self) -> None:
        if (self.min_ratio is None) == (self.min_share is None):
            raise SettingsError(
                "Give either a ratio or a share that groups must have: min_ratio or min_share."
            )
        for name, value in (("min_ratio", self.min_ratio), ("min_share", self.min_share)):
            if value is not None and not 0 < value <= 1:
                raise SettingsError(f"{name}={value} is not possible: use one above 0, to 1.")

    def __str__(self) -> str:
        if self.min_share is not None:
            return f"a share of {self.min_share:g}"
        return f"a ratio of {self.min_ratio:g}"

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
            if self.min_share is not None:
                least[place] = ceil(self.min_share * size - _ROUNDING)
            else:
                ratio = float(self.min_ratio or 0.0)
                part = ratio * n / (everybody - n + ratio * n) if everybody > n else 0.0
                least[place] = ceil(for_stated * part - _ROUNDING)
        return least

    def check_groups(self, groups: Sequence[str]) -> None:
        """Refuse a share of several groups.

        Raises:
            SettingsError: The facet names more than one.
        """
        several = sum(name not in (OTHER_GROUP, UNKNOWN_GROUP) for name in groups) > 1
        if self.min_share is not None and several:
            raise SettingsError(
                "A share is of one group: name it, such as 'gender=F'; a ratio is of all groups."
            )

    def check_members(
        self, groups: Sequence[str], least: Integers, members: Sequence[int] | Integers, size: int
    ) -> None:
        """Refuse places for more members of a group than there are.

        Args:
            groups: Names of the groups.
            least: (g,) places that each group must have.
            members: (g,) members who may be listed.
            size: Places of the list.

        Raises:
            SettingsError: A group is too small.
        """
        for name, need, have in zip(groups, least, members, strict=True):
            if need > have:
                raise SettingsError(
                    f"A list of {size} with {self} takes {need} users of '{name}', but only {have} "
                    "of them may be listed. Ask for a smaller list, or for less."
                )


def balanced_places(
    gains: Sequence[Array],
    groups: Sequence[str],
    sizes: Integers,
    size: int,
    demand: Demand,
    ranks: Sequence[Integers] | None = None,
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
        ranks: Of each group, where its members come in the list of all: who comes first among
            equals, whatever the groups are called. None takes groups in their order.

    Raises:
        SettingsError: It cannot; the message says which group is too small.
    """
    if ranks is None:
        bounds = np.cumsum([len(g) for g in gains])
        ranks = np.split(np.arange(bounds[-1]), bounds[:-1])
    pool = _Pool(gains, groups, sizes, ranks)
    total = sum(map(len, gains))
    if not 1 <= size <= total:
        raise SettingsError(
            f"A list of {size} is not possible: {total} users may be listed. Choose from 1 to all."
        )
    demand.check_groups(groups)
    outside = pool.unknown
    if outside is None or not len(gains[outside]) or demand.min_share is not None:
        return pool.filled(size, size, demand)
    unknown = len(gains[outside])
    return pool.searched(size, (size - min(size, unknown), min(size, total - unknown)), demand)


@dataclass(frozen=True, eq=False)
class _Pool:
    """Groups whose members compete for the places; see `balanced_places`."""

    gains: Sequence[Array]
    groups: Sequence[str]
    sizes: Integers
    ranks: Sequence[Integers]

    @property
    def unknown(self) -> int | None:
        """The group without the attribute."""
        return self.groups.index(UNKNOWN_GROUP) if UNKNOWN_GROUP in self.groups else None

    def searched(self, size: int, between: tuple[int, int], demand: Demand) -> Integers:
        """Return the best places over the numbers of places for groups that are known."""
        low, high = between

        def value(for_stated: int) -> float:
            try:
                places = self.filled(size, for_stated, demand)
            except SettingsError:
                return -np.inf
            return float(sum(g[:k].sum() for g, k in zip(self.gains, places, strict=True)))

        while high - low > _TRIED:
            middle = (low + high) // 2
            low, high = (middle, high) if value(middle + 1) > value(middle) else (low, middle + 1)
        return self.filled(size, max(range(low, high + 1), key=value), demand)

    def filled(self, size: int, for_stated: int, demand: Demand) -> Integers:
        """Return the least places of every group, and the rest to the best of those left."""
        least = demand.least(self.groups, self.sizes, for_stated, size)
        demand.check_members(self.groups, least, [len(g) for g in self.gains], size)
        apart = self.unknown if demand.min_ratio is not None else None
        open_ = [k for k in range(len(self.groups)) if k != apart]
        left = (size if apart is None else for_stated) - int(least.sum())
        if left < 0:
            raise SettingsError(
                f"A list of {size} that meets the demand would take {int(least.sum())} users of "
                f"the groups together, {-left} more than there are places. Ask for a lower ratio, "
                "or for fewer groups."
            )
        rest = np.concatenate([self.gains[k][least[k] :] for k in open_])
        rank = np.concatenate([self.ranks[k][least[k] :] for k in open_])
        owner = np.concatenate([np.full(len(self.gains[k]) - least[k], k) for k in open_])
        best = np.lexsort((rank, -rest))[:left]
        places = least + np.bincount(owner[best], minlength=len(self.groups))
        if apart is not None:
            places[apart] = size - for_stated
        return places

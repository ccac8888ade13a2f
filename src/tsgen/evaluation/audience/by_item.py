"""Item by item: whose lists find most of those who act, and whose least."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.metrics import TargetPlaces

__all__ = ["ItemLists", "item_lists"]

_MANY = 10
_FEWEST = 5
"""Users who acted, below which an item's list says nothing."""


@dataclass(frozen=True, eq=False)
class ItemLists:
    """The ten items with the best lists and the ten with the worst, best first, one a row.

    Attributes:
        item: Columns of the scores.
        acted: Users who acted.
        hits: Of these, how many are listed.
        at_random: How many a random list of the same size would find.
        listed: Users in the list.
        curves: (items, depths) share of those who acted in the best part of the users.
    """

    item: Integers
    acted: Integers
    hits: Integers
    at_random: Array
    listed: Integers
    curves: Array


def item_lists(places: TargetPlaces, size: int, depths: Array) -> ItemLists:
    """Return the items whose lists stand out, by standard errors above a random list.

    Args:
        places: Where those who acted stand.
        size: Users in a list.
        depths: Shares of the users at which curves are read.
    """
    items, place, acted = np.unique(places.item, return_inverse=True, return_counts=True)
    ranked = np.zeros(len(items), np.int64)
    ranked[place] = places.ranked
    listed = np.minimum(size, ranked)
    hits = np.bincount(place, places.rank < size, minlength=len(items)).astype(np.int64)
    share = listed / np.maximum(ranked, 1)
    at_random = acted * share
    spread = np.sqrt(np.maximum(at_random * (1 - share), 1e-12))
    enough = np.flatnonzero((acted >= _FEWEST) & (share < 1))
    order = enough[np.argsort(-((hits - at_random) / spread)[enough], kind="stable")]
    if len(order) > 2 * _MANY:
        order = np.concatenate([order[:_MANY], order[-_MANY:]])
    curves = np.array([
        np.bincount(place, places.reached(depth), minlength=len(items))[order] / acted[order]
        for depth in depths
    ]).T  # fmt: skip
    return ItemLists(
        items[order], acted[order], hits[order], at_random[order], listed[order],
        curves.reshape(len(order), len(depths)),
    )  # fmt: skip

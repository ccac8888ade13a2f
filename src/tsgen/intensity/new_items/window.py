"""A past horizon in which items are taken for new: who took up what for the first time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array
from tsgen.data import Histories

from ..activity import FittedActivity

__all__ = ["FirstPurchases", "item_shares", "seen_pairs_of"]

_HORIZONS = 3
"""Last horizons by which an item's share of the first purchases is told."""


@dataclass(frozen=True, eq=False)
class FirstPurchases:
    """The last horizon before a time, and what was known at its beginning.

    Attributes:
        seen: (users, items) sparse, 1 for the pairs seen before it.
        first: (users, items) sparse, 1 for the pairs that were new in it.
        activity: (users,) events that were expected in it.
        shares: (items,) see `item_shares`, at its beginning.
    """

    seen: sp.csr_array
    first: sp.csr_array
    activity: Array
    shares: Array

    @classmethod
    def of(cls, now: Histories, horizon: int, activity: FittedActivity) -> Self:
        """Look back from histories, each user once."""
        past = now.earlier(horizon)
        seen, later = seen_pairs_of(past), seen_pairs_of(now)
        first = sp.csr_array(later - seen)
        first.eliminate_zeros()
        expected = activity.intensity(activity.state(past))
        return cls(seen, first, expected, item_shares(past, horizon))


def seen_pairs_of(histories: Histories) -> sp.csr_array:
    """Return 1 for each pair that has occurred, sparse, (users, items)."""
    return sp.csr_array(histories.pair_counts() > 0, dtype=np.float64)


def item_shares(histories: Histories, horizon: int) -> Array:
    """Return each item's first purchases as a share of all events of the last horizons, (items,).

    The shares are drawn towards one purchase spread over all items.
    """
    before = histories.earlier(_HORIZONS * horizon)
    events = float((histories.lengths - before.lengths).sum())
    new = seen_pairs_of(histories) - seen_pairs_of(before)
    num = max(new.shape[1], 1)
    return np.asarray((np.asarray(new.sum(axis=0)).ravel() + 1 / num) / (events + 1))

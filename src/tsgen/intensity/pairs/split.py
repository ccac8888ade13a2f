"""What a pair part says of requests, and of whom that is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array

from ..parts import ArrayFields

__all__ = ["PairSplit", "UsualSums"]


class PairSplit(NamedTuple):
    """Of r requests and all items, relative to the activity.

    Attributes:
        share: (r,) of the product activity * relevance.
        pairs: (r, items) sparse, what is added to it.
        lift: (r,) what the activity itself is multiplied by.
    """

    share: Array
    pairs: sp.csr_array
    lift: Array


@dataclass(frozen=True, eq=False)
class UsualSums(ArrayFields):
    """What the pairs of users of one activity add up to on the mean, relative to it.

    Attributes:
        trust: Power to which sums are taken.
        knots: (k,) logarithms of activities, rising.
        means: (k,) of the sums to that power; beyond the knots the nearest.
    """

    trust: float
    knots: Array
    means: Array

    def at(self, activity: Array) -> Array:
        """Return the means at activities (r,)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.interp(np.log(activity), self.knots, self.means))

    def lift(self, activity: Array, sums: Array) -> Array:
        """Return what activities (r,) of users with these sums are multiplied by."""
        return np.asarray(sums**self.trust / self.at(activity))

"""What users' pairs add up to, beside users of like activity, lifts their activity.

The pair network looks at each pair of a user, and so at more than the activity does: what its
intensities add up to says who will be active among those of whom the activity expects as much. What
it says of heavy users beside light ones is left to the activity: few heavy users taught it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from tsgen.arrays import Array
from tsgen.data import Histories

from ..relevance import FittedRelevance
from .learned import LEAST_ACTIVITY, LearnedPairs
from .split import Usual

__all__ = ["lifted", "usual_sums"]

_STEP, _WIDTH = 0.05, 0.5
"""Of the logarithm of the activity: distance of knots, deviation of who counts as alike."""


def lifted(
    pairs: LearnedPairs,
    histories: Histories,
    horizon: int,
    activity: Array,
    base: FittedRelevance,
) -> LearnedPairs:
    """Return the pairs with a lift that leaves the sum over these users as it is.

    Args:
        pairs: What was learnt.
        histories: Requests (r).
        horizon: Microseconds.
        activity: (r,) expected events.
        base: The relevance.
    """
    active = (histories.lengths > 0) & (activity > 0)
    if not active.any():
        return pairs
    alone = replace(pairs, usual=Usual(np.zeros(1), np.ones(1)))
    sums = alone.split(histories, horizon, activity, base, base.users(histories)).lift
    return replace(pairs, usual=usual_sums(activity[active], sums[active]))


def usual_sums(activity: Array, sums: Array) -> Usual:
    """Return the mean of users' sums by activity.

    Equation: m(a) = sum_u K(log a - log a_u) a_u s_u / sum_u K(log a - log a_u) a_u, with a normal
    K, times a number that leaves sum_u a_u s_u / m(a_u) = sum_u a_u.

    Args:
        activity: (n,) above 0.
        sums: (n,) what their pairs add up to, relative to it.
    """
    logs = np.log(np.maximum(activity, LEAST_ACTIVITY))
    places = np.rint((logs - logs.min()) / _STEP).astype(np.int64)
    there, spread = np.bincount(places) > 0, _WIDTH / _STEP

    def smooth(weights: Array) -> Array:
        counts = np.bincount(places, weights, minlength=len(there))
        return np.asarray(gaussian_filter1d(counts, spread, mode="constant"))

    means = smooth(activity * sums)[there] / smooth(activity)[there]
    found = Usual(logs.min() + _STEP * np.flatnonzero(there), means)
    level = float(activity @ (sums / found.at(activity)) / activity.sum())
    return replace(found, means=level * means)

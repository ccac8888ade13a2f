"""What users' pairs add up to, beside users of like activity, lifts their activity.

The pair network looks at each pair of a user, and so at more than the activity does: what its
intensities add up to says who will be active among those of whom the activity expects as much. What
it says of heavy users beside light ones is left to the activity: few heavy users taught it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, softmax

from tsgen.arrays import Array, Indices, Integers
from tsgen.data import Histories

from ..relevance import FittedRelevance
from .learned import LEAST_ACTIVITY, LearnedPairs
from .split import UsualSums

__all__ = ["HALF_TRUST", "PairSums", "learn_trust", "usual_sums"]

HALF_TRUST = 0.5
"""The power of the lift without evidence."""
_DEVIATION = 0.5
"""Of the power, before anything is seen."""
_STEP, _WIDTH = 0.05, 0.5
"""Of the logarithm of the activity: distance of knots, deviation of who counts as alike."""


@dataclass(frozen=True, eq=False)
class PairSums:
    """What the intensities of users add up to; of r requests those that have an activity.

    Attributes:
        pairs: What was learnt.
        users: (n,) which of the requests.
        activity: (n,) their expected events.
        sums: (n,) relative to it.
    """

    pairs: LearnedPairs
    users: Indices
    activity: Array
    sums: Array

    @classmethod
    def of(
        cls,
        pairs: LearnedPairs,
        histories: Histories,
        horizon: int,
        activity: Array,
        base: FittedRelevance,
    ) -> Self:
        """Add up; for the arguments see `LearnedPairs.split`."""
        alone = replace(pairs, usual=UsualSums(1.0, np.zeros(1), np.ones(1)))
        sums = alone.split(histories, horizon, activity, base, base.users(histories)).lift
        users = np.flatnonzero((histories.lengths > 0) & (activity > 0))
        return cls(pairs, users, activity[users], sums[users])

    def trust(self, came: Integers) -> float:
        """Return `learn_trust` by the items that requests turn to in the horizon to come, (r,)."""
        return learn_trust(self.activity, self.sums, came[self.users])

    def lifted(self, trust: float) -> LearnedPairs:
        """Return the pairs with a lift of this power that leaves the sum over these users."""
        return replace(self.pairs, usual=usual_sums(self.activity, self.sums, trust))


def learn_trust(activity: Array, sums: Array, came: Integers) -> float:
    """Return the power t of the lift, from 0 to 1, by what users turn to in a horizon.

    It maximises a quasi-likelihood of Poisson counts, sum_u y_u log(p_u(t)) / f - (t - 1/2)^2 / (2
    / 4), with p_u(t) proportional to a_u (s_u / m_u)^t, m the mean of sums of like activity. A pair
    counts once in y, as in lists, however often it occurs; f, 1 at least, is by how much counts
    vary more than Poisson ones would, as users turn to several items at once.

    Args:
        activity: (r,) expected events at the horizon's beginning, above 0.
        sums: (r,) what the pairs of each add up to, relative to it, not knowing the horizon.
        came: (r,) items that each turns to in it.
    """
    count = int(came.sum())
    if not count:
        return HALF_TRUST
    logs, beside = np.log(activity), np.log(sums / usual_sums(activity, sums, 1.0).at(activity))
    expected = count * softmax(logs + HALF_TRUST * beside)
    excess = max(float(((came - expected) ** 2).sum()) / count, 1.0)
    slope = float(came @ beside)

    def loss(trust: float) -> float:
        likelihood = trust * slope - count * float(logsumexp(logs + trust * beside))
        return ((trust - HALF_TRUST) / _DEVIATION) ** 2 / 2 - likelihood / excess

    return float(minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded").x)


def usual_sums(activity: Array, sums: Array, trust: float) -> UsualSums:
    """Return the mean of users' sums, to the power t, by activity.

    Equation: m(a) = sum_u K(log a - log a_u) a_u s_u^t / sum_u K(log a - log a_u) a_u, with a
    normal K, times a number that leaves sum_u a_u s_u^t / m(a_u) = sum_u a_u.

    Args:
        activity: (r,) expected events, above 0.
        sums: (r,) what the pairs of each add up to, relative to it.
        trust: t, from 0 to 1.
    """
    if not len(activity):
        return UsualSums(trust, np.zeros(1), np.ones(1))
    lifts, logs = sums**trust, np.log(np.maximum(activity, LEAST_ACTIVITY))
    places = np.rint((logs - logs.min()) / _STEP).astype(np.int64)
    there, spread = np.bincount(places) > 0, _WIDTH / _STEP

    def smooth(weights: Array) -> Array:
        counts = np.bincount(places, weights, minlength=len(there))
        return np.asarray(gaussian_filter1d(counts, spread, mode="constant"))

    means = smooth(activity * lifts)[there] / smooth(activity)[there]
    usual = UsualSums(trust, logs.min() + _STEP * np.flatnonzero(there), means)
    level = float(activity @ (lifts / usual.at(activity)) / activity.sum())
    return replace(usual, means=level * means)

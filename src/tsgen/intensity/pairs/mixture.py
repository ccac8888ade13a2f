"""The pair's own past: what users come back to, mixed with what they explore.

p(y | x) = w_0 base(y | x) + sum over scales j of w_j repeat_j(y | x), where repeat_j is the user's
own past events, each weighted exp(-age / scale_j), shared out over items. The weights w belong to
classes of users by history length, back off to those of all users, and maximise the likelihood of
the events in the last horizon of the training part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import Histories
from tsgen.data.events import count_before

from ..parts import ArrayFields
from ..relevance import FittedRelevance
from .split import PairSplit

__all__ = [
    "NUM_CLASSES",
    "PAST_SCALES",
    "RepeatMixture",
    "fit_mixture",
    "history_class",
    "repeat_shares",
]


PAST_SCALES = (0.1, 1.0, 10.0, np.inf)
"""Time scales of the past, in horizons; the last one counts all events alike."""

NUM_CLASSES = 8
_BACK_OFF = 50.0
_ROUNDS = 200


@dataclass(frozen=True)
class RepeatMixture(ArrayFields):
    """Weights of the mixture.

    Attributes:
        weights: (classes, 1 + scales), rows adding up to 1; column 0 is the base model's.
    """

    weights: Array

    def split(self, histories: Histories, horizon: int, *rest: Any) -> PairSplit:
        """Return the share of the base model, the repeat part, and no lift.

        exp(u.v + a + b) times the share, plus the repeat part, adds up to 1 over items. What
        `LearnedPairs` needs besides is of no use here.
        """
        classes = history_class(histories.lengths)
        pairs, shares = repeat_shares(histories, horizon)
        requests, items = pairs
        weight = self.weights[classes[requests], 1:]
        shape = (len(histories), histories.events.num_items)
        part = sp.csr_array(((weight * shares).sum(axis=1), (requests, items)), shape=shape)
        part.sort_indices()
        return PairSplit(self.weights[classes, 0], part, np.ones(len(histories)))

    @classmethod
    def none(cls) -> RepeatMixture:
        """Return the mixture in which the base model has all the weight."""
        weights = np.zeros((NUM_CLASSES, 1 + len(PAST_SCALES)))
        weights[:, 0] = 1.0
        return cls(weights)


def history_class(lengths: Integers) -> Integers:
    """Return 0 without history, then 1 + floor(log2(length)), at most NUM_CLASSES - 1."""
    classes = np.zeros(len(lengths), np.int64)
    active = lengths > 0
    classes[active] = 1 + np.floor(np.log2(lengths[active])).astype(np.int64)
    return np.minimum(classes, NUM_CLASSES - 1)


def repeat_shares(histories: Histories, horizon: int) -> tuple[tuple[Integers, Integers], Array]:
    """Return the pairs (request, item) of the past, and their shares at each scale.

    Returns:
        Two (p,) arrays, and (p, scales); the shares of one request add up to 1 at each scale. They
        do not change while nothing happens: all of a user's events fade alike.
    """
    requests, rows = histories.flat()
    num_items = histories.events.num_items
    times = histories.events.time
    # Ages count from the user's last event, so that old users keep their digits.
    last = times[np.maximum(histories.ends - 1, 0)]
    ages = (last[requests] - times[rows]) / horizon
    keys, pair = np.unique(requests * num_items + histories.events.item[rows], return_inverse=True)
    whose = keys // max(num_items, 1)
    shares = np.empty((len(keys), len(PAST_SCALES)))
    for j, scale in enumerate(PAST_SCALES):
        sums = np.bincount(pair, np.exp(-ages / scale), minlength=len(keys))
        totals = np.bincount(whose, sums, minlength=len(histories))
        shares[:, j] = sums / totals[whose]
    return (whose, keys % max(num_items, 1)), shares


def fit_mixture(
    base: FittedRelevance,
    histories: Histories,
    horizon: int,
    users: Mask,
) -> RepeatMixture:
    """Learn the weights from the events of some users in the last horizon.

    Args:
        base: A model that has not learnt from these events.
        histories: Each user once, at the end of the training events.
        horizon: Microseconds.
        users: (r,) the users to learn from.
    """
    chosen = histories.subset(users)
    past = Histories.of(chosen.events, chosen.at - horizon, chosen.users)
    past_ends = count_before(past.events, past.users, past.at)
    lengths = chosen.ends - past_ends
    request = np.repeat(np.arange(len(past)), lengths)
    offsets = np.cumsum(lengths) - lengths
    rows = np.repeat(past_ends - offsets, lengths) + np.arange(int(lengths.sum()))
    item = past.events.item[rows].astype(np.int64)
    densities = np.column_stack([
        _base_density(base, past, request, item),
        _repeat_density(past, horizon, request, item),
    ])  # fmt: skip
    classes = history_class(past.lengths)[request]
    explained = densities.sum(axis=1) > 0  # an event of an item that nobody had seen says nothing
    return RepeatMixture(_expectation_maximisation(densities[explained], classes[explained]))


def _base_density(
    base: FittedRelevance,
    past: Histories,
    request: Integers,
    item: Integers,
) -> Array:
    factors, bias = base.users(past)
    logs = np.einsum("ij,ij->i", factors[request], base.item_factors[item])
    return np.asarray(np.exp((logs + bias[request] + base.item_bias[item]).astype(np.float64)))


def _repeat_density(past: Histories, horizon: int, request: Integers, item: Integers) -> Array:
    (whose, what), shares = repeat_shares(past, horizon)
    num_items = past.events.num_items
    keys, asked = whose * num_items + what, request * num_items + item
    if not len(keys):
        return np.zeros((len(asked), len(PAST_SCALES)))
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where((keys[place] == asked)[:, None], shares[place], 0.0)


def _expectation_maximisation(densities: Array, classes: Integers) -> Array:
    """Return the weights of each class, shape (classes, components).

    The prior of a class is `_BACK_OFF` events shared out as those of all users are.
    """
    num = densities.shape[1]
    everyone = np.full(num, 1 / num)
    for _ in range(_ROUNDS):
        parts = densities * everyone
        parts /= np.maximum(parts.sum(axis=1, keepdims=True), 1e-300)
        everyone = (parts.sum(axis=0) + 1 / num) / (len(parts) + 1)
    weights = np.tile(everyone, (NUM_CLASSES, 1))
    for _ in range(_ROUNDS):
        parts = densities * weights[classes]
        parts /= np.maximum(parts.sum(axis=1, keepdims=True), 1e-300)
        columns = [np.bincount(classes, column, minlength=NUM_CLASSES) for column in parts.T]
        sums = np.stack(columns, axis=1) + _BACK_OFF * everyone
        weights = sums / sums.sum(axis=1, keepdims=True)
    weights[0] = np.eye(num)[0]  # without history there is nothing to repeat
    return weights

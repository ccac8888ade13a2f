"""Scores of a recommender become chances: tempered, and mixed with popularity by likelihood.

Shape legend: r requests, d factors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from tsgen.arrays import AnyArray, Array, Mask, Singles
from tsgen.data import Histories
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.training import TrainingOptions

from .base import UserPart

__all__ = ["MixedScores", "early_part", "fit_mixed"]

_BLOCK = 512
"""Users whose scores of all items are held at a time."""

_JUDGED_NUMBERS = 4_000_000
"""Scores that the temperature is chosen by."""

_PAST_SHARE = 0.8


class MixedScores(ABC):
    """log p(y | x) = temperature * score(x, y) + weight * log popularity(y) + constant of x.

    Without a history p(y | x) is popularity. Items without training events have none. What is
    fitted is a dataclass with these fields:

    Attributes:
        vectors: (items, d) of the items.
        shares: (items,) log share of the training events, -inf without any.
        mix: Temperature, and weight of the log share.
    """

    vectors: Singles
    shares: Singles
    mix: Array
    has_folder: ClassVar[bool] = False

    @abstractmethod
    def vectors_of(self, counts: sp.csr_array) -> Singles:
        """Return the vectors of users with these counts of events, shape (r, d)."""

    @property
    def item_factors(self) -> Singles:
        """The vectors, and the log share as one more factor, (items, d + 1)."""
        finite = np.where(np.isneginf(self.shares), 0.0, self.shares)
        return np.column_stack([self.vectors, finite]).astype(np.float32)

    @property
    def item_bias(self) -> Singles:
        """0, or -inf for items without training events."""
        return np.where(np.isneginf(self.shares), -np.inf, 0.0).astype(np.float32)

    def users(self, histories: Histories) -> UserPart:
        """Return the users' factors, and minus the log-sum-exp over items."""
        counts = histories.pair_counts().astype(np.float32)
        return self.mixed(self.vectors_of(counts), np.diff(counts.indptr) > 0)

    def mixed(self, vectors: Singles, rows: Mask) -> UserPart:
        """Return factors and biases of users by their vectors (r, d); `rows` have a history."""
        factors = np.empty((len(vectors), self.vectors.shape[1] + 1), np.float32)
        factors[:, :-1] = self.mix[0] * vectors
        factors[:, -1] = np.where(rows, self.mix[1], 1.0)
        factors[~rows, :-1] = 0.0
        bias = np.empty(len(vectors), np.float32)
        items, item_bias = self.item_factors, self.item_bias
        for start in range(0, len(vectors), _BLOCK):
            block = slice(start, start + _BLOCK)
            bias[block] = -logsumexp(factors[block] @ items.T + item_bias, axis=1)
        return factors, bias


Mixed = TypeVar("Mixed", bound=MixedScores)


def fit_mixed(
    histories: Histories,
    options: TrainingOptions,
    held_out: Mask,
    make: Callable[[Histories], Mixed],
) -> Mixed:
    """Learn from those who are not held out, and choose the mix by later events.

    The two numbers maximise the likelihood of later events with new items: those of the users held
    out, or, where nobody is, of everybody's last fifth by a model that has not seen it.

    Args:
        histories: Each user once, at the end of the training events.
        options: Seed.
        held_out: (r,) users to choose by and not to learn from.
        make: From histories to a fitted model whose mix is still to be chosen.

    Raises:
        DataError: There is no event to learn from.
    """
    learning = histories.subset(~held_out)
    fitted = make(learning)
    judged, judge = histories.subset(held_out), fitted
    if not held_out.any():
        judged, early = learning, early_part(learning)
        if not early.lengths.any():  # nobody did two things: popularity is all there is
            return fitted
        judge = make(early)
    random = numpy_stream(resolve_seed(options.seed), "temperature")
    mix: Any = {"mix": _choose_mix(judge, judged, random)}
    return replace(fitted, **mix)  # type: ignore[type-var]


def early_part(histories: Histories) -> Histories:
    """Return the first four fifths of each history."""
    kept = np.floor(_PAST_SHARE * histories.lengths).astype(np.int64)
    return replace(histories, ends=histories.begins + kept)


def _choose_mix(model: MixedScores, histories: Histories, random: np.random.Generator) -> Array:
    """Return the temperature and the weight of popularity, both >= 0, by maximum likelihood.

    Each history's first four fifths say who the user is; the items that the rest of it adds are to
    be predicted among all items that the first part lacks. What recurs is the repeat part's task,
    and a factorisation cannot tell whether it does: in its eyes a user likes what is seen.
    """
    early = early_part(histories)
    past = early.pair_counts()
    later = histories.pair_counts() - past
    later = later - later.multiply(past > 0)
    seen = np.flatnonzero(~np.isneginf(model.shares))
    informative = (early.lengths > 0) & (later[:, seen].sum(axis=1) > 0)
    judged = random.permutation(np.flatnonzero(informative))[: max(_JUDGED_NUMBERS // len(seen), 1)]
    if not len(judged):
        return np.array([0.0, 1.0])
    counts = later[judged][:, seen]
    scores = model.vectors_of(past[judged].astype(np.float32)) @ model.vectors[seen].T
    barred = np.where(past[judged][:, seen].toarray() > 0, -np.inf, 0.0)
    shares = model.shares[seen].astype(np.float64)
    totals = np.asarray(counts.sum(axis=1)).ravel()

    def loss(mix: AnyArray) -> tuple[float, AnyArray]:
        logits = mix[0] * scores + mix[1] * shares
        gap = softmax(logits + barred, axis=1) * totals[:, None] - counts
        value = totals @ logsumexp(logits + barred, axis=1) - counts.multiply(logits).sum()
        slope = np.array([np.multiply(gap, scores).sum(), np.asarray(gap.sum(axis=0)) @ shares])
        return float(value / totals.sum()), slope / totals.sum()

    minimum = minimize(loss, np.array([1.0, 1.0]), jac=True, bounds=[(0, None), (0, None)])
    return np.asarray(minimum.x, np.float64)

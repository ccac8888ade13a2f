"""Relevance by matrix factorisation: ALS and BPR, with factors by the package `implicit`."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import threadpoolctl
from pydantic import Field
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from tsgen.arrays import AnyArray
from tsgen.data import Histories
from tsgen.errors import MissingExtraError
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.settings import Settings
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import FittedRelevance, RelevancePart, UserPart, log_shares

__all__ = ["FactorRelevance", "FactorSettings", "FittedFactors"]

_BLOCK = 512
"""Users whose scores of all items are held at a time."""

_JUDGED_NUMBERS = 4_000_000
"""Scores that the temperature is chosen by."""

_PAST_SHARE = 0.8
_FOLD_RIDGE = 1e-3


class FactorSettings(Settings):
    """The factorisation and how it learns; what is not here has the default of `implicit`."""

    num_factors: int = Field(default=32, ge=1)
    """Width of the factors."""

    max_epochs: int = Field(default=50, ge=1)
    """Passes over the pairs."""

    regularization: float = Field(default=0.01, ge=0)
    """Weight of the squared factors."""

    confidence: float = Field(default=1.0, gt=0)
    """ALS: weight of an event; a pair that was not seen weighs 1."""

    learning_rate: float = Field(default=0.05, gt=0)
    """BPR: length of a step."""


@dataclass(frozen=True)
class FactorRelevance(RelevancePart):
    """log p(y | x) = temperature * score(x, y) + weight * log popularity(y) + constant of x.

    The score is that of the factorisation. The two numbers maximise the likelihood of later events
    with new items: those of the users held out, or, where nobody is, of everybody's last fifth by
    factors that have not seen it. A user is known by the history alone: ALS solves for the user's
    factors, as `implicit` does; for BPR, which knows only the users it was trained on, they are a
    linear function of the mean factors of the items in the history, learnt by ridge regression on
    the users of the training. Without a history p(y | x) is popularity. Items without training
    events have none.

    Source: Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets" (2008);
    Rendle et al., "BPR: Bayesian personalized ranking from implicit feedback" (2009).

    Attributes:
        kind: "als" or "bpr".
        settings: The factorisation.
    """

    kind: Literal["als", "bpr"] = "als"
    settings: FactorSettings = field(default_factory=FactorSettings)
    expensive: ClassVar[bool] = True

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: npt.NDArray[np.bool_],
    ) -> FittedRelevance:
        """Factorise; see `RelevanceModel.fit`.

        Raises:
            MissingExtraError: The package `implicit` is not installed.
            DataError: There is no event to learn from.
        """
        learning = histories.subset(~held_out)
        fitted = self._factorise(learning, options)
        judged, judge = histories.subset(held_out), fitted
        if not held_out.any():
            judged, early = learning, _early(learning)
            if not early.lengths.any():  # nobody did two things: popularity is all there is
                return fitted
            judge = self._factorise(early, options)
        random = numpy_stream(resolve_seed(options.seed), "temperature")
        return replace(fitted, mix=_choose_mix(judge, judged, random))

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedFactors:
        """Return what the fitted model's `arrays` came from."""
        return FittedFactors(self.kind, self.settings, **arrays)

    def _factorise(self, histories: Histories, options: TrainingOptions) -> FittedFactors:
        """Return a model whose temperature is still to be chosen."""
        shares = log_shares(histories)
        counts = histories.pair_counts().astype(np.float32)
        with threadpoolctl.threadpool_limits(1, "blas"):  # implicit has threads of its own
            model = self._implicit(options)
            model.fit(sp.csr_matrix(counts), show_progress=False)
        vectors = np.where(np.isneginf(shares)[:, None], 0.0, model.item_factors)
        fold = np.zeros((0, 0))
        if self.kind == "bpr":
            fold = _learn_fold(_mean_vectors(counts, vectors), model.user_factors)
        return FittedFactors(
            self.kind,
            self.settings,
            vectors.astype(np.float32),
            shares,
            fold.astype(np.float32),
            np.array([0.0, 1.0]),
        )

    def _implicit(self, options: TrainingOptions) -> Any:
        """Return the unfitted model of `implicit`."""
        try:
            module = importlib.import_module(f"implicit.cpu.{self.kind}")
        except ImportError:
            raise MissingExtraError(
                f"relevance='{self.kind}' needs the package implicit, which is not installed; "
                "install it with: pip install implicit"
            ) from None
        s = self.settings
        random = numpy_stream(resolve_seed(options.seed), "factors")
        common = {
            "factors": s.num_factors,
            "iterations": s.max_epochs,
            "regularization": s.regularization,
            "random_state": int(random.integers(2**31)),
        }
        if self.kind == "als":
            return module.AlternatingLeastSquares(
                **common, alpha=s.confidence, num_threads=options.num_threads
            )
        # With more threads BPR's numbers depend on who comes first.
        return module.BayesianPersonalizedRanking(
            **common, learning_rate=s.learning_rate, num_threads=1
        )


@dataclass(frozen=True, eq=False)
class FittedFactors:
    """A fitted factorisation, of arrays alone.

    Attributes:
        kind: "als" or "bpr".
        settings: The factorisation.
        vectors: (items, d) of the items; BPR's last column is the bias.
        shares: (items,) log share of the training events, -inf without any.
        fold: (d + 1, d) from the mean vectors of a history, and 1, to a user's; empty for ALS.
        mix: Temperature, and weight of the log share.
    """

    kind: Literal["als", "bpr"]
    settings: FactorSettings
    vectors: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float32]
    fold: npt.NDArray[np.float32]
    mix: npt.NDArray[np.float64]
    has_folder: ClassVar[bool] = False

    @property
    def item_factors(self) -> npt.NDArray[np.float32]:
        """The vectors, and the log share as one more factor, (items, d + 1)."""
        finite = np.where(np.isneginf(self.shares), 0.0, self.shares)
        return np.column_stack([self.vectors, finite]).astype(np.float32)

    @property
    def item_bias(self) -> npt.NDArray[np.float32]:
        """0, or -inf for items without training events."""
        return np.where(np.isneginf(self.shares), -np.inf, 0.0).astype(np.float32)

    def users(self, histories: Histories) -> UserPart:
        """Return factors solved for from the histories, and minus the log-sum-exp over items."""
        counts = histories.pair_counts().astype(np.float32)
        some = np.diff(counts.indptr) > 0
        factors = np.empty((len(histories), self.vectors.shape[1] + 1), np.float32)
        factors[:, :-1] = self.mix[0] * self.vectors_of(counts)
        factors[:, -1] = np.where(some, self.mix[1], 1.0)
        factors[~some, :-1] = 0.0
        bias = np.empty(len(histories), np.float32)
        items, item_bias = self.item_factors, self.item_bias
        for start in range(0, len(histories), _BLOCK):
            block = slice(start, start + _BLOCK)
            bias[block] = -logsumexp(factors[block] @ items.T + item_bias, axis=1)
        return factors, bias

    def vectors_of(self, counts: sp.csr_array) -> npt.NDArray[np.float32]:
        """Return the vectors of users with these counts of events, shape (r, d)."""
        if self.kind == "als":
            return _solve_als(counts * np.float32(self.settings.confidence), self.vectors,
                              self.settings.regularization)  # fmt: skip
        means = _mean_vectors(counts, self.vectors)
        return np.asarray(means @ self.fold[:-1] + self.fold[-1], np.float32)

    def arrays(self) -> dict[str, AnyArray]:
        """Return the arrays."""
        return {name: getattr(self, name) for name in ("vectors", "shares", "fold", "mix")}


def _early(histories: Histories) -> Histories:
    """Return the first four fifths of each history."""
    kept = np.floor(_PAST_SHARE * histories.lengths).astype(np.int64)
    return replace(histories, ends=histories.begins + kept)


def _mean_vectors(counts: sp.csr_array, vectors: AnyArray) -> AnyArray:
    totals = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0)
    return np.asarray((counts @ vectors) / totals[:, None])


def _learn_fold(means: AnyArray, users: AnyArray) -> AnyArray:
    """Return the ridge regression of the users' vectors on the mean vectors, (d + 1, d)."""
    inputs = np.column_stack([means, np.ones(len(means))]).astype(np.float64)
    gram = inputs.T @ inputs
    ridge = _FOLD_RIDGE * np.trace(gram) / len(gram)
    return np.asarray(np.linalg.solve(gram + ridge * np.eye(len(gram)), inputs.T @ users))


def _solve_als(
    weights: sp.csr_array, vectors: npt.NDArray[np.float32], regularization: float
) -> npt.NDArray[np.float32]:
    """Return each user's factors given the items', shape (r, d).

    Equation (Hu et al., 4): u = (V'V + V'(C - I)V + regularization I)^-1 V'C 1, where C are the
    weights of the pairs seen; a pair not seen weighs 1.
    """
    width = vectors.shape[1]
    gram = vectors.T @ vectors + np.float32(regularization) * np.eye(width, dtype=np.float32)
    found = np.zeros((weights.shape[0], width), np.float32)
    for start in range(0, weights.shape[0], _BLOCK):
        block = sp.csr_array(weights[start : start + _BLOCK])
        right = block @ vectors
        left = gram + _weighted_grams(block, vectors)
        found[start : start + _BLOCK] = np.linalg.solve(left, right[:, :, None])[:, :, 0]
    return found


def _weighted_grams(weights: sp.csr_array, vectors: npt.NDArray[np.float32]) -> AnyArray:
    """Return V'(C - I)V of each user, shape (r, d, d), a bounded number of pairs at a time."""
    width = vectors.shape[1]
    pairs = weights.tocoo()
    more = pairs.data != 1.0
    rows, items, extra = pairs.coords[0][more], pairs.coords[1][more], pairs.data[more] - 1.0
    sums = np.zeros((weights.shape[0], width * width), np.float32)
    step = max(2**23 // width**2, 1)
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        found = vectors[items[part]]
        outer = (found[:, :, None] * found[:, None, :]).reshape(len(found), -1)
        place = np.arange(len(found))
        shape = (len(sums), len(found))
        sums += sp.csr_array((extra[part], (rows[part], place)), shape=shape) @ outer
    return sums.reshape(-1, width, width)


def _choose_mix(
    model: FittedFactors, histories: Histories, random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return the temperature and the weight of popularity, both >= 0, by maximum likelihood.

    Each history's first four fifths say who the user is; the items that the rest of it adds are to
    be predicted among all items that the first part lacks. What recurs is the repeat part's task,
    and a factorisation cannot tell whether it does: in its eyes a user likes what is seen.
    """
    early = _early(histories)
    past = early.pair_counts()
    later = histories.pair_counts() - past
    later = later - later.multiply(past > 0)
    seen = np.flatnonzero(~np.isneginf(model.shares))
    known = (early.lengths > 0) & (later[:, seen].sum(axis=1) > 0)
    some = random.permutation(np.flatnonzero(known))[: max(_JUDGED_NUMBERS // len(seen), 1)]
    if not len(some):
        return np.array([0.0, 1.0])
    counts = later[some][:, seen]
    scores = model.vectors_of(past[some].astype(np.float32)) @ model.vectors[seen].T
    barred = np.where(past[some][:, seen].toarray() > 0, -np.inf, 0.0)
    shares = model.shares[seen].astype(np.float64)
    totals = np.asarray(counts.sum(axis=1)).ravel()

    def loss(mix: AnyArray) -> tuple[float, AnyArray]:
        logits = mix[0] * scores + mix[1] * shares
        gap = softmax(logits + barred, axis=1) * totals[:, None] - counts
        value = totals @ logsumexp(logits + barred, axis=1) - counts.multiply(logits).sum()
        slope = np.array([np.multiply(gap, scores).sum(), np.asarray(gap.sum(axis=0)) @ shares])
        return float(value / totals.sum()), slope / totals.sum()

    found = minimize(loss, np.array([1.0, 1.0]), jac=True, bounds=[(0, None), (0, None)])
    return np.asarray(found.x, np.float64)

"""Relevance by matrix factorisation: ALS and BPR, with factors by the package `implicit`."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
import threadpoolctl
from pydantic import Field

from tsgen.arrays import AnyArray, Array, Mask, Singles
from tsgen.data import Histories
from tsgen.errors import MissingExtraError
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.settings import Settings
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import FittedRelevance, RelevancePart, log_shares
from .fold_in import learn_fold, mean_vectors
from .mixing import MixedScores, fit_mixed

__all__ = ["FactorRelevance", "FactorSettings", "FittedFactors"]

_BLOCK = 512
"""Users whose scores of all items are held at a time."""


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
        held_out: Mask,
    ) -> FittedRelevance:
        """Factorise; see `RelevanceModel.fit`.

        Raises:
            MissingExtraError: The package `implicit` is not installed.
            DataError: There is no event to learn from.
        """
        return fit_mixed(histories, options, held_out, partial(self._factorise, options=options))

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
            fold = learn_fold(mean_vectors(counts, vectors), model.user_factors)
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
class FittedFactors(MixedScores):
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
    vectors: Singles
    shares: Singles
    fold: Singles
    mix: Array

    def vectors_of(self, counts: sp.csr_array) -> Singles:
        """Return the vectors of users with these counts of events, shape (r, d)."""
        if self.kind == "als":
            return _solve_als(counts * np.float32(self.settings.confidence), self.vectors,
                              self.settings.regularization)  # fmt: skip
        means = mean_vectors(counts, self.vectors)
        return np.asarray(means @ self.fold[:-1] + self.fold[-1], np.float32)

    def arrays(self) -> dict[str, AnyArray]:
        """Return the arrays."""
        return {name: getattr(self, name) for name in ("vectors", "shares", "fold", "mix")}


def _solve_als(weights: sp.csr_array, vectors: Singles, regularization: float) -> Singles:
    """Return each user's factors given the items', shape (r, d).

    Equation (Hu et al., 4): u = (V'V + V'(C - I)V + regularization I)^-1 V'C 1, where C are the
    weights of the pairs seen; a pair not seen weighs 1.
    """
    width = vectors.shape[1]
    gram = vectors.T @ vectors + np.float32(regularization) * np.eye(width, dtype=np.float32)
    solved = np.zeros((weights.shape[0], width), np.float32)
    for start in range(0, weights.shape[0], _BLOCK):
        block = sp.csr_array(weights[start : start + _BLOCK])
        right = block @ vectors
        left = gram + _weighted_grams(block, vectors)
        solved[start : start + _BLOCK] = np.linalg.solve(left, right[:, :, None])[:, :, 0]
    return solved


def _weighted_grams(weights: sp.csr_array, vectors: Singles) -> AnyArray:
    """Return V'(C - I)V of each user, shape (r, d, d), a bounded number of pairs at a time."""
    width = vectors.shape[1]
    pairs = weights.tocoo()
    more = pairs.data != 1.0
    rows, items, extra = pairs.coords[0][more], pairs.coords[1][more], pairs.data[more] - 1.0
    sums = np.zeros((weights.shape[0], width * width), np.float32)
    step = max(2**23 // width**2, 1)
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        bought = vectors[items[part]]
        outer = (bought[:, :, None] * bought[:, None, :]).reshape(len(bought), -1)
        place = np.arange(len(bought))
        shape = (len(sums), len(bought))
        sums += sp.csr_array((extra[part], (rows[part], place)), shape=shape) @ outer
    return sums.reshape(-1, width, width)

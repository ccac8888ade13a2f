"""Which item a user turns to, given that the user does something: the protocol, and popularity.

Every model gives log p(y | x) = u_x . v_y + a_x + b_y, so that scores stay low-rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.training import TrainingOptions

__all__ = [
    "FittedRelevance",
    "PopularityRelevance",
    "RandomRelevance",
    "RelevanceModel",
    "UserPart",
    "log_shares",
]

Array = npt.NDArray[Any]
UserPart = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Factors (r, d) and biases (r,) of requests."""

_RANDOM_FACTORS = 32
_LATEST = np.iinfo(np.int64).max


class FittedRelevance(Protocol):
    """A relevance model that has learnt; it keeps no events."""

    @property
    def item_factors(self) -> npt.NDArray[np.float32]:
        """Factors v, shape (items, d)."""
        ...

    @property
    def item_bias(self) -> npt.NDArray[np.float32]:
        """Biases b, shape (items,); -inf for items without training events."""
        ...

    def users(self, histories: Histories) -> UserPart:
        """Return the factors and biases of requests; exp of the sum adds up to 1 over items."""
        ...

    def parameters(self) -> dict[str, Array]:
        """Return the arrays that `restore` takes back, for saving; tsgen's own models have it."""
        ...


@runtime_checkable
class RelevanceModel(Protocol):
    """A relevance model that can learn.

    `RIMEstimator(relevance=...)` takes any object with this method; nothing need be inherited. What
    it returns needs `item_factors` (items, d), `item_bias` (items,) and `users(histories)`, the
    items in the order of `histories.events.items`, such that log p(y | x) = factors . item_factors
    + bias + item_bias. The saved model keeps these arrays and each user's: it makes audiences, but
    reads no newer histories (`events=`), for it has no code of yours.

    Example:
        >>> import numpy as np
        >>> class Uniform:  # every item that had events, alike
        ...     def fit(self, histories, horizon, options, *, held_out):
        ...         counts = histories.pair_counts().sum(axis=0)
        ...         with np.errstate(divide="ignore"):
        ...             self.item_bias = np.log((counts > 0) / (counts > 0).sum())
        ...         self.item_factors = np.zeros((len(counts), 0))
        ...         return self
        ...
        ...     def users(self, histories):
        ...         return np.zeros((len(histories), 0)), np.zeros(len(histories))
        >>> from tsgen import RIMEstimator
        >>> RIMEstimator(horizon="7D", relevance=Uniform()).to_json()["relevance"]
        'own'
    """

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: npt.NDArray[np.bool_],
    ) -> FittedRelevance:
        """Learn from histories.

        Args:
            histories: Each user once, at the end of the training events.
            horizon: Microseconds.
            options: Seed, device, budget.
            held_out: (r,) users to validate by and not to learn from.
        """
        ...


def log_shares(histories: Histories, weights: Array | None = None) -> npt.NDArray[np.float32]:
    """Return log of each item's share of the events, -inf without any, shape (items,).

    Args:
        histories: The requests whose events count.
        weights: (events,) of all events that the requests see, in order; None weighs all alike.

    Raises:
        DataError: No request sees an event.
    """
    _, rows = histories.flat()
    if not len(rows):
        raise DataError("There is no event before the cut-off; there is nothing to learn.")
    items = histories.events.item[rows]
    counts = np.bincount(items, weights, minlength=histories.events.num_items)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(counts / counts.sum()), np.float32)


@dataclass(frozen=True)
class _FittedPopularity:
    item_factors: npt.NDArray[np.float32]
    item_bias: npt.NDArray[np.float32]

    def users(self, histories: Histories) -> UserPart:
        """Return no factors, and biases of 0: all users alike."""
        return np.zeros((len(histories), 0), np.float32), np.zeros(len(histories), np.float32)

    def parameters(self) -> dict[str, Array]:
        return {"item_bias": self.item_bias}


@dataclass(frozen=True)
class PopularityRelevance:
    """p(y | x) is the share of item y in the training events, the same for all users.

    Attributes:
        fading: Events count exp(-age / fading), ages in horizons; None counts all alike.
    """

    fading: float | None = None
    Fitted: ClassVar[type] = _FittedPopularity

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: npt.NDArray[np.bool_],
    ) -> FittedRelevance:
        """Count the events of the items; see `RelevanceModel.fit`."""
        learning = histories.subset(~held_out)
        weights = None
        if self.fading is not None:
            requests, rows = learning.flat()
            ages = learning.at[requests] - learning.events.time[rows]
            weights = np.exp((ages.min(initial=_LATEST) - ages) / (horizon * self.fading))
        return self.restore({"item_bias": log_shares(learning, weights)})

    @staticmethod
    def restore(parameters: dict[str, Array]) -> FittedRelevance:
        """Return the fitted model that `parameters` came from."""
        bias = parameters["item_bias"]
        return _FittedPopularity(np.zeros((len(bias), 0), np.float32), bias)


@dataclass(frozen=True)
class _FittedRandom:
    item_factors: npt.NDArray[np.float32]
    item_bias: npt.NDArray[np.float32]
    key: npt.NDArray[np.int64]

    def users(self, histories: Histories) -> UserPart:
        """Return random factors, the same for the same position, and minus the log-sum-exp."""
        random = numpy_stream(int(self.key[0]), "random users")
        shape = (len(histories), self.item_factors.shape[1])
        factors = random.standard_normal(shape, dtype=np.float32)
        return factors, -logsumexp(factors @ self.item_factors.T + self.item_bias, axis=1)

    def parameters(self) -> dict[str, Array]:
        return {name: getattr(self, name) for name in ("item_factors", "item_bias", "key")}


@dataclass(frozen=True)
class RandomRelevance:
    """Scores by chance ("Rand"): for one item, any order of the users is as likely as another."""

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: npt.NDArray[np.bool_],
    ) -> FittedRelevance:
        """Draw factors for the items that have events; see `RelevanceModel.fit`."""
        shares = log_shares(histories.subset(~held_out))
        seed = resolve_seed(options.seed)
        draw = numpy_stream(seed, "random items")
        factors = draw.standard_normal((len(shares), _RANDOM_FACTORS), dtype=np.float32)
        bias = np.where(np.isneginf(shares), shares, np.float32(0.0))
        return _FittedRandom(factors, bias, np.array([seed]))

    @staticmethod
    def restore(parameters: dict[str, Array]) -> FittedRelevance:
        """Return the fitted model that `parameters` came from."""
        return _FittedRandom(**parameters)

"""Which item a user turns to, given that the user does something: what a model of it can do.

Every model gives log p(y | x) = u_x . v_y + a_x + b_y, so that scores stay low-rank.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol, runtime_checkable

import numpy as np

from tsgen.arrays import AnyArray, Mask, Singles
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.training import TrainingOptions

from ..parts import Part, SavedPart

__all__ = ["FittedRelevance", "RelevanceModel", "RelevancePart", "UserPart", "log_shares"]

UserPart = tuple[Singles, Singles]
"""Factors (r, d) and biases (r,) of requests."""


class FittedRelevance(Protocol):
    """A relevance model that has learnt; it keeps no events."""

    @property
    def item_factors(self) -> Singles:
        """Factors v, shape (items, d)."""
        ...

    @property
    def item_bias(self) -> Singles:
        """Biases b, shape (items,); -inf for items without training events."""
        ...

    def users(self, histories: Histories) -> UserPart:
        """Return the factors and biases of requests; exp of the sum adds up to 1 over items."""
        ...

    @property
    def has_folder(self) -> bool:
        """See `FittedPart`; tsgen's own models have it, and `arrays`."""
        ...

    def arrays(self) -> dict[str, Any]:
        """See `FittedPart`."""
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
        held_out: Mask,
    ) -> FittedRelevance:
        """Learn from histories.

        Args:
            histories: Each user once, at the end of the training events.
            horizon: Microseconds.
            options: Seed, device, budget.
            held_out: (r,) users to validate by and not to learn from.
        """
        ...


class RelevancePart(Part, ABC):
    """A relevance model of tsgen: a frozen dataclass, its fields are its settings."""

    @abstractmethod
    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: Mask,
    ) -> FittedRelevance:
        """Learn from histories; see `RelevanceModel.fit`."""

    @abstractmethod
    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedRelevance:
        """Return what the fitted model's `arrays` came from."""


def log_shares(histories: Histories, weights: AnyArray | None = None) -> Singles:
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

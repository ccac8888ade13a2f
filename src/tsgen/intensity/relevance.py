"""Which item a user turns to, given that the user does something: the protocol, and popularity.

Every model gives log p(y | x) = u_x . v_y + a_x + b_y, so that scores stay low-rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.training import TrainingOptions

__all__ = ["FittedRelevance", "PopularityRelevance", "RelevanceModel", "UserPart"]

Array = npt.NDArray[Any]
UserPart = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Factors (r, d) and biases (r,) of requests."""


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
        """Return the arrays that `restore` takes back, for saving."""
        ...


class RelevanceModel(Protocol):
    """A relevance model that can learn."""

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
        requests, rows = histories.subset(~held_out).flat()
        if not len(rows):
            raise DataError("There is no event before the cut-off; there is nothing to learn.")
        weights = np.ones(len(rows))
        if self.fading is not None:
            at = histories.at[~held_out][requests]
            ages = (at - histories.events.time[rows]) / (horizon * self.fading)
            weights = np.exp(ages.min() - ages)
        items = histories.events.item[rows]
        counts = np.bincount(items, weights, minlength=histories.events.num_items)
        with np.errstate(divide="ignore"):
            bias = np.log(counts / counts.sum()).astype(np.float32)
        return self.restore({"item_bias": bias})

    @staticmethod
    def restore(parameters: dict[str, Array]) -> FittedRelevance:
        """Return the fitted model that `parameters` came from."""
        bias = parameters["item_bias"]
        return _FittedPopularity(np.zeros((len(bias), 0), np.float32), bias)

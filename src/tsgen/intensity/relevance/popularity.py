"""Relevance by popularity: an item's share of the events, the same for all users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import Field

from tsgen.arrays import AnyArray, Mask, Singles
from tsgen.data import Histories
from tsgen.training import TrainingOptions

from ..parts import ArrayFields, SavedPart
from .base import FittedRelevance, RelevancePart, UserPart, log_shares

__all__ = ["FittedPopularity", "PopularityRelevance", "log_faded_shares"]

_LATEST = np.iinfo(np.int64).max


@dataclass(frozen=True)
class FittedPopularity(ArrayFields):
    """A share of each item, the same for all users."""

    item_factors: Singles
    item_bias: Singles

    @classmethod
    def of(cls, item_bias: Singles) -> Self:
        """Return the model of these log shares, (items,)."""
        return cls(np.zeros((len(item_bias), 0), np.float32), item_bias)

    def users(self, histories: Histories) -> UserPart:
        """Return no factors, and biases of 0: all users alike."""
        return np.zeros((len(histories), 0), np.float32), np.zeros(len(histories), np.float32)

    def arrays(self) -> dict[str, AnyArray]:
        """Return the log shares."""
        return {"item_bias": self.item_bias}


@dataclass(frozen=True)
class PopularityRelevance(RelevancePart):
    """p(y | x) is the share of item y in the training events, the same for all users.

    Attributes:
        fading: Events count exp(-age / fading), ages in horizons; None counts all alike.
    """

    fading: Annotated[float, Field(gt=0)] | None = None

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: Mask,
    ) -> FittedRelevance:
        """Count the events of the items; see `RelevanceModel.fit`."""
        learning = histories.subset(~held_out)
        return FittedPopularity.of(log_faded_shares(learning, horizon, self.fading))

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedRelevance:
        """Return what the fitted model's `arrays` came from."""
        return FittedPopularity.of(arrays["item_bias"])


def log_faded_shares(histories: Histories, horizon: int, fading: float | None) -> Singles:
    """Return log of each item's share of the events, -inf without any, shape (items,).

    Args:
        histories: The requests whose events count.
        horizon: Microseconds.
        fading: Events count exp(-age / fading), ages in horizons; None counts all alike.

    Raises:
        DataError: No request sees an event.
    """
    if fading is None:
        return log_shares(histories)
    requests, rows = histories.flat()
    ages = histories.at[requests] - histories.events.time[rows]
    weights = np.exp((ages.min(initial=_LATEST) - ages) / (horizon * fading))
    return log_shares(histories, weights)

"""Relevance by popularity whose fading is learnt from the last horizons of the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from tsgen.arrays import AnyArray, Array, Mask
from tsgen.data import Histories
from tsgen.progress import track
from tsgen.training import TrainingOptions

from ..parts import SavedPart, history_weight, stacked_weights
from .base import FittedRelevance, RelevancePart
from .popularity import FittedPopularity, PopularityRelevance, log_faded_shares

__all__ = ["AutoRelevance", "FittedAuto"]

_SCALES = (0.3, 1.0, 3.0, 10.0, None)
"""Horizons in which an event's weight falls by e; None weighs all alike."""

_NAMES = [f"popularity, fading {scale:g}" if scale else "popularity" for scale in _SCALES]


@dataclass(frozen=True)
class AutoRelevance(RelevancePart):
    """p(y | x) = sum over scales s of w_s share_s(y): how fast an item's past fades is learnt.

    share_s is the share of item y in all events, each weighted exp(-age / s). The weights w add up
    to 1 and maximise the likelihood of the items of the events in the last horizons, given what
    came before each. So in these windows neither popularity nor popularity of late is better. A log
    of less than two horizons has no window to learn from and weighs all events alike.

    Attributes:
        fading: The one scale to take, as `PopularityRelevance` does; None learns.
        num_windows: Most windows to choose by.
    """

    fading: Annotated[float, Field(gt=0)] | None = None
    num_windows: Annotated[int, Field(ge=1)] = 3

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: Mask,
    ) -> FittedRelevance:
        """Learn the weights, and the shares; see `RelevanceModel.fit`."""
        if self.fading is not None:
            popularity = PopularityRelevance(self.fading)
            return popularity.fit(histories, horizon, options, held_out=held_out)
        learning = histories.subset(~held_out)
        windows = list(self._windows(learning, horizon))
        weights, choice = stacked_weights(_NAMES, windows, alone=_NAMES[-1])
        with np.errstate(divide="ignore"):
            bias = np.log(_shares(learning, horizon) @ weights).astype(np.float32)
        return replace(FittedAuto.of(bias), choice=choice)

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedRelevance:
        """Return what the fitted model's `arrays` came from."""
        return FittedPopularity.of(arrays["item_bias"])

    def _windows(self, histories: Histories, horizon: int) -> Iterator[tuple[Array, Array]]:
        """Yield shares before a window, (items, scales), and the counts in it, the latest first."""
        first = int(histories.events.time.min(initial=0))
        for back in track(range(1, self.num_windows + 1), "choosing the relevance"):
            past, later = (
                Histories.of(histories.events, histories.at - k * horizon, histories.users)
                for k in (back, back - 1)
            )
            weight = history_weight((int(past.at.max(initial=0)) - first) / horizon)
            if not past.lengths.any() or (weight < 1 and back == 1):
                return
            yield _shares(past, horizon), weight * (_item_counts(later) - _item_counts(past))


@dataclass(frozen=True)
class FittedAuto(FittedPopularity):
    """Attributes: choice, what the weights of the scales rest on."""

    choice: dict[str, Any] = field(default_factory=dict)


def _item_counts(histories: Histories) -> Array:
    items = histories.events.item[histories.flat()[1]]
    return np.bincount(items, minlength=histories.events.num_items).astype(np.float64)


def _shares(histories: Histories, horizon: int) -> Array:
    """Return each item's share of the weighted events, shape (items, scales)."""
    logs = [log_faded_shares(histories, horizon, scale) for scale in _SCALES]
    return np.exp(np.stack(logs, axis=1).astype(np.float64))

"""Relevance by popularity whose fading is learnt from the last horizons of the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories
from tsgen.training import TrainingOptions

from ..parts import SavedPart, choice_facts, likeliest_weights
from .base import FittedRelevance, RelevancePart, log_shares
from .popularity import FittedPopularity, PopularityRelevance

__all__ = ["AutoRelevance"]

_SCALES = (0.3, 1.0, 3.0, 10.0, None)
"""Horizons in which an event's weight falls by e; None weighs all alike."""

_NAMES = [f"popularity, fading {scale:g}" if scale else "popularity" for scale in _SCALES]

_LEAST = 1e-12


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
        held_out: npt.NDArray[np.bool_],
    ) -> FittedRelevance:
        """Learn the weights, and the shares; see `RelevanceModel.fit`."""
        if self.fading is not None:
            popularity = PopularityRelevance(self.fading)
            return popularity.fit(histories, horizon, options, held_out=held_out)
        learning = histories.subset(~held_out)
        shares, counts, num_windows = self._windows(learning, horizon)
        weights = np.eye(len(_SCALES))[-1]
        if counts.any():
            weights = likeliest_weights(shares, counts)
        log_shares(learning)  # refuses a log without events
        with np.errstate(divide="ignore"):
            bias = np.log(_shares(learning, horizon) @ weights).astype(np.float32)
        choice = choice_facts(_NAMES, shares, counts, weights, num_windows)
        return _FittedAuto(FittedPopularity.of(bias).item_factors, bias, choice)

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedRelevance:
        """Return what the fitted model's `arrays` came from."""
        return FittedPopularity.of(arrays["item_bias"])

    def _windows(self, histories: Histories, horizon: int) -> tuple[Array, Array, int]:
        """Return shares before (w * items, scales) and counts in each of the w windows."""
        tables, counts = [np.zeros((0, len(_SCALES)))], [np.zeros(0)]
        first = int(histories.events.time.min(initial=0))
        for back in range(1, self.num_windows + 1):
            past, later = (
                Histories.of(histories.events, histories.at - k * horizon, histories.users)
                for k in (back, back - 1)
            )
            begin = int(past.at.max(initial=0))
            if begin - first < horizon or not past.lengths.any():
                break
            tables.append(_shares(past, horizon))
            counts.append(_item_counts(later) - _item_counts(past))
        return np.concatenate(tables), np.concatenate(counts), len(counts) - 1


@dataclass(frozen=True)
class _FittedAuto(FittedPopularity):
    """Attributes: choice, what the weights of the scales rest on."""

    choice: dict[str, Any] = field(default_factory=dict)


def _item_counts(histories: Histories) -> Array:
    items = histories.events.item[histories.flat()[1]]
    return np.bincount(items, minlength=histories.events.num_items).astype(np.float64)


def _shares(histories: Histories, horizon: int) -> Array:
    """Return each item's share of the weighted events, shape (items, scales)."""
    requests, rows = histories.flat()
    items, num_items = histories.events.item[rows], histories.events.num_items
    ages = (histories.at[requests] - histories.events.time[rows]) / horizon
    ages -= ages.min(initial=np.inf) if len(ages) else 0.0
    columns = [
        np.bincount(items, None if s is None else np.exp(-ages / s), minlength=num_items)
        for s in _SCALES
    ]
    sums = np.stack(columns, axis=1).astype(np.float64)
    return np.asarray(sums / np.maximum(sums.sum(axis=0), _LEAST))

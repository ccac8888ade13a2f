"""Activity in proportion to the number of past events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories
from tsgen.training import TrainingOptions

from ...parts import SavedPart
from ..base import ActivityPart, FittedActivity
from .scaled import Scaled

__all__ = ["PopularityActivity"]


@dataclass(frozen=True)
class _FittedPopularity(Scaled):
    def state(self, histories: Histories) -> Array:
        return histories.lengths[:, None].astype(np.float64)


@dataclass(frozen=True)
class PopularityActivity(ActivityPart):
    """Activity in proportion to the number of past events + 0.01.

    The scale is the one under which the last horizon of the training part had as many events as
    expected; it changes no ranking.
    """

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the scale, and the distribution of counts."""
        return _FittedPopularity.fit(histories, horizon)

    def fit_mean(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the scale."""
        return _FittedPopularity.fit_mean(histories, horizon)

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what the fitted model's `arrays` came from."""
        return _FittedPopularity.from_arrays(arrays)

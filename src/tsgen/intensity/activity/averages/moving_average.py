"""Activity in proportion to the exponential moving average of past events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories
from tsgen.training import TrainingOptions

from ...parts import SavedPart
from ..base import ActivityPart, FittedActivity
from ..sums import decayed_sums
from .scaled import Scaled

__all__ = ["MovingAverageActivity"]


@dataclass(frozen=True)
class _FittedMovingAverage(Scaled):
    horizon: float
    decay: ClassVar[float] = 1.0

    def state(self, histories: Histories) -> Array:
        return decayed_sums(histories, np.ones(1), int(self.horizon))


@dataclass(frozen=True)
class MovingAverageActivity(ActivityPart):
    """Activity in proportion to the exponential moving average of past events + 0.01.

    Equation: sum over past events k of exp(-(T - t_k) / H). Scaled as `PopularityActivity` is.
    """

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the scale, and the distribution of counts."""
        return _FittedMovingAverage.fit(histories, horizon, horizon=float(horizon))

    def fit_mean(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the scale."""
        return _FittedMovingAverage.fit_mean(histories, horizon, horizon=float(horizon))

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what the fitted model's `arrays` came from."""
        return _FittedMovingAverage.from_arrays(arrays)

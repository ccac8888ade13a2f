"""No activity model: one event of each user, so that relevance alone decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import ActivityPart, Dispersed, FittedActivity

__all__ = ["ConstantActivity"]


@dataclass(frozen=True)
class _FittedConstant(Dispersed):
    expects_counts: ClassVar[bool] = False

    def state(self, histories: Histories) -> Array:
        return np.zeros((len(histories), 0))

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        return np.ones(len(state))

    def arrays(self) -> dict[str, Array]:
        return {}


@dataclass(frozen=True)
class ConstantActivity(ActivityPart):
    """1 for every user at every time, which is no expectation of events."""

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn nothing."""
        return _FittedConstant()

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return the same again."""
        return _FittedConstant()

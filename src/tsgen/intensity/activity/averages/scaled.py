"""Activity that is one number a user, times a scale: what popularity and moving average share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from tsgen.arrays import Array
from tsgen.data import Histories

from ..base import Dispersed, last_window, with_history

__all__ = ["Scaled"]

_FLOOR = 0.01
"""What a user without history has of the count, as in the authors' code."""


@dataclass(frozen=True)
class Scaled(Dispersed):
    """A number a user, times the scale under which the last window had as many events as expected.

    Attributes:
        scale: Events expected of a user with a number of one.
        decay: How fast the number fades, in 1 / horizons.
    """

    scale: float
    decay: ClassVar[float] = 0.0

    def state(self, histories: Histories) -> Array:
        """Return the decayed number of events of each request, shape (r, 1)."""
        raise NotImplementedError

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return scale * (number + 0.01)."""
        faded = state[:, 0] * np.exp(-self.decay * np.asarray(elapsed))
        return np.asarray(self.scale * (faded + _FLOOR))

    def blended(self, other: Self, share: float) -> Self:
        """Return the mean of two models, with so much of the other's."""
        return replace(self, scale=(1 - share) * self.scale + share * other.scale)

    @classmethod
    def fit(cls, histories: Histories, span: int, **settings: Any) -> Self:
        """Learn the scale, and the dispersion; see `fit_mean`."""
        window = with_history(last_window(histories, span))
        return cls.fit_mean(histories, span, **settings).learn_dispersion(window)

    @classmethod
    def fit_mean(cls, histories: Histories, span: int, **settings: Any) -> Self:
        """Learn the scale.

        Args:
            histories: Each user once.
            span: The horizon in microseconds.
            settings: Fields of the class beside the scale.
        """
        past, counts = with_history(last_window(histories, span))
        unscaled = cls(scale=1.0, **settings)
        if not len(past):  # nothing was known then: expect the same again of what is now
            past, counts = histories, histories.lengths
        expected = unscaled.intensity(unscaled.state(past)).sum()
        scale = max(float(counts.sum()), 1.0) / float(expected)
        return cls(scale=scale, **settings)

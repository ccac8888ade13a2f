"""How active a user will be, whatever the item: the protocol, and the two simplest models.

Time is measured in horizons from here on: a model's intensity is the expected number of events of a
user in one horizon from the request on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from tsgen.data import Histories
from tsgen.data.events import count_before
from tsgen.training import TrainingOptions

from .count_distribution import CountDistribution, fit_dispersion, shape_of

__all__ = [
    "ActivityModel",
    "Array",
    "Dispersed",
    "FittedActivity",
    "MovingAverageActivity",
    "PopularityActivity",
    "decayed_sums",
    "last_window",
    "with_history",
]

Array = npt.NDArray[np.float64]

_FLOOR = 0.01
"""What a user without history has of the count, as in the authors' code."""


class FittedActivity(Protocol):
    """An activity model that has learnt; it keeps no events."""

    def state(self, histories: Histories) -> Array:
        """Return the compact state of each request at its time, shape (r, k)."""
        ...

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return the expected number of events in the next horizon, shape (r,).

        Args:
            state: (r, k), from `state`.
            elapsed: Horizons since the state was taken, without an event in between; a number or
                (r,).
        """
        ...

    def counts(self, state: Array, elapsed: float | Array = 0.0) -> CountDistribution:
        """Return the distribution of the number of events, whose mean is `intensity`."""
        ...

    def parameters(self) -> dict[str, Array]:
        """Return the arrays that the class takes back, for saving."""
        ...


class ActivityModel(Protocol):
    """An activity model that can learn."""

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn from histories.

        Args:
            histories: Each user once, at the end of the training events.
            horizon: Microseconds.
            options: Seed and device, for models that are trained by steps.
        """
        ...


def decayed_sums(
    histories: Histories, decays: Array, horizon: int, *, without_first: bool = False
) -> Array:
    """Return the sum over each history of exp(-decay * age), ages in horizons, shape (r, decays).

    Equation (EMA): sum over k of exp(-decay (T - t_k) / H); `without_first` leaves out each user's
    first event.
    """
    requests, rows = histories.flat()
    if without_first:
        later = rows > histories.begins[requests]
        requests, rows = requests[later], rows[later]
    ages = (histories.at[requests] - histories.events.time[rows]) / horizon
    sums = [np.bincount(requests, np.exp(-d * ages), minlength=len(histories)) for d in decays]
    return np.stack(sums, axis=1) if len(decays) else np.zeros((len(histories), 0))


def last_window(
    histories: Histories, horizon: int, back: int = 1
) -> tuple[Histories, npt.NDArray[np.int64]]:
    """Return the same users `back` horizons earlier, and their events in the horizon that followed.

    A model that is fitted to such a window learns what it will be asked, without any later event.
    """
    past = Histories.of(histories.events, histories.at - back * horizon, histories.users)
    until = past.at + horizon
    ends = np.minimum(count_before(past.events, past.users, until), histories.ends)
    return past, ends - np.minimum(past.ends, ends)


def with_history(
    window: tuple[Histories, npt.NDArray[np.int64]],
) -> tuple[Histories, npt.NDArray[np.int64]]:
    """Return the part of a window whose users had a history at its beginning.

    Users who had none are in the log only because they came later, so all of them did.
    """
    past, counts = window
    known = past.lengths > 0
    return past.subset(known), counts[known]


@dataclass(frozen=True, kw_only=True)
class Dispersed:
    """Gives a fitted activity the distribution of counts: a negative binomial one.

    Attributes:
        dispersion: (2,) see `fit_dispersion`; learnt from the last horizon of the training part.
    """

    dispersion: Array = field(default_factory=lambda: np.array([12.0, 0.0]))

    def counts(self, state: Array, elapsed: float | Array = 0.0) -> CountDistribution:
        """Return the distribution of the number of events in the next horizon."""
        mean = self.intensity(state, elapsed)  # type: ignore[attr-defined]
        return CountDistribution(mean, shape_of(mean, self.dispersion))

    def learn_dispersion(self, window: tuple[Histories, npt.NDArray[np.int64]]) -> Self:
        """Return the same model with the dispersion of a window's counts."""
        past, counts = window
        if not len(past):
            return self
        fitted: Any = self
        mean = fitted.intensity(fitted.state(past))
        return replace(self, dispersion=fit_dispersion(mean, counts))


@dataclass(frozen=True)
class _Scaled(Dispersed):
    """An activity that is one number a user, times a scale learnt on the last window."""

    scale: Array
    decay: ClassVar[float] = 0.0

    def state(self, histories: Histories) -> Array:
        """Return the decayed number of events of each request, shape (r, 1)."""
        raise NotImplementedError

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return scale * (number + 0.01)."""
        faded = state[:, 0] * np.exp(-self.decay * np.asarray(elapsed))
        return np.asarray(self.scale[0] * (faded + _FLOOR))

    def parameters(self) -> dict[str, Array]:
        """Return the scale and the dispersion."""
        return {"scale": self.scale, "dispersion": self.dispersion}

    @classmethod
    def _fit(cls, histories: Histories, span: int, **fields: Any) -> Any:
        past, counts = window = with_history(last_window(histories, span))
        unscaled = cls(scale=np.ones(1), **fields)
        if not len(past):  # nothing was known then: expect the same again of what is now
            past, counts = histories, histories.lengths
        expected = unscaled.intensity(unscaled.state(past)).sum()
        scale = max(float(counts.sum()), 1.0) / expected
        return cls(scale=np.array([scale]), **fields).learn_dispersion(window)


@dataclass(frozen=True)
class _FittedPopularity(_Scaled):
    def state(self, histories: Histories) -> Array:
        return histories.lengths[:, None].astype(np.float64)


@dataclass(frozen=True)
class _FittedMovingAverage(_Scaled):
    horizon: Array
    decay: ClassVar[float] = 1.0

    def state(self, histories: Histories) -> Array:
        return decayed_sums(histories, np.ones(1), int(self.horizon[0]))

    def parameters(self) -> dict[str, Array]:
        return {**super().parameters(), "horizon": self.horizon}


@dataclass(frozen=True)
class PopularityActivity:
    """Activity in proportion to the number of past events + 0.01.

    The scale is the one under which the last horizon of the training part had as many events as
    expected; it changes no ranking.
    """

    Fitted: ClassVar[type] = _FittedPopularity

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the scale."""
        return _FittedPopularity._fit(histories, horizon)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class MovingAverageActivity:
    """Activity in proportion to the exponential moving average of past events + 0.01.

    Equation: sum over past events k of exp(-(T - t_k) / H). Scaled as `PopularityActivity` is.
    """

    Fitted: ClassVar[type] = _FittedMovingAverage

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the scale."""
        fields = {"horizon": np.array([float(horizon)])}
        return _FittedMovingAverage._fit(histories, horizon, **fields)  # type: ignore[no-any-return]

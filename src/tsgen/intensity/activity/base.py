"""How active a user will be, whatever the item: what a model of it can do.

Time is measured in horizons from here on: a model's intensity is the expected number of events of a
user in one horizon from the request on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from tsgen.arrays import AnyArray, Array, Integers
from tsgen.data import Histories
from tsgen.data.events import count_before
from tsgen.training import TrainingOptions

from ..parts import ArrayFields, Part, SavedPart
from .count_distribution import CountDistribution, fit_dispersion, shape_of

__all__ = [
    "ActivityModel",
    "ActivityPart",
    "Dispersed",
    "FittedActivity",
    "last_window",
    "with_history",
]


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

    @property
    def expects_counts(self) -> bool:
        """Whether intensities are numbers of events, not only an order of the users."""
        ...

    @property
    def has_folder(self) -> bool:
        """See `FittedPart`."""
        ...

    def arrays(self) -> dict[str, Any]:
        """See `FittedPart`."""
        ...

    def write(self, folder: Path) -> None:
        """Write what `arrays` cannot hold, if the part has a folder."""
        ...


@runtime_checkable
class ActivityModel(Protocol):
    """An activity model that can learn.

    `RIMEstimator(activity=...)` takes any object with this method; nothing need be inherited. What
    it returns needs `state(histories)`, numbers of each request, shape (r, k), and
    `intensity(state, elapsed)`, the expected events of each in the next horizon, shape (r,), where
    `elapsed` horizons have passed since without an event. The saved model keeps each user's
    expected events: it makes audiences, but asks nothing of later times (`at=`) or newer histories
    (`events=`), for it has no code of yours.

    Example:
        >>> class AsBefore:  # as many events as there were, whenever that was
        ...     def fit(self, histories, horizon, options):
        ...         return self
        ...
        ...     def state(self, histories):
        ...         return histories.lengths[:, None].astype(float)
        ...
        ...     def intensity(self, state, elapsed=0.0):
        ...         return state[:, 0]
        >>> from tsgen import RIMEstimator
        >>> RIMEstimator(horizon="7D", activity=AsBefore()).to_json()["activity"]
        'own'
    """

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> Any:
        """Learn from histories.

        Args:
            histories: Each user once, at the end of the training events.
            horizon: Microseconds.
            options: Seed and device, for models that are trained by steps.
        """
        ...


class ActivityPart(Part, ABC):
    """An activity model of tsgen: a frozen dataclass, its fields are its settings.

    Attributes:
        by_whole_days: Whether a RIM with it learns from horizons that end at midnight. Its fitted
            models then need `blended`, as that of "auto" has: the mean with one learnt until
            another midnight.
    """

    by_whole_days: ClassVar[bool] = False

    @abstractmethod
    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn from histories; see `ActivityModel.fit`."""

    def fit_mean(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn what to expect, for a stack, which learns the distribution of counts by itself."""
        return self.fit(histories, horizon, options)

    def fitter(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> Callable[[int], FittedActivity]:
        """Return what fits the model to the histories so many horizons earlier.

        A model whose fits at different times share work does that work once.
        """
        return lambda back: self.fit(histories.earlier(back * horizon), horizon, options)

    @abstractmethod
    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what the fitted model's `arrays` came from."""


def last_window(histories: Histories, horizon: int, back: int = 1) -> tuple[Histories, Integers]:
    """Return the same users `back` horizons earlier, and their events in the horizon that followed.

    A model that is fitted to such a window learns what it will be asked, without any later event.
    """
    past = histories.earlier(back * horizon)
    until = past.at + horizon
    ends = np.minimum(count_before(past.events, past.users, until), histories.ends)
    return past, ends - np.minimum(past.ends, ends)


def with_history(
    window: tuple[Histories, Integers],
) -> tuple[Histories, Integers]:
    """Return the part of a window whose users had a history at its beginning.

    Users who had none are in the log only because they came later, so all of them did.
    """
    past, counts = window
    active = past.lengths > 0
    return past.subset(active), counts[active]


@dataclass(frozen=True, kw_only=True)
class Dispersed(ArrayFields):
    """Gives a fitted activity the distribution of counts: a negative binomial one.

    Attributes:
        dispersion: (2,) see `fit_dispersion`; learnt from the last horizon of the training part.
    """

    dispersion: Array = field(default_factory=lambda: np.array([12.0, 0.0]))
    expects_counts: ClassVar[bool] = True

    def counts(self, state: Array, elapsed: float | Array = 0.0) -> CountDistribution:
        """Return the distribution of the number of events in the next horizon."""
        mean = self.intensity(state, elapsed)  # type: ignore[attr-defined]
        return CountDistribution(mean, shape_of(mean, self.dispersion))

    def learn_dispersion(self, window: tuple[Histories, Integers]) -> Self:
        """Return the same model with the dispersion of a window's counts."""
        past, counts = window
        if not len(past):
            return self
        fitted: Any = self
        mean = fitted.intensity(fitted.state(past))
        return replace(self, dispersion=fit_dispersion(mean, counts))

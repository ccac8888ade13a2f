"""Activity by an object of the user's own: checked, and kept as each user's expected events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories
from tsgen.errors import DataError, SettingsError
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import ActivityModel, ActivityPart, Dispersed, FittedActivity, last_window, with_history

__all__ = ["OwnActivity"]

_NEEDED = ("state", "intensity")


@dataclass(frozen=True)
class OwnActivity(ActivityPart):
    """An `ActivityModel` that is not part of tsgen.

    Attributes:
        model: The object; None in a model that was loaded.
    """

    model: ActivityModel | None = None
    expensive: ClassVar[bool] = True

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Let the object learn; see `ActivityModel.fit`.

        Raises:
            SettingsError: There is no object, or what it returned is no fitted activity.
        """
        if self.model is None:
            raise SettingsError(
                "activity='own' stands for an object in a saved model; pass the object itself."
            )
        fitted = self.model.fit(histories, horizon, options)
        if lacking := [name for name in _NEEDED if not hasattr(fitted, name)]:
            raise SettingsError(
                f"The method `fit` of the activity model {type(self.model).__name__} returned "
                f"{type(fitted).__name__}, which has no {', no '.join(lacking)}; return a fitted "
                "model (see `ActivityModel`)."
            )
        own = _FittedOwn(fitted)
        return own.learn_dispersion(with_history(last_window(histories, horizon)))

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what knows the users' expected events, and no more."""
        return _FittedOwn(**arrays)


@dataclass(frozen=True)
class _FittedOwn(Dispersed):
    """The state of a request is its expected events, and then the object's own state."""

    fitted: Any = None

    def state(self, histories: Histories) -> Array:
        """Return the state of each request, shape (r, 1 + k).

        Raises:
            DataError: The model was loaded, and the object is not there.
        """
        if self.fitted is None:
            raise DataError(
                "The activity of this model was an object that is not part of tsgen, so the saved "
                "model knows the users at its training cut-off and reads no other histories. Leave "
                "out events=, or train again."
            )
        inner = np.asarray(self.fitted.state(histories), np.float64)
        if inner.ndim != 2 or len(inner) != len(histories):
            raise SettingsError(
                f"The activity model {self._name} gave states of shape {inner.shape}; "
                f"({len(histories)}, k) was expected, a row for each request."
            )
        return np.column_stack([self._expected(inner, 0.0), inner])

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return the expected events.

        Raises:
            DataError: Another time is asked about, and the object is not there.
        """
        if not np.any(elapsed):
            return state[:, 0]
        if self.fitted is None:
            raise DataError(
                "The activity of this model was an object that is not part of tsgen, so the saved "
                "model expects events from its training cut-off on alone. Leave out at=, or train "
                "again."
            )
        return self._expected(state[:, 1:], elapsed)

    def arrays(self) -> dict[str, Any]:
        """Return the dispersion; what is expected of users stands in their states."""
        return {"dispersion": self.dispersion}

    def _expected(self, inner: Array, elapsed: float | Array) -> Array:
        expected = np.asarray(self.fitted.intensity(inner, elapsed), np.float64)
        if expected.shape != (len(inner),):
            raise SettingsError(
                f"The activity model {self._name} gave intensities of shape {expected.shape}; "
                f"({len(inner)},) was expected, one for each request."
            )
        if not (np.isfinite(expected) & (expected >= 0)).all():
            raise SettingsError(
                f"The activity model {self._name} gave an intensity that is negative or no number; "
                "give every user expected events from 0, those without a history included."
            )
        return expected

    @property
    def _name(self) -> str:
        return type(self.fitted).__name__

"""Relevance by an object of the user's own: checked, and kept as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tsgen.arrays import AnyArray, Mask, Singles
from tsgen.data import Histories
from tsgen.errors import DataError, SettingsError
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import FittedRelevance, RelevanceModel, RelevancePart, UserPart

__all__ = ["OwnRelevance"]

_NEEDED = ("item_factors", "item_bias", "users")


@dataclass(frozen=True)
class OwnRelevance(RelevancePart):
    """A `RelevanceModel` that is not part of tsgen.

    Attributes:
        model: The object; None in a model that was loaded.
    """

    model: RelevanceModel | None = None
    expensive: ClassVar[bool] = True

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: Mask,
    ) -> FittedRelevance:
        """Let the object learn; see `RelevanceModel.fit`.

        Raises:
            SettingsError: There is no object, or what it returned is no fitted relevance.
        """
        if self.model is None:
            raise SettingsError(
                "relevance='own' stands for an object in a saved model; pass the object itself."
            )
        fitted = self.model.fit(histories, horizon, options, held_out=held_out)
        if lacking := [name for name in _NEEDED if not hasattr(fitted, name)]:
            raise SettingsError(
                f"The method `fit` of the relevance model {self._name} returned "
                f"{type(fitted).__name__}, which has no {', no '.join(lacking)}; return a fitted "
                "model (see `FittedRelevance`)."
            )
        factors = np.asarray(fitted.item_factors, np.float32)
        bias = np.asarray(fitted.item_bias, np.float32)
        num = histories.events.num_items
        if factors.ndim != 2 or len(factors) != num or bias.shape != (num,):
            raise SettingsError(
                f"The relevance model {self._name} has item_factors of shape {factors.shape} and "
                f"item_bias of shape {bias.shape}; {num} items need ({num}, d) and ({num},)."
            )
        return _FittedOwn(factors, bias, fitted)

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedRelevance:
        """Return what `arrays` kept of the fitted model."""
        return _FittedOwn(**arrays)

    @property
    def _name(self) -> str:
        return type(self.model).__name__


@dataclass(frozen=True)
class _FittedOwn:
    item_factors: Singles
    item_bias: Singles
    fitted: Any = None
    has_folder: ClassVar[bool] = False

    def users(self, histories: Histories) -> UserPart:
        """Return the object's factors and biases.

        Raises:
            DataError: The model was loaded, and the object is not there.
            SettingsError: The shapes are wrong, or a number is NaN.
        """
        if self.fitted is None:
            raise DataError(
                "The relevance of this model was an object that is not part of tsgen, so the saved "
                "model knows the users at its training cut-off and reads no other histories. Leave "
                "out events=, or train again."
            )
        factors, bias = (np.asarray(part, np.float32) for part in self.fitted.users(histories))
        wanted = (len(histories), self.item_factors.shape[1])
        if factors.shape != wanted or bias.shape != wanted[:1]:
            raise SettingsError(
                f"The relevance model {type(self.fitted).__name__} gave users of shapes "
                f"{factors.shape} and {bias.shape}; {wanted} and {wanted[:1]} were expected."
            )
        if np.isnan(factors).any() or np.isnan(bias).any():
            raise SettingsError(
                f"The relevance model {type(self.fitted).__name__} gave NaN for a user; give every "
                "user numbers, those without a history included."
            )
        return factors, bias

    def arrays(self) -> dict[str, AnyArray]:
        """Return the items' arrays."""
        return {"item_factors": self.item_factors, "item_bias": self.item_bias}

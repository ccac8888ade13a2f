"""A forecaster by its name as an estimator: for studies that train what they are given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tsgen.curation import quiet

from .estimators import check_forecaster, is_joint, train_forecaster
from .regime_windows import gluonts_season
from .settings import Forecaster

__all__ = ["NamedEstimator"]


class _Entries(list[Any]):
    """Entries with their frequency, as a dataset has it."""

    freq = ""


@dataclass(frozen=True)
class NamedEstimator:
    """Builds and trains the forecaster of a short name or an import path, quietly.

    Args:
        spec: Which, and its settings.
        freq: Of the data.
        prediction_length: Steps to forecast.

    Raises:
        SettingsError: There is no such forecaster, or it refuses a setting.
    """

    spec: Forecaster
    freq: str
    prediction_length: int

    def __post_init__(self) -> None:
        check_forecaster(self.spec, self.freq, self.prediction_length, gluonts_season(self.freq))

    @property
    def name(self) -> str:
        """Its short name, or the last part of its import path."""
        return str(self.spec.estimator).rpartition(".")[2]

    @property
    def context_length(self) -> int | None:
        """Steps of the past that it sees, where its settings say so."""
        return self.spec.settings.get("context_length")

    @property
    def joint(self) -> bool:
        """Whether it takes all channels of an entry at once."""
        return is_joint(self.spec)

    def train(self, entries: Iterable[Any]) -> Any:
        """Return the fitted predictor; call it with the global generators seeded."""
        training: Any = _Entries(entries)
        training.freq = self.freq
        with quiet():
            season = gluonts_season(self.freq)
            return train_forecaster(self.spec, training, self.prediction_length, season)

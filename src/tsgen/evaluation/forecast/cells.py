"""The cells of a forecasting study: where each stands, and where it is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tsgen.results import library_versions
from tsgen.storage import write_atomically

from .settings import ForecastStudy

__all__ = ["ForecastCell", "cell_versions", "cells_of", "read_cell", "write_forecast_cell"]

_FORMAT = 1  # raised whenever the numbers of a cell would come out differently


@dataclass(frozen=True)
class ForecastCell:
    """A place in the study; its file's name changes with all that the study and the data say.

    What else its numbers depend on, the versions of libraries, is noted in the file.

    Attributes:
        regime: Position in the study's regimes.
        seed: The seed.
        arm: Name of the arm.
        forecaster: Name of the forecaster; "samples" where the samples are the forecast.
    """

    regime: int
    seed: int
    arm: str
    forecaster: str

    def path(self, study: ForecastStudy, fingerprint: str, folder: Path) -> Path:
        """Return where the cell is kept; `fingerprint` is the dataset's."""
        fields = study.to_json()
        for name in ("question", "seeds", "arms", "forecasters", "regimes", "primary", "data"):
            del fields[name]
        fields |= {
            "format": _FORMAT,
            "fingerprint": fingerprint,
            "regime": study.regimes[self.regime].to_json(),
            "arm": study.arms[self.arm].to_json(),
            "forecaster": self._forecaster(study),
        }
        text = json.dumps(fields, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:10]
        return folder / f"{self.arm}-{self.forecaster}-{self.seed}-{digest}.json"

    def _forecaster(self, study: ForecastStudy) -> Any:
        settings = study.forecasters.get(self.forecaster)
        return self.forecaster if settings is None else settings.to_json()


def cells_of(study: ForecastStudy) -> list[ForecastCell]:
    """Return all cells, in the order in which they are computed: seed by seed."""
    return [
        ForecastCell(regime, seed, arm, forecaster)
        for regime in range(len(study.regimes))
        for seed in study.seeds
        for arm in study.arms
        for forecaster in (
            ["samples"]
            if study.task == "direct" and study.arms[arm].method != "real"
            else study.forecasters
        )
    ]


def cell_versions() -> dict[str, str]:
    """Return the versions by which a cell's numbers may change though its study does not."""
    versions = library_versions()
    return {name: versions[name] for name in ("tsgen", "gluonts", "torch")}


def read_cell(path: Path) -> dict[str, Any] | None:
    """Return a finished cell, or None if there is none (or it cannot be read)."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_forecast_cell(path: Path, content: Mapping[str, Any]) -> None:
    """Write a finished cell, whole or not at all."""
    with write_atomically(path, overwrite=True) as file:
        file.write_text(json.dumps(content) + "\n", encoding="utf-8")

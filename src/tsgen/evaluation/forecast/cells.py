"""The cells of a forecasting study: where each stands, and where it is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tsgen.results import library_versions
from tsgen.storage import write_text

from .settings import ForecastStudy

__all__ = [
    "ForecastCell",
    "cell_versions",
    "cells_of",
    "generators_of",
    "read_cell",
    "runs_of",
    "write_forecast_cell",
]

_FORMAT = 1  # raised whenever the numbers of a cell would come out differently
_ELSEWHERE = (
    "question", "seeds", "draws", "generator_seeds", "arms", "forecasters", "regimes", "primary",
    "data", "panel",  # these two by the fingerprint
)  # fmt: skip


@dataclass(frozen=True)
class ForecastCell:
    """A place in the study; its file's name changes with all that the study and the data say.

    What else its numbers depend on, the versions of libraries, is noted in the file.

    Attributes:
        regime: Position in the study's regimes.
        seed: The seed.
        arm: Name of the arm.
        forecaster: Name of the forecaster; "samples" where the samples are the forecast.
        draw: Which series the regime keeps.
        generator: Seed of what makes series; None is `seed`.
    """

    regime: int
    seed: int
    arm: str
    forecaster: str
    draw: int = 0
    generator: int | None = None

    def path(self, study: ForecastStudy, fingerprint: str, folder: Path) -> Path:
        """Return where the cell is kept; `fingerprint` is the dataset's."""
        fields = study.to_json()
        for name in _ELSEWHERE:
            del fields[name]
        if self.draw:
            fields["draw"] = self.draw
        if self.generator is not None:
            fields["generator"] = self.generator
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
        ForecastCell(regime, seed, arm, forecaster, draw, generator)
        for regime in range(len(study.regimes))
        for draw in study.draws
        for seed in study.seeds
        for arm in study.arms
        for generator in generators_of(study, arm)
        for forecaster in (
            ["samples"]
            if study.task == "direct" and study.arms[arm].method != "real"
            else study.forecasters
        )
    ]


def generators_of(study: ForecastStudy, arm: str) -> tuple[int | None, ...]:
    """Return the seeds of an arm's generator; real series have none."""
    if study.generator_seeds is None or study.arms[arm].method == "real":
        return (None,)
    return study.generator_seeds


def runs_of(study: ForecastStudy, *arms: str) -> list[tuple[int, int | None, int]]:
    """Return the (draw, generator, seed) in which arms are compared."""
    none: tuple[int | None, ...] = (None,)
    own = (generators_of(study, arm) for arm in arms)
    generators = next((seeds for seeds in own if seeds != none), none)
    return [(d, g, s) for d in study.draws for g in generators for s in study.seeds]


def cell_versions() -> dict[str, str]:
    """Return the versions by which a cell's numbers may change though its study does not."""
    versions = library_versions()
    return {name: versions[name] for name in ("tsgen", "gluonts", "torch")}


def read_cell(path: Path) -> dict[str, Any] | None:
    """Return a finished cell, or None if there is none (or it cannot be read)."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def write_forecast_cell(path: Path, content: Mapping[str, Any]) -> None:
    """Write a finished cell, whole or not at all."""
    write_text(path, json.dumps(content) + "\n", overwrite=True)

"""The protocol "factors": does a maker of series give combinations of factors that nobody saw?

A cell is a maker and a world of simulated windows (`evaluate_factors`), at all four splits of the
grid of factors. No data are read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from tsgen.errors import nearest
from tsgen.training import TimeBudget

from ...factors import MAKERS, SPLITS, WORLDS, FactorCell, FactorTask
from ..settings import ArmSettings, Count, StudySettings
from ..sources import StudySources

__all__ = ["FactorsArm", "FactorsStudy", "factors"]

_SIZES = ("num_training", "num_asked", "budget")


class FactorsStudy(StudySettings):
    """A study of combinations of factors that nobody saw."""

    splits: list[str] = Field(default_factory=lambda: list(SPLITS))
    """Which combinations are held out; all by default."""
    num_training: Count | None = None
    """Windows to learn from."""
    num_asked: Count | None = None
    """Windows asked for."""
    budget: TimeBudget | None = None
    """Processor seconds of training."""


class FactorsArm(ArmSettings):
    """A maker of series in a simulated world."""

    world: str
    """Its name; see `FactorTask`."""
    maker: str
    """Its name; see `FactorTask`."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of the maker, if it is a PSA-GAN."""

    @model_validator(mode="after")
    def _exist(self) -> Self:
        for what, name, names in (("world", self.world, WORLDS), ("maker", self.maker, MAKERS)):
            if name not in names:
                raise ValueError(
                    f"there is no {what} '{name}'.{nearest(name, names)} There are "
                    f"{', '.join(names)}"
                )
        if self.settings and self.maker != "psa-gan":
            raise ValueError(f"the maker '{self.maker}' takes no settings; leave them out")
        return self


def factors(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Ask the arm's `maker` for combinations of its `world` that were held out of its training.

    Raises:
        SettingsError: There is no such world, split or maker.
    """
    begin = time.process_time()
    sizes = {name: study[name] for name in _SIZES if name in study}
    measures: dict[str, Any] = {}
    for split in study.get("splits", SPLITS):
        task = FactorTask(arm["world"], split, seed, settings=arm.get("settings", {}), **sizes)
        measures |= _measures(task.run(arm["maker"]))
    return {"cpu_seconds": round(time.process_time() - begin, 1), "measures": measures}


def _measures(cell: FactorCell) -> dict[str, Any]:
    """Return the numbers of a cell by name: "SPLIT: R2", "SPLIT: R2 of amplitude", ..."""
    numbers = {"R2": cell.mean, "R2 of new values": cell.new_mean}
    numbers |= {
        f"R2 of {name}": float(score)
        for name, score in zip(cell.factors, cell.scores, strict=True)
    }  # fmt: skip
    split = cell.task.split
    measures = {
        f"{split}: {name}": {"value": round(value, 4)}
        for name, value in numbers.items()
        if np.isfinite(value)
    }
    value, low, high = (round(end, 4) for end in cell.forecast)
    return measures | {f"{split}: forecast": {"value": value, "low": low, "high": high}}

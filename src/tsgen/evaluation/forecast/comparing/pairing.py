"""Two arms of a forecasting study, cell by cell: the runs that both of them finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tsgen.errors import DataError

from ..cells import ForecastCell, cells_of, generators_of, runs_of
from ..settings import ForecastStudy

__all__ = ["ArmPlace", "FinishedCells", "PairedRun", "arm_comparisons", "paired_runs"]

FinishedCells = Mapping[ForecastCell, Mapping[str, Any]]


class ArmPlace(NamedTuple):
    """Where an arm stands in a study: the position of its regime, its forecaster, its name."""

    regime: int
    forecaster: str
    arm: str


class PairedRun(NamedTuple):
    """One draw, generator and seed: the draw, and the contents of both arms' cells."""

    draw: int
    mine: Mapping[str, Any]
    other: Mapping[str, Any]


def arm_comparisons(study: ForecastStudy) -> Iterator[tuple[ArmPlace, ArmPlace]]:
    """Yield every arm and what it is held against."""
    real = [name for name, arm in study.arms.items() if arm.method == "real"]
    base = next((name for name in real if not study.arms[name].early_stopping), None)
    base = base or (real or list(study.arms))[0]
    seen = dict.fromkeys(ArmPlace(c.regime, c.forecaster, c.arm) for c in cells_of(study))
    for place in seen:
        alike = place._replace(arm=base) in seen
        held = place.forecaster if alike else next(iter(study.forecasters))
        yield place, ArmPlace(place.regime, held, base)
        end = study.primary
        if end and place == (end.regime, end.forecaster, end.arm):
            for other in (s for s in seen if s[:2] == place[:2]):
                if other.arm not in {place.arm, base}:
                    yield place, other


def paired_runs(
    study: ForecastStudy, cells: FinishedCells, arm: ArmPlace, other: ArmPlace
) -> list[PairedRun]:
    """Return the runs that two arms finished; real series have no generator.

    Raises:
        DataError: Two cells were not asked the same questions.
    """
    runs = []
    for draw, generator, seed in runs_of(study, arm.arm, other.arm):
        mine, theirs = (
            cells.get(_cell(study, place, draw, generator, seed), {}) for place in (arm, other)
        )
        if "series" not in mine or "series" not in theirs:
            continue
        if mine["windows"] != theirs["windows"]:
            raise DataError(
                f"Seed {seed}: the arms {arm.arm} and {other.arm} were not tested on the same "
                "windows; delete their cells and run the study again."
            )
        runs.append(PairedRun(draw, mine, theirs))
    return runs


def _cell(
    study: ForecastStudy, place: ArmPlace, draw: int, generator: int | None, seed: int
) -> ForecastCell:
    own = generator if generator in generators_of(study, place.arm) else None
    return ForecastCell(place.regime, seed, place.arm, place.forecaster, draw, own)

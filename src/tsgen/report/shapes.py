"""What a run must hold for its page to be made, by kind of study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from tsgen.errors import ModelFormatError
from tsgen.evaluation import StudyResult
from tsgen.persistence import fault_of

__all__ = ["check_shape", "missing_parts"]

_NUMBERS = ("value", "spread")


class _Facts(BaseModel):
    """Facts that are looked at; others may stand beside them."""

    model_config = ConfigDict(extra="allow")


class _Test(_Facts):
    begins: str
    ends: str
    horizon: str
    candidate_users: int
    candidate_items: int


class _Listed(_Facts):
    num_users: int
    num_items: int


class _Events(_Facts):
    num_events: int


class _AudienceFacts(_Facts):
    test: _Test
    settings: _Listed
    data: _Events
    rules: dict[str, str]


class _BacktestFacts(_Facts):
    test: _Test
    rules: dict[str, str]
    campaigns: list[dict[str, Any]]


class _CampaignFacts(_Facts):
    summary: list[dict[str, Any]]
    counts: dict[str, int]
    value: float
    gap: float | None
    cutoff: str
    horizon: str


class _FactorFacts(_Facts):
    num_training: int
    budget: str


class _UpliftFacts(_Facts):
    test: dict[str, Any]


class _Study(_Facts):
    data: str
    prediction_length: int
    num_windows: int
    seeds: list[int]
    arms: dict[str, Any]
    forecasters: dict[str, Any]
    primary: dict[str, Any] | None


class _ForecastFacts(_Facts):
    question: str
    settings: _Study
    failures: list[dict[str, Any]]
    data: dict[str, Any]


@dataclass(frozen=True)
class _Shape:
    facts: type[_Facts] = _Facts
    columns: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ()


_SHAPES = {
    "allocation": _Shape(
        _BacktestFacts,
        ("arm", "low", "high", "difference", "difference_low", "difference_high"),
    ),
    "campaigns": _Shape(_CampaignFacts, ("campaign",)),
    "uplift": _Shape(
        _UpliftFacts,
        ("campaign", "method", "group", "low", "high", "per_user", "per_user_low",
         "per_user_high", "detectable", "contacted", "held_out"),
    ),
    "audience": _Shape(
        _AudienceFacts,
        ("arm", "low", "high", "reference", "difference", "difference_low", "difference_high"),
        ("depths", "calibration.counts", "calibration.chances"),
    ),
    "factors": _Shape(_FactorFacts, ("world", "split", "maker", "factor", "low", "high")),
    "fidelity": _Shape(_Facts, ("floor", "floor_spread")),
    "forecast": _Shape(
        _ForecastFacts,
        ("regime", "forecaster", "arm", "reference", "floor", "floor_spread", "difference",
         "difference_low", "difference_high", "num_seeds", "role"),
        ("items", "past", "truth"),
    ),
}  # fmt: skip


def missing_parts(result: StudyResult) -> list[str]:
    """Return what the page of a run would look for in vain, in words; empty where all is there."""
    shape = _SHAPES.get(result.kind, _Shape())
    missing = [f"the column {name}" for name in shape.columns if name not in result.table]
    missing += [
        f"numbers in the column {name}"
        for name in _NUMBERS
        if result.table[name].dtype.kind not in "fiu"
    ]
    missing += [f"the array {name}" for name in shape.arrays if name not in result.arrays]
    if result.table.empty:
        missing.append("rows in the table")
    try:
        shape.facts.model_validate(result.facts)
    except ValidationError as error:
        places = (".".join(map(str, mistake["loc"])) for mistake in error.errors())
        missing += [f"the fact {place}" for place in places]
    return missing


def check_shape(result: StudyResult, name: str, show: Callable[[StudyResult], Any]) -> Any:
    """Return what `show` makes of a run that has all its parts.

    Raises:
        ModelFormatError: Something is missing, or of another shape than its kind of study has.
    """
    run = f"The run {name}".rstrip()
    if missing := missing_parts(result):
        raise ModelFormatError(
            f"{run} cannot be shown: it lacks {', '.join(missing)}. Copy the folder again, or "
            "repeat the study."
        )
    try:
        return show(result)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ModelFormatError(
            f"{run} cannot be shown: it is not what a study of {result.kind} writes "
            f"({fault_of(error)}). Copy the folder again, or repeat the study."
        ) from error

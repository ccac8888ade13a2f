"""What the study files of augmentation say."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tsgen.curation import DEFAULT_CANDIDATES, operation
from tsgen.errors import MissingExtraError

from ....forecast import Forecaster
from ...settings import ArmSettings, Count, StudyPart, StudySettings

__all__ = ["ChoiceArm", "ChoiceRuleStudy", "HelpsArm", "HelpsStudy", "ManyWaysStudy"]

Rounds = Annotated[list[Count], Field(min_length=2, max_length=3)]


class _AugmentationStudy(StudySettings):
    """What both kinds say."""

    part: StudyPart
    """Which windows decide what came: the last ones, or those before them."""
    num_series: Count
    """Series of a draw."""
    draws: Count
    """Draws of the synthetic series."""
    candidates: list[str] = Field(default_factory=lambda: list(DEFAULT_CANDIDATES))
    """Operations that are tried."""


class HelpsStudy(_AugmentationStudy):
    """A study of ways to add series."""

    reference_seeds: Count
    """Reference networks of each draw."""
    generator_budget: str
    """Processor time of training a generator ("180s")."""
    choice_budget: str | None = None
    """That of each training inside a choice, of which it needs two; the generator's by default."""
    plan: dict[str, Rounds] = Field(default_factory=dict)
    """Rounds of a choice: `seeds`, `draws`, `kept`."""
    narrow: bool = True
    """Whether a choice narrows its candidates."""
    confirmation: list[str] = Field(default_factory=list)
    """Datasets that nothing was set on."""


class ChoiceRuleStudy(_AugmentationStudy):
    """A study of rules that decide."""

    repeats: Count
    """Choices of a cell, each on a draw of the series of its own."""


def _check_way(name: str) -> str:
    if name not in {"auto", "policy", "uniform", "mixture"}:
        with suppress(MissingExtraError):  # its cells say so; tables of others can be made
            operation(name)
    return name


WayName = Annotated[str, AfterValidator(_check_way)]
"""A way to add series: one that is found, or an operation."""


class ChoiceArm(ArmSettings):
    """A dataset."""

    data: str
    """Name of its table."""
    prediction_length: Count
    """Steps to forecast."""
    test_windows: Count = 3
    """Windows of each series by which what came is judged."""
    spare: Count = 8
    """Prediction lengths of history that a series needs before them."""
    last: Count | None = None
    """Steps at the end of each series that are used; all by default."""


class HelpsArm(ChoiceArm):
    """A way to add series to a dataset."""

    way: WayName
    """"auto", "policy", "uniform", "mixture", or an operation."""
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share of synthetic series in the training set, where nothing chooses it."""


class _WaySettings(ArmSettings):
    """One of many ways: one table `[ways.NAME]`."""

    way: WayName
    """"auto", "policy", "uniform", "mixture", or an operation."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of synthetic series in the training set; 1 is synthetic series alone."""
    pool: Annotated[float, Field(gt=0)] = 2.0
    """Synthetic / real series that are drawn, of which a batch takes its share."""
    annealed: Annotated[int, Field(ge=0)] = 0
    """Steps of training within which the share shrinks to none; 0: it stays."""


class ManyWaysStudy(HelpsStudy):
    """A study of many ways, judged beside the same real series alone."""

    ways: Annotated[dict[str, _WaySettings], Field(min_length=1)]
    """Name on the page -> the way."""
    against: dict[str, str] = Field(default_factory=dict)
    """Ways whose ratio to another one stands on the page."""
    learner: Literal["network", "linear"] = "network"
    """Who is trained: the reference networks, or ridge regressions, one a draw."""
    forecaster: Forecaster | None = None
    """A GluonTS forecaster that is trained in their place, once a way and draw."""

    @model_validator(mode="after")
    def _check_judge(self) -> Self:
        annealed = [name for name, way in self.ways.items() if way.annealed]
        if annealed and (self.forecaster is not None or self.learner == "linear"):
            raise ValueError(
                f"way '{annealed[0]}' is annealed, which the reference networks alone can be; "
                "leave out annealed, or forecaster= and learner=."
            )
        alone = [name for name, way in self.ways.items() if way.share == 1.0]
        if self.forecaster is not None and alone:
            raise ValueError(
                f"way '{alone[0]}' has no real series (share = 1), which is possible without "
                "forecaster= alone; use a share below 1."
            )
        return self

"""What every study file says, whatever its protocol; each protocol adds what it asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from tsgen.settings import Settings

__all__ = ["ArmSettings", "Count", "StudyPart", "StudySettings", "refuse_idle"]

StudyPart = Literal["test", "validation"]
"""What is scored: the test part, or a cut of the training part that leaves the test part alone."""

Count = Annotated[int, Field(gt=0)]


class ArmSettings(Settings):
    """Base of what a study compares: one table `[arms.NAME]`."""

    model_config = ConfigDict(strict=True)  # a study file is typed: "3" is no number


class StudySettings(Settings):
    """Base of the studies: a question, a protocol, data and seeds."""

    model_config = ConfigDict(strict=True)

    question: str
    """What is asked; the first line of the page."""
    protocol: str
    """How it is answered; a key of `PROTOCOLS`."""
    data: str
    """Name of a table in the folder of the data."""
    seeds: Annotated[list[int], Field(min_length=1)]
    """One cell of each arm for each."""
    metrics: list[str] = Field(default_factory=list)
    """Measures on the page; all by default."""
    interval_over: str = "users"
    """What intervals on the page are over."""
    reference: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Published rows on the page: name -> measure -> number."""


def refuse_idle(arm: ArmSettings, chosen: str, *idle: str) -> None:
    """Refuse what an arm says beside a field that leaves it without effect.

    Raises:
        ValueError: It says so.
    """
    value = getattr(arm, chosen)
    for name in idle:
        if value is not None and name in arm.model_fields_set and getattr(arm, name):
            raise ValueError(f"{name} has no effect beside {chosen} = {value!r}; leave one out")

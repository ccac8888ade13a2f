"""What is trained: the task that a caller writes, and what a finished training leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch

__all__ = ["Fitted", "Task", "TaskPlan"]

TaskPlan = dict[str, Any]


class Task(Protocol):
    """What is trained."""

    plan: TaskPlan
    """JSON values fixed at the start (the schedule of steps); a resume gets them back."""

    num_steps: int
    """Steps in the whole training."""

    @property
    def exhausted(self) -> bool:
        """Whether more steps would gain nothing; asked after each row of the history."""
        ...

    def step(self, step: int) -> Mapping[str, torch.Tensor | float]:
        """Do training step number `step` (from 0), optimiser updates included; return losses."""
        ...

    def facts(self, step: int) -> Mapping[str, float]:
        """Return more columns of a history row (the stage, alpha)."""
        ...

    def state(self) -> dict[str, Any]:
        """Return everything that changes in training, as nested dicts of tensors and numbers."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set what `state` returned."""
        ...

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the tensors that the fitted model keeps."""
        ...


@dataclass(frozen=True)
class Fitted:
    """What a finished training leaves: weights on the CPU, the plan, and the history rows."""

    weights: dict[str, torch.Tensor]
    plan: TaskPlan
    history: list[dict[str, Any]]

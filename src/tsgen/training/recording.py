"""Losses become rows of the history, and the checkpoint is kept fresh."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import torch

from tsgen.errors import TrainingDivergedError

from .checkpoint import Checkpoint
from .options import TrainingOptions
from .processes import Processes
from .task import Task

__all__ = ["Recorder"]


class Recorder:
    """Averages losses into history rows, and keeps the checkpoint fresh."""

    def __init__(
        self,
        task: Task,
        options: TrainingOptions,
        checkpoint: Checkpoint | None,
        history: list[dict[str, Any]],
        processes: Processes,
    ) -> None:
        self.processes = processes
        self.task, self.options, self.checkpoint, self.history = task, options, checkpoint, history
        self.pending: list[Mapping[str, torch.Tensor | float]] = []
        self._began = time.perf_counter() - (history[-1]["seconds"] if history else 0.0)
        self._kept = time.perf_counter()

    def add(self, losses: Mapping[str, torch.Tensor | float]) -> None:
        """Remember the losses of one step; they are read from the device once a row."""
        self.pending.append(losses)

    def write(self, done: int) -> bool:
        """Write the row after `done` steps; return whether the task or `on_row` says stop.

        Several processes must call it together: a row holds the means over all of them.
        """
        row: dict[str, Any] = {"step": done, **self.task.facts(done - 1)}
        for name, value in self._means().items():
            row[name] = value
            if not math.isfinite(value):
                raise self._diverged(row, name)
        row["seconds"] = round(time.perf_counter() - self._began, 3)
        self.pending = []
        self.history.append(row)
        if self.checkpoint:
            self.checkpoint.append(row)
        stop = bool(self.options.on_row and self.options.on_row(row) is True)
        stop = stop or self.task.exhausted
        if time.perf_counter() - self._kept >= self.options.checkpoint_seconds:
            self.keep(done, finished=stop)  # a resume must not ask again, and go on
        return stop

    def _means(self) -> dict[str, float]:
        """Return the mean of each loss over the steps since the last row, and over processes."""
        means = {}
        for name in dict.fromkeys(name for losses in self.pending for name in losses):
            values = [float(losses[name]) for losses in self.pending if name in losses]
            means[name] = sum(values) / len(values)
        return dict(zip(means, self.processes.mean(list(means.values())), strict=True))

    def _diverged(self, row: Mapping[str, Any], name: str) -> TrainingDivergedError:
        kept = ""
        if self.checkpoint and self.checkpoint.exists:
            kept = f" The checkpoint in {self.checkpoint.folder} is from before."
        return TrainingDivergedError(
            f"Training diverged: the loss '{name}' became {row[name]} by step {row['step']}. Lower "
            f"the learning rates, or look for extreme values in the data.{kept}",
            step=row["step"],
            stage=row.get("stage"),
        )

    def keep(self, done: int, *, finished: bool = False) -> None:
        """Save the state after `done` steps."""
        if self.checkpoint:
            pending = [{k: float(v) for k, v in losses.items()} for losses in self.pending]
            state = {"step": done, "plan": self.task.plan, "task": self.task.state()}
            state["pending"] = pending  # losses of a row that is not full yet
            state["finished"] = finished
            self.checkpoint.save(state)
            self._kept = time.perf_counter()

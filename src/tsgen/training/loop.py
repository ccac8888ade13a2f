"""The training loop of every model, two-player ones included.

A task knows its networks, losses and optimisers; the loop knows devices, processes, checkpoints,
history and how to stop. Whatever a task draws in step i must depend on the seed and on i alone:
then a resumed run has the same numbers as an uninterrupted one, with no random state to store.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import torch

from tsgen.errors import OutputError
from tsgen.progress import bar
from tsgen.storage import locked

from .checkpoint import Checkpoint
from .options import TrainingOptions
from .processes import Processes, resolve_device, threads
from .recording import Recorder
from .spawning import launch
from .stopping import asked_to_stop, ends_with_error, interrupted, stop_signal
from .task import Fitted, Task, TaskPlan

__all__ = ["fit"]


def fit(
    make_task: Callable[[Processes, TaskPlan | None], Task],
    options: TrainingOptions,
    *,
    label: str,
    fingerprint: str,
) -> Fitted:
    """Train a task to its end.

    Args:
        make_task: Builds the task on the given processes, from a stored plan when resuming. With
            several processes it is sent to each, so it must be picklable.
        options: Circumstances of the run.
        label: Name on the progress bar.
        fingerprint: Digest of what the numbers depend on; a resume must agree with it.

    Raises:
        TrainingDivergedError: A loss became NaN or infinite.
        TrainingInterruptedError: Ctrl-C or SIGTERM; the checkpoint, if there is one, is up to date.
        OutputError: The checkpoint could not be written, or another process is training to it.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message=".*(tree[Ss]pec|LeafSpec).*"
        )  # Lightning on torch
        fabric = _fabric(options)
        arguments = (make_task, options, label, fingerprint)
        with locked(options.checkpoint) if options.checkpoint else nullcontext():
            if options.devices > 1:
                return launch(fabric, _train, arguments, num_threads=options.num_threads)
            with threads(options.num_threads):
                return Fitted(*_train(fabric, *arguments))


@dataclass(frozen=True)
class _OneProcess:
    """The one process of most trainings, which needs nothing of Lightning's, slow to import."""

    device: torch.device
    global_rank: int = 0
    world_size: int = 1

    def autocast(self) -> AbstractContextManager[None]:
        """Return a context that changes nothing."""
        return nullcontext()


def _fabric(options: TrainingOptions) -> Any:
    """Return what starts processes and moves numbers between them."""
    device = resolve_device(options.device)
    if device.type == "cpu" and options.devices == 1 and options.precision == "32-true":
        return _OneProcess(device)
    from lightning.fabric import Fabric

    one = device.type == "cuda" and options.devices == 1
    return Fabric(
        accelerator=device.type,
        devices=[device.index or 0] if one else options.devices,
        strategy="ddp_spawn" if options.devices > 1 else "auto",
        precision=options.precision,
    )


def _train(
    fabric: Any,
    make_task: Callable[[Processes, TaskPlan | None], Task],
    options: TrainingOptions,
    label: str,
    fingerprint: str,
) -> tuple[dict[str, torch.Tensor], TaskPlan, list[dict[str, Any]]]:
    """Train in this process, which may be one of several."""
    processes = Processes(fabric.device, fabric.global_rank, fabric.world_size, fabric)
    checkpoint = Checkpoint(options.checkpoint, fingerprint) if options.checkpoint else None
    saved: dict[str, Any] | None = None
    history: list[dict[str, Any]] = []
    if checkpoint is not None:
        if options.resume and checkpoint.exists:
            saved, history = checkpoint.load()
        elif processes.rank == 0:
            checkpoint.begin(options.seed)
    kept = checkpoint if processes.rank == 0 else None
    with ends_with_error(kept):
        return _steps(make_task, options, label, (processes, checkpoint, kept), saved, history)


def _steps(
    make_task: Callable[[Processes, TaskPlan | None], Task],
    options: TrainingOptions,
    label: str,
    where: tuple[Processes, Checkpoint | None, Checkpoint | None],
    saved: dict[str, Any] | None,
    history: list[dict[str, Any]],
) -> tuple[dict[str, torch.Tensor], TaskPlan, list[dict[str, Any]]]:
    """Make the steps that are left; `where` is the process, the checkpoint, and where it writes."""
    processes, checkpoint, kept = where
    task = make_task(processes, saved["plan"] if saved else None)
    first = 0
    if saved:
        task.restore(saved["task"])
        first = saved["step"]
    last = first if saved and saved.get("finished") else task.num_steps
    recorder = Recorder(task, options, kept, history, processes)
    recorder.pending = list(saved["pending"]) if saved else []
    show = options.progress and processes.rank == 0
    with bar(task.num_steps, label, start=first, show=show) as progress, stop_signal() as stop:
        for step in range(first, last):
            recorder.add(task.step(step))
            progress.update()
            full = (step + 1) % options.log_every == 0 or step + 1 == task.num_steps
            if full and processes.agree(recorder.write(step + 1)):
                break
            if number := asked_to_stop(stop, processes, full):
                recorder.keep(step + 1)
                raise interrupted(step + 1, task.num_steps, checkpoint, number)
        if first < last:
            with suppress(OutputError):  # a full disk must not cost a finished training
                recorder.keep(step + 1, finished=True)
    weights = {name: tensor.detach().cpu() for name, tensor in task.weights().items()}
    return weights, task.plan, recorder.history

"""The training loop of every model, two-player ones included.

A task knows its networks, losses and optimisers; the loop knows devices, processes, checkpoints,
history and how to stop. Whatever a task draws in step i must depend on the seed and on i alone:
then a resumed run has the same numbers as an uninterrupted one, with no random state to store.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException

from tsgen import errors
from tsgen.errors import (
    OutputError,
    SettingsError,
    TrainingDivergedError,
    TrainingInterruptedError,
    TsgenError,
)
from tsgen.interruption import Waiting, handled, interruption
from tsgen.progress import bar
from tsgen.storage import locked

from .checkpoint import Checkpoint
from .options import TrainingOptions

__all__ = ["Fitted", "Processes", "Task", "fit", "resolve_device", "threads"]

Plan = dict[str, Any]


class Task(Protocol):
    """What is trained."""

    plan: Plan
    """JSON values fixed at the start (the schedule of steps); a resume gets them back."""

    num_steps: int
    """Steps in the whole training."""

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


@dataclass
class Processes:
    """The device and processes a task runs on.

    Attributes:
        device: Where this process computes.
        rank: Number of this process, from 0.
        world: How many processes share each batch.
    """

    device: torch.device
    rank: int = 0
    world: int = 1
    _fabric: Any = field(default=None, repr=False)

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context in which the networks compute at the precision asked for."""
        return self._fabric.autocast()  # type: ignore[no-any-return]

    def average_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace each gradient by its mean over the processes, in one exchange."""
        if self.world == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        flat = self._fabric.all_reduce(flat, reduce_op="mean")
        parts = flat.split([g.numel() for g in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def shard(self, batch: torch.Tensor) -> torch.Tensor:
        """Return this process's part of a batch; its size must be a multiple of `world`."""
        return batch.chunk(self.world)[self.rank]

    def agree(self, value: Any) -> Any:
        """Return the value of process 0, in all processes."""
        return value if self.world == 1 else self._fabric.broadcast(value)


@dataclass(frozen=True)
class Fitted:
    """What a finished training leaves: weights on the CPU, the plan, and the history rows."""

    weights: dict[str, torch.Tensor]
    plan: Plan
    history: list[dict[str, Any]]


def resolve_device(device: str) -> torch.device:
    """Return the torch device that `device` names; "auto" is CUDA if there is one, else the CPU.

    Raises:
        SettingsError: The name is no device, or the device is absent.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(device)
    except RuntimeError:
        raise SettingsError(f"device='{device}' is not a device; try 'auto' or 'cpu'.") from None
    if (found.index or 0) >= _devices_of(found.type):
        raise SettingsError(f"device='{device}' is absent on this machine; try 'auto' or 'cpu'.")
    return found


def _devices_of(kind: str) -> int:
    """Return how many devices of a kind can train here."""
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    return {"cpu": 1, "mps": int(torch.backends.mps.is_available())}.get(kind, 0)


def fit(
    make_task: Callable[[Processes, Plan | None], Task],
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
        from lightning.fabric import Fabric

        device = resolve_device(options.device)
        fabric = Fabric(
            accelerator="cuda" if device.type == "cuda" else device.type,
            devices=[device.index or 0]
            if device.type == "cuda" and options.devices == 1
            else options.devices,
            strategy="ddp_spawn" if options.devices > 1 else "auto",
            precision=options.precision,
        )
        arguments = (make_task, options, label, fingerprint)
        with locked(options.checkpoint) if options.checkpoint else nullcontext():
            if options.devices > 1:
                return _launch(fabric, arguments)
            with threads(options.num_threads):
                return Fitted(*_run(fabric, *arguments))


def _launch(fabric: Any, arguments: tuple[Any, ...]) -> Fitted:
    """Run in several processes; the first leaves what was fitted in a file."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "fitted.pt"
        run: Any = _run_spawned
        with _stopping_all_processes() as stop:
            try:
                fabric.launch(run, _Sealed((*arguments, result)))
            except (ProcessRaisedException, ProcessExitedException) as error:
                _raise_as_ours(Path(folder), error)
                if stop.number is not None:  # it came before they could do anything about it
                    raise interruption(stop.number) from None
                raise
        return Fitted(**torch.load(result, weights_only=True))


@contextmanager
def _stopping_all_processes() -> Iterator[Waiting]:
    """Pass a signal that stops this process on to those it waits for; they keep their state.

    A Ctrl-C of the terminal has reached them already; SIGTERM asks the same of them once more.
    """
    stop = Waiting()

    def pass_on(number: int, frame: Any) -> None:
        stop.number = stop.number or number
        for process in multiprocessing.active_children():
            if process.pid is not None:
                os.kill(process.pid, signal.SIGTERM)

    with handled(pass_on):
        yield stop


class _Sealed:
    """Carries arguments into other processes; Lightning would search them, and break on some."""

    def __init__(self, content: tuple[Any, ...]) -> None:
        self.content = content


def _run_spawned(fabric: Any, sealed: _Sealed) -> None:
    """Run as one of several; the first leaves what was fitted in a file.

    A value returned through Lightning's queue would block for ever once it is larger than a pipe
    holds, since the parent reads the queue only after the process has ended.
    """
    make_task, options, label, fingerprint, result = sealed.content
    try:
        with threads(options.num_threads):
            weights, plan, history = _run(fabric, make_task, options, label, fingerprint)
    except TsgenError as error:
        told = {"kind": type(error).__name__, "text": str(error), "facts": vars(error)}
        text = json.dumps(told, default=str)
        (result.parent / f"error-{fabric.global_rank}.json").write_text(text, encoding="utf-8")
        raise
    if fabric.global_rank == 0:
        torch.save({"weights": weights, "plan": plan, "history": history}, result)


def _raise_as_ours(folder: Path, error: Exception) -> None:
    """Raise the error of ours that a process met as it was, not as the text of a traceback."""
    for file in sorted(folder.glob("error-*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        kind = getattr(errors, told["kind"])
        raise kind(told["text"], **told["facts"]) from error


def _run(
    fabric: Any,
    make_task: Callable[[Processes, Plan | None], Task],
    options: TrainingOptions,
    label: str,
    fingerprint: str,
) -> tuple[dict[str, torch.Tensor], Plan, list[dict[str, Any]]]:
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
    task = make_task(processes, saved["plan"] if saved else None)
    first = 0
    if saved:
        task.restore(saved["task"])
        first = saved["step"]
    last = first if saved and saved.get("finished") else task.num_steps
    recorder = _Recorder(task, options, checkpoint if processes.rank == 0 else None, history)
    recorder.pending = list(saved["pending"]) if saved else []
    show = options.progress and processes.rank == 0
    with bar(task.num_steps, label, start=first, show=show) as progress, _stop_signal() as stop:
        for step in range(first, last):
            recorder.add(step, task.step(step))
            progress.update()
            full = (step + 1) % options.log_every == 0 or step + 1 == task.num_steps
            if full and processes.agree(recorder.write(step + 1)):
                break
            if number := _asked_to_stop(stop, processes, full):
                recorder.keep(step + 1)
                raise _interrupted(step + 1, task.num_steps, checkpoint, number)
        if first < last:
            with suppress(OutputError):  # a full disk must not cost a finished training
                recorder.keep(step + 1, finished=True)
    weights = {name: tensor.detach().cpu() for name, tensor in task.weights().items()}
    return weights, task.plan, recorder.history


class _Recorder:
    """Averages losses into history rows, and keeps the checkpoint fresh."""

    def __init__(
        self,
        task: Task,
        options: TrainingOptions,
        checkpoint: Checkpoint | None,
        history: list[dict[str, Any]],
    ) -> None:
        self.task, self.options, self.checkpoint, self.history = task, options, checkpoint, history
        self.pending: list[Mapping[str, torch.Tensor | float]] = []
        self._began = time.perf_counter() - (history[-1]["seconds"] if history else 0.0)
        self._kept = time.perf_counter()

    def add(self, step: int, losses: Mapping[str, torch.Tensor | float]) -> None:
        """Remember the losses of one step; they are read from the device once a row."""
        self.pending.append(losses)

    def write(self, done: int) -> bool:
        """Write the row after `done` steps; return whether the caller's `on_row` says stop."""
        row: dict[str, Any] = {"step": done, **self.task.facts(done - 1)}
        for name in dict.fromkeys(name for losses in self.pending for name in losses):
            values = [float(losses[name]) for losses in self.pending if name in losses]
            row[name] = sum(values) / len(values)
            if not math.isfinite(row[name]):
                raise self._diverged(row, name)
        row["seconds"] = round(time.perf_counter() - self._began, 3)
        self.pending = []
        self.history.append(row)
        if self.checkpoint:
            self.checkpoint.append(row)
        stop = bool(self.options.on_row and self.options.on_row(row) is True)
        if time.perf_counter() - self._kept >= self.options.checkpoint_seconds:
            self.keep(done, finished=stop)  # a resume must not ask again, and go on
        return stop

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


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Compute with `number` processor threads, or as many as before for 0; then as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _interrupted(
    done: int, num_steps: int, checkpoint: Checkpoint | None, number: int
) -> TrainingInterruptedError:
    folder = str(checkpoint.folder) if checkpoint else None
    advice = (
        f"The checkpoint is in {folder}; continue with resume (--resume)."
        if folder
        else "There is no checkpoint folder, so it starts anew next time."
    )
    return TrainingInterruptedError(
        f"Training was interrupted after step {done} of {num_steps}. {advice}",
        checkpoint=folder,
        signal=number,
    )


@contextmanager
def _stop_signal() -> Iterator[Waiting]:
    """Note the first Ctrl-C or SIGTERM, so that no step is left half done; the second acts."""
    stop = Waiting()

    def ask(number: int, frame: Any) -> None:
        stop.number = stop.number or number
        signal.signal(number, before[number])

    with handled(ask) as before:
        yield stop


def _asked_to_stop(stop: Waiting, processes: Processes, full: bool) -> int | None:
    """Return the signal to stop for; several processes agree at the rows, where they meet."""
    if processes.world == 1:
        return stop.number
    return processes.agree(stop.number) if full else None

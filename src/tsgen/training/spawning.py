"""A training in several processes; its result and its errors come back in files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException

from tsgen.errors import TsgenError, error_of, error_record
from tsgen.interruption import interruption

from .processes import threads
from .stopping import stopping_all_processes
from .task import Fitted

__all__ = ["launch"]


def launch(
    fabric: Any, train: Callable[..., Any], arguments: tuple[Any, ...], *, num_threads: int
) -> Fitted:
    """Train in several processes; the first leaves what was fitted in a file.

    Args:
        fabric: Starts the processes.
        train: train(fabric, *arguments) -> weights, plan, history; sent to each process.
        arguments: Sent along, so they must be picklable.
        num_threads: Processor threads of each process; 0 for as many as torch takes.

    Raises:
        TsgenError: The one that a process met.
        TrainingInterruptedError: Ctrl-C or SIGTERM before the processes could keep their state.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "fitted.pt"
        run: Any = _run_spawned
        sealed = _Sealed((train, arguments, num_threads, result))
        with stopping_all_processes() as stop:
            try:
                fabric.launch(run, sealed)
            except (ProcessRaisedException, ProcessExitedException) as error:
                _raise_as_ours(Path(folder), error)
                if stop.number is not None:  # it came before they could do anything about it
                    raise interruption(stop.number) from None
                raise
        return Fitted(**torch.load(result, weights_only=True))


class _Sealed:
    """Carries arguments into other processes; Lightning would search them, and break on some."""

    def __init__(self, content: tuple[Any, ...]) -> None:
        self.content = content


def _run_spawned(fabric: Any, sealed: _Sealed) -> None:
    """Run as one of several; the first leaves what was fitted in a file.

    A value returned through Lightning's queue would block for ever once it is larger than a pipe
    holds, since the parent reads the queue only after the process has ended.
    """
    train, arguments, num_threads, result = sealed.content
    try:
        with threads(num_threads):
            weights, plan, history = train(fabric, *arguments)
    except TsgenError as error:
        text = json.dumps(error_record(error))
        (result.parent / f"error-{fabric.global_rank}.json").write_text(text, encoding="utf-8")
        raise
    if fabric.global_rank == 0:
        torch.save({"weights": weights, "plan": plan, "history": history}, result)


def _raise_as_ours(folder: Path, error: Exception) -> None:
    """Raise the error of ours that a process met as it was, not as the text of a traceback."""
    for file in sorted(folder.glob("error-*.json")):
        raise error_of(json.loads(file.read_text(encoding="utf-8"))) from error

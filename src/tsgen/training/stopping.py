"""Ctrl-C and SIGTERM: a training ends between two steps, and says how it goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tsgen.errors import TooLargeError, TrainingInterruptedError, TsgenError
from tsgen.interruption import Waiting, handled
from tsgen.memory import lacks_memory

from .checkpoint import Checkpoint
from .processes import Processes

__all__ = [
    "asked_to_stop",
    "ends_with_error",
    "interrupted",
    "stop_signal",
    "stopping_all_processes",
]


@contextmanager
def stopping_all_processes() -> Iterator[Waiting]:
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


def interrupted(
    done: int, num_steps: int, checkpoint: Checkpoint | None, number: int
) -> TrainingInterruptedError:
    """Return the error of a training that stopped after `done` steps, with how to go on.

    Args:
        done: Steps made.
        num_steps: Steps in all.
        checkpoint: Where they were kept; None for nowhere.
        number: The signal.
    """
    folder = str(checkpoint.folder) if checkpoint else None
    advice = (
        f"The checkpoint is in {folder}; continue with resume=True."
        if folder
        else "There is no checkpoint folder, so it starts anew next time."
    )
    return TrainingInterruptedError(
        f"Training was interrupted after step {done} of {num_steps}. {advice}",
        checkpoint=folder,
        signal=number,
    )


@contextmanager
def ends_with_error(checkpoint: Checkpoint | None) -> Iterator[None]:
    """Leave no empty checkpoint after an error that is not ours; say where a kept one lies.

    Raises:
        TooLargeError: Memory gave out, and something is kept.
    """
    try:
        yield
    except TsgenError:
        raise
    except Exception as error:
        if checkpoint is None:
            raise
        if not checkpoint.exists:
            checkpoint.remove()
            raise
        if lacks_memory(error):
            raise TooLargeError(
                f"There is not enough memory ({' '.join(str(error).split())}). The checkpoint is "
                f"in {checkpoint.folder}; continue with resume=True."
            ) from error
        raise


@contextmanager
def stop_signal() -> Iterator[Waiting]:
    """Note the first Ctrl-C or SIGTERM, so that no step is left half done; the second acts."""
    stop = Waiting()

    def ask(number: int, frame: Any) -> None:
        stop.number = stop.number or number
        signal.signal(number, before[number])

    with handled(ask) as before:
        yield stop


def asked_to_stop(stop: Waiting, processes: Processes, full: bool) -> int | None:
    """Return the signal to stop for; several processes agree at the rows, where they meet."""
    if processes.world == 1:
        return stop.number
    return processes.agree(stop.number) if full else None

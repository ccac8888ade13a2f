"""Ctrl-C and SIGTERM: one way through the library, and moments in which they have to wait.

SIGTERM raises `Ended`, a `KeyboardInterrupt`, so that whoever handles the one handles the other.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

__all__ = [
    "SIGNALS",
    "Ended",
    "Waiting",
    "end_as_interrupt",
    "exit_code_of",
    "handled",
    "interruption",
    "signals_wait",
]

SIGNALS = (signal.SIGINT, signal.SIGTERM)

Handler = Callable[[int, Any], None]


class Ended(KeyboardInterrupt):
    """The process was asked to end (SIGTERM)."""


def interruption(number: int, message: str = "") -> KeyboardInterrupt:
    """Return what the signal of this number raises."""
    words = (message,) if message else ()
    return Ended(*words) if number == signal.SIGTERM else KeyboardInterrupt(*words)


def exit_code_of(error: BaseException | None) -> int:
    """Return 143 where an error comes from SIGTERM, else 130.

    Lightning turns an interruption into a `SystemExit`; then its cause decides.
    """
    while error is not None:
        if isinstance(error, Ended) or getattr(error, "signal", None) == signal.SIGTERM:
            return 128 + signal.SIGTERM
        error = error.__cause__ or error.__context__
    return 128 + signal.SIGINT


def end_as_interrupt() -> None:
    """Let SIGTERM raise `Ended` in this process, unless somebody else handles it already."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _raise)


def _raise(number: int, frame: Any) -> None:
    raise interruption(number)


@contextmanager
def handled(handler: Handler) -> Iterator[dict[int, Any]]:
    """Handle both signals inside the block, in the main thread; the handlers before are given."""
    if threading.current_thread() is not threading.main_thread():
        yield {}
        return
    before: dict[int, Any] = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, handler)
    try:
        yield before
    finally:
        for code, old in before.items():
            signal.signal(code, old)


@dataclass
class Waiting:
    """The first signal that came meanwhile, if any."""

    number: int | None = None


@contextmanager
def signals_wait() -> Iterator[Waiting]:
    """Let both signals wait for the end of the block, which then decides what they mean."""
    waiting = Waiting()

    def note(number: int, frame: Any) -> None:
        waiting.number = waiting.number or number

    with handled(note):
        yield waiting

"""Progress: a bar on a terminal or in a notebook, a line every so often in captured output."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Any, TypeVar

from tsgen.displays import percent

__all__ = ["PATIENCE", "Lines", "bar", "track"]

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds before captured output gets its first line; each later one waits longer than the last."""

_SLOWER = 1.5
_SLOWEST = 60.0


class Lines:
    """Counts steps and writes a line to stderr every so often, with the time left.

    Args:
        total: Steps in all; None if nobody knows.
        label: What is going on.
        start: Steps that were done before.
    """

    def __init__(self, total: int | None, label: str, *, start: int = 0) -> None:
        self.total, self.label, self.start, self.n = total, label, start, start
        self.began = self.wrote = time.monotonic()
        self.wait = PATIENCE

    def update(self, number: int = 1) -> None:
        """Count steps; write a line if it is time."""
        self.n += number
        now = time.monotonic()
        if now - self.wrote >= self.wait and self.n != self.total:
            sys.stderr.write(f"{self.line(now - self.began)}\n")
            sys.stderr.flush()
            self.wrote, self.wait = now, min(_SLOWER * self.wait, _SLOWEST)

    def line(self, seconds: float) -> str:
        """Return what is done after so many seconds, and what is left at this pace."""
        if self.total is None:
            return f"{self.label}: {self.n:,} done in {_span(seconds)}"
        done = self.n - self.start
        left = f", about {_span(seconds / done * (self.total - self.n))} left" if done else ""
        share = percent(self.n / max(self.total, 1))
        return f"{self.label}: {self.n:,} of {self.total:,} ({share}) in {_span(seconds)}{left}"

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End; nothing more is written."""

    def refresh(self) -> None:
        """Do nothing: a line is written when it is due."""


def bar(
    total: int | None, label: str, *, start: int = 0, show: bool = True, delay: float = 0.0
) -> Any:
    """Return a progress of `total` steps with `update`; nothing is seen if `show` is False.

    A tqdm bar where stderr is a terminal (after `delay` seconds, so that short work shows none) or
    in a notebook; elsewhere `Lines`, which begin after `PATIENCE` seconds.
    """
    from tqdm.auto import tqdm

    if show and not _is_watched():
        return Lines(total, label, start=start)
    disable = None if show else True
    return tqdm(total=total, desc=label, initial=start, disable=disable, leave=False, delay=delay)


def track(
    items: Iterable[T], label: str, *, total: int | None = None, delay: float = 0.0
) -> Iterator[T]:
    """Yield from `items` under a progress; see `bar`."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with bar(total, label, delay=delay) as seen:
        for item in items:
            yield item
            seen.update()


def _is_watched() -> bool:
    """Return whether somebody looks at a bar: a terminal, or a notebook's cell."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules


def _span(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"

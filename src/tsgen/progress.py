"""Progress bars: shown on a terminal or in a notebook, silent elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

__all__ = ["bar", "track"]

T = TypeVar("T")


def bar(total: int, label: str, *, start: int = 0, show: bool = True, delay: float = 0.0) -> Any:
    """Return a tqdm bar of `total` steps; hidden when `show` is False or stderr is no terminal.

    It appears after `delay` seconds, so that short work shows none.
    """
    from tqdm.auto import tqdm

    disable = None if show else True
    return tqdm(total=total, desc=label, initial=start, disable=disable, leave=False, delay=delay)


def track(items: Iterable[T], label: str, *, total: int | None = None) -> Iterator[T]:
    """Yield from `items` under a progress bar."""
    from tqdm.auto import tqdm

    yield from tqdm(items, desc=label, total=total, disable=None, leave=False)

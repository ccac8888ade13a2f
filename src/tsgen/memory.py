"""How much memory there is for a result, asked before it is made."""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from tsgen.errors import SettingsError, TooLargeError

__all__ = [
    "available_memory",
    "check_memory",
    "check_steps",
    "check_training",
    "keep_limit",
    "lacks_memory",
    "limit_asked",
    "memory_limit",
    "parse_size",
]

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*", re.IGNORECASE)
_CGROUP = Path("/sys/fs/cgroup")
_PER_STEP = 64
_PER_WEIGHT = 20
_VARIABLE = "TSGEN_MAX_MEMORY"
_WORDS = re.compile(
    "out of memory|not enough memory|cannot allocate|bad_alloc|launch worker thread"
    "|start new thread|could not create a primitive"  # of oneDNN
    "|failed to map segment",  # of the loader of libraries
    re.IGNORECASE,
)

_limit: ContextVar[int | None] = ContextVar("memory_limit", default=None)


def parse_size(text: str) -> int:
    """Return the bytes of a size such as "500MB", "8GiB" or "1.5G"; units are powers of 1024.

    Raises:
        SettingsError: It is no size.
    """
    match = _SIZE.fullmatch(text)
    if match is None or not float(match[1]):
        raise SettingsError(f"'{text}' is no size of memory; write for example 500MB or 8GB.")
    return int(float(match[1]) * _UNITS[match[2].upper()])


@contextmanager
def memory_limit(size: str | int | None) -> Iterator[None]:
    """Refuse, inside the block, what would take more than `size`; None is what is free.

    Args:
        size: Bytes, or a text as `parse_size` takes it.

    Raises:
        SettingsError: It is no size.
    """
    token = _limit.set(parse_size(size) if isinstance(size, str) else size)
    try:
        yield
    finally:
        _limit.reset(token)


def limit_asked() -> int | None:
    """Return the bytes that `memory_limit` allows here, None without one."""
    return _limit.get()


def keep_limit(size: int | None) -> None:
    """Set the limit of a process that works for another, to its end."""
    _limit.set(size)


def available_memory() -> tuple[int, str]:
    """Return the bytes that a result may take, and what says so."""
    asked, variable = _limit.get(), os.environ.get(_VARIABLE)
    if asked is not None:
        return asked, "the limit asked for"
    if variable:
        return parse_size(variable), f"the limit of {_VARIABLE}"
    return min(_free_on_machine(), _free_in_container(), _free_of_process()), "the free memory"


def check_memory(needed: float, what: str, advice: str) -> None:
    """Refuse a result that would not fit.

    Args:
        needed: Bytes, estimated.
        what: What would take them, for the message.
        advice: What to do instead.

    Raises:
        TooLargeError: It would take more than there is.
    """
    room, limit = available_memory()
    if needed > room:
        raise TooLargeError(
            f"{what} would take about {_text(needed)} of memory, more than {limit}, "
            f"{_text(room)}. {advice}"
        )


def check_steps(steps: float, what: str) -> None:
    """Refuse so many values of series, at about 64 bytes each with their ids and times.

    Raises:
        TooLargeError: They would take more memory than there is.
    """
    advice = "Ask for fewer or shorter series, or write them in several parts."
    check_memory(_PER_STEP * steps, f"{what} is {steps:.3g} values, which", advice)


def check_training(num_weights: int) -> None:
    """Refuse to train so many weights, each with its gradient, two moments and an average.

    Raises:
        TooLargeError: They would take more memory than there is.
    """
    what = f"Training {num_weights:,} weights"
    check_memory(_PER_WEIGHT * num_weights, what, "Choose smaller networks.")


def lacks_memory(error: BaseException) -> bool:
    """Return whether an error says that there is no memory left, in whoever's words."""
    return isinstance(error, MemoryError) or _WORDS.search(str(error)) is not None


def _text(size: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if size < 1024 or unit == "PiB":
            return f"{size:,.0f} {unit}" if 100 <= size < 1e6 else f"{size:.3g} {unit}"
        size /= 1024
    return ""


def _free_on_machine() -> int:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    match = re.search(r"MemAvailable:\s+(\d+) kB", text)
    return int(match[1]) << 10 if match else 1 << 62


def _free_in_container() -> int:
    try:
        most = (_CGROUP / "memory.max").read_text(encoding="ascii").strip()
        used = (_CGROUP / "memory.current").read_text(encoding="ascii").strip()
        return int(most) - int(used)
    except (OSError, ValueError):  # no container, or no limit ("max")
        return 1 << 62


def _free_of_process() -> int:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return 1 << 62
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        pages = 0
    return max(limit - pages * os.sysconf("SC_PAGE_SIZE"), 0)

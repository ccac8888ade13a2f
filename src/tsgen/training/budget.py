"""A time budget becomes, once, a schedule of steps; from then on only the steps count."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Literal

from tsgen.errors import SettingsError

__all__ = ["CLOCKS", "plan_steps", "seconds_per_step"]

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


def seconds_per_step(
    step: Callable[[int], object], clock: Literal["wall", "cpu"], *, cycle: int = 1
) -> float:
    """Return the median time of `step(i)`, over three cycles of `cycle` steps after a warm-up one.

    `cycle` is the period of work that is not done on each step (a lazy penalty), so that it counts
    by its share.
    """
    now = CLOCKS[clock]
    step(0)
    times = []
    for repeat in range(3):
        begin = now()
        for i in range(cycle):
            step(1 + repeat * cycle + i)
        times.append((now() - begin) / cycle)
    return statistics.median(times)


def plan_steps(seconds: Sequence[float], shares: Sequence[float], budget: float) -> tuple[int, ...]:
    """Return the steps of each stage: its share of the budget over its seconds a step.

    Args:
        seconds: Seconds a step costs at each stage.
        shares: Share of the time each stage gets; they add up to 1.
        budget: Seconds in all.

    Raises:
        SettingsError: The budget is too small for one step of each stage.
    """
    steps = tuple(int(budget * share / cost) for share, cost in zip(shares, seconds, strict=True))
    if min(steps) < 1:
        least = max(cost / share for share, cost in zip(shares, seconds, strict=True))
        raise SettingsError(
            f"budget={budget:.3g}s is too short for one step of each stage on this machine; give at "
            f"least {least:.2g}s."
        )
    return steps

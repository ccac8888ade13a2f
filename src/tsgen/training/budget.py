"""A time budget becomes, once, a schedule of steps; from then on only the steps count."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Literal

from tsgen.errors import SettingsError

__all__ = ["CLOCKS", "Clock", "plan_steps", "seconds_per_step"]

Clock = Literal["wall", "cpu"]
CLOCKS: dict[Clock, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


def seconds_per_step(step: Callable[[], object], clock: Clock, *, repeats: int = 3) -> float:
    """Return the median time of `step()` over `repeats` runs, after one that is not counted."""
    now = CLOCKS[clock]
    step()
    times = []
    for _ in range(repeats):
        begin = now()
        step()
        times.append(now() - begin)
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
            f"The budget leaves {max(budget, 0):.3g} s for training, too little for one step of "
            f"each stage on this machine; give at least {least:.2g} s more."
        )
    return steps

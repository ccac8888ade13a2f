"""A time budget becomes, once, a schedule of steps; from then on only the steps count."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

from tsgen.errors import BudgetError

__all__ = ["CLOCKS", "Clock", "plan_steps", "seconds_per_step"]

Clock = Literal["wall", "cpu"]
CLOCKS: dict[Clock, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


_TIMING_SHARE = 0.03
"""Share of a budget that goes into timing; a moment would say little of a busy machine."""


def seconds_per_step(
    steps: Sequence[Callable[[], object]],
    clock: Clock,
    budget: float,
    *,
    least: int = 2,
    agree: Callable[[bool], bool] = bool,
) -> list[float]:
    """Return the mean time of each kind of step.

    Each runs once uncounted. Then all run in turn, `least` times or until 3 % of the budget is
    spent: whatever else the machine does meanwhile is felt by all kinds alike. Processes that share
    the steps `agree` on each further round.
    """
    now = CLOCKS[clock]
    end = now() + _TIMING_SHARE * budget
    for step in steps:
        step()
    totals, rounds = [0.0] * len(steps), 0
    while agree(rounds < least or now() < end):
        for kind, step in enumerate(steps):
            begin = now()
            step()
            totals[kind] += now() - begin
        rounds += 1
    return [total / rounds for total in totals]


def plan_steps(
    seconds: Sequence[float],
    shares: Sequence[float],
    budget: float,
    *,
    whole: float | None = None,
) -> tuple[int, ...]:
    """Return the steps of each stage: its share of the budget over its seconds a step.

    Args:
        seconds: Seconds a step costs at each stage.
        shares: Share of the time each stage gets; they add up to 1.
        budget: Seconds that are left for training.
        whole: Seconds that were asked for, before preparation and timing took theirs; `budget` if
            None.

    Raises:
        BudgetError: The budget is too small for one step of each stage.
    """
    steps = tuple(int(budget * share / cost) for share, cost in zip(shares, seconds, strict=True))
    if min(steps) < 1:
        asked = budget if whole is None else whole
        least = max(cost / share for share, cost in zip(shares, seconds, strict=True))
        enough = 2 * (asked - min(budget, 0) + least)
        raise BudgetError(
            f"The budget of {asked:.3g} s is too small: preparing and timing the steps took "
            f"{asked - budget:.2g} s of it, which leaves {max(budget, 0):.2g} s, and one step of "
            f"each stage needs {least:.2g} s on this machine as busy as it is now. Give at least "
            f"{enough:.2g} s, or a number of steps instead.",
            least=enough,
        )
    return steps

"""Progressive growing: which stage a step belongs to, and how far it has faded in."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

__all__ = ["Growth"]


@dataclass(frozen=True)
class Growth:
    """A schedule of stages.

    Attributes:
        schedule: Training steps of each stage, coarse to fine.
        fade_in_steps: Steps in which each stage's finest level fades in; 0 switches it on at once.
            The first stage has nothing to fade in.

    Example:
        >>> growth = Growth((100, 100), fade_in_steps=(0, 50))
        >>> growth.at(99), growth.at(100), growth.at(180)
        ((0, 1.0), (1, 0.02), (1, 1.0))
    """

    schedule: tuple[int, ...]
    fade_in_steps: tuple[int, ...]

    @property
    def num_steps(self) -> int:
        """Steps of all stages."""
        return sum(self.schedule)

    def at(self, step: int) -> tuple[int, float]:
        """Return (stage, alpha) of a step; alpha grows linearly to 1 during the fade-in."""
        ends = list(accumulate(self.schedule))
        stage = min(bisect_right(ends, step), len(self.schedule) - 1)
        if stage == 0:
            return 0, 1.0
        done = step - ends[stage - 1] + 1
        return stage, min(1.0, done / max(self.fade_in_steps[stage], 1))

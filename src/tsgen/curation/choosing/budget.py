"""A budget becomes a plan once, by timing; from then on only the plan counts."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tsgen.errors import SettingsError
from tsgen.training import TrainingOptions

from .candidates import SHARES
from .rounds import RoundPlan

__all__ = ["Budget"]

_GENERATORS = 0.4
"""Share of the budget for training generators: half to judge them, half for the answer."""

_MOST_SECONDS = 300.0
"""A generator's training at most, each time."""

_PLANS = (
    RoundPlan((5, 6, 10), (1, 2, 4), (5, 4)),
    RoundPlan((4, 5, 8), (1, 1, 4), (4, 3)),
    RoundPlan((3, 4, 6), (1, 1, 3), (4, 3)),
    RoundPlan((2, 3, 5), (1, 1, 3), (3, 2)),
    RoundPlan((2, 2, 4), (1, 1, 2), (2, 2)),
    RoundPlan((1, 2, 3), (1, 1, 2), (2, 1)),
)
"""From the dearest to the cheapest."""


@dataclass
class Budget:
    """Seconds in all, on the wall clock, and what they are for.

    Attributes:
        seconds: The budget.
        num_operations: Ways to make series.
        num_generators: How many of them are trained.
    """

    seconds: float
    num_operations: int
    num_generators: int
    begin: float = field(default_factory=time.perf_counter)

    @classmethod
    def of(cls, budget: str | float, num_operations: int, num_generators: int) -> Budget:
        """Read "15min", or seconds.

        Raises:
            SettingsError: That is not a time.
        """
        seconds = TrainingOptions(budget=budget).budget
        if seconds is None:
            raise SettingsError("budget=None is not possible; give a time such as '15min'.")
        return cls(float(seconds), num_operations, num_generators)

    @property
    def generator_seconds(self) -> float:
        """Seconds of one training of one generator."""
        if not self.num_generators:
            return 0.0
        return min(_GENERATORS * self.seconds / (2 * self.num_generators), _MOST_SECONDS)

    def refused(self, generator: str, least: float) -> SettingsError:
        """Return the error for a generator that cannot be trained in its share of the budget.

        Args:
            generator: Its name.
            least: Seconds that one training of it would need.
        """
        whole = least * 2 * self.num_generators / _GENERATORS
        return SettingsError(
            f"budget={self.seconds:g}s leaves {self.generator_seconds:.2g}s for one training of "
            f"'{generator}', which needs {least:.2g}s; give at least {whole + 1:.0f}s, or leave "
            f"'{generator}' out of the candidates."
        )

    def plan(self, member_seconds: float, draw_seconds: float) -> RoundPlan:
        """Return the dearest plan that fits what is left, generators for the answer set aside.

        Args:
            member_seconds: What one network costs.
            draw_seconds: What one draw of the series of all operations costs.

        Raises:
            SettingsError: None fits; the message says what it would take.
        """
        spent = time.perf_counter() - self.begin
        left = self.seconds - spent - self.num_generators * self.generator_seconds
        for plan in _PLANS:
            if self._cost(plan, member_seconds, draw_seconds) <= left:
                return plan
        least = self._cost(_PLANS[-1], member_seconds, draw_seconds)
        whole = (least + spent) / (1 - _GENERATORS if self.num_generators else 1)
        ways = f"{self.num_operations} way{'' if self.num_operations == 1 else 's'}"
        raise SettingsError(
            f"budget={self.seconds:g}s is too little for one round of {ways} to make series on "
            f"these data; give at least {1.2 * whole + 1:.0f}s, or fewer candidates."
        )

    def _cost(self, plan: RoundPlan, member_seconds: float, draw_seconds: float) -> float:
        """Return the seconds of a plan: its networks and its draws."""
        kept = min(plan.kept[0], self.num_operations) / self.num_operations
        few = min(plan.kept[1], len(SHARES) * self.num_operations) / self.num_operations
        draws = plan.draws[0] + kept * plan.draws[1] + min(few, 1.0) * plan.draws[2]
        return plan.members(self.num_operations) * member_seconds + draws * draw_seconds

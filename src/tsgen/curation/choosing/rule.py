"""When a candidate is taken: surely better, and by enough."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tsgen.errors import SettingsError

from .gains import Gain

__all__ = ["DecisionRule"]


@dataclass(frozen=True)
class DecisionRule:
    """How sure one must be before anything but "none" is the answer.

    The defaults are those of the study `evaluation/studies/choice_rule`, which says what each
    threshold takes, gains and harms on data that no choice has seen.

    Attributes:
        sureness: Standard errors by which a candidate must be better.
        least_expected: Expected gain, shrunk, under which nothing is taken, from 0 to 1.

    Example:
        >>> DecisionRule(sureness=3.0).takes(Gain(-0.05, -0.09, -0.01, spread=0.02, runs=10))
        False
    """

    sureness: float = 2.0
    least_expected: float = 0.01

    def __post_init__(self) -> None:
        if math.isnan(self.sureness) or not self.least_expected < 1:
            raise SettingsError(
                f"A rule of sureness={self.sureness}, least_expected={self.least_expected} is not "
                "possible; give standard errors, such as 2, and a share below 1, such as 0.01."
            )

    def takes(self, gain: Gain) -> bool:
        """Return whether a candidate is taken."""
        return gain.sureness >= self.sureness and gain.expected <= -self.least_expected

    def __str__(self) -> str:
        return f"{self.sureness:g} standard errors, {100 * self.least_expected:g} % expected"

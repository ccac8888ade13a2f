"""The effect of contacts on those contacted, against a random hold-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.stats import norm, t

from tsgen.arrays import Array, Mask
from tsgen.metrics import LEVEL

__all__ = ["Effect", "cuped"]

_POWER = 0.8


@dataclass(frozen=True)
class Effect:
    """A difference in means and its uncertainty.

    Attributes:
        treated: Users contacted.
        control: Users held out.
        treated_mean: Mean outcome of the contacted.
        control_mean: Mean outcome of the held out.
        difference: Effect of a contact.
        error: Its standard error.
        low: Lower end of the 95 % interval (Welch).
        high: Upper end.
    """

    treated: int
    control: int
    treated_mean: float
    control_mean: float
    difference: float
    error: float
    low: float
    high: float

    @classmethod
    def of(cls, outcome: Array, treated: Mask) -> Self:
        """Return the effect on an outcome, (n,); without an interval if a group has not two."""
        ours, theirs = outcome[treated], outcome[~treated]
        mean, base = (float(part.mean()) if len(part) else np.nan for part in (ours, theirs))
        gap = mean - base
        if min(len(ours), len(theirs)) < 2:
            return cls(len(ours), len(theirs), mean, base, gap, np.nan, np.nan, np.nan)
        parts = np.array([part.var(ddof=1) / len(part) for part in (ours, theirs)])
        error = float(np.sqrt(parts.sum()))
        weight = (parts**2 / np.array([len(ours) - 1, len(theirs) - 1])).sum()
        freedom = parts.sum() ** 2 / weight if weight > 0 else np.inf
        reach = error * float(t.ppf(0.5 + LEVEL / 2, freedom))
        return cls(len(ours), len(theirs), mean, base, gap, error, gap - reach, gap + reach)

    @property
    def detectable(self) -> float:
        """The least effect that such groups show with 80 % power, by a test at 5 %."""
        return self.error * float(norm.ppf(0.5 + LEVEL / 2) + norm.ppf(_POWER))


def cuped(outcome: Array, expected: Array, treated: Mask) -> Array:
    """Return the outcome without the part that an expectation from before explains, (n,).

    theta is the slope within the groups, so that the effect does not leak into it; the variance
    falls by the factor 1 - correlation^2. Source: Deng, Xu, Kohavi, Walker (WSDM 2013).

    Args:
        outcome: (n,).
        expected: (n,) known before the contact.
        treated: (n,) who was contacted.
    """
    inner = np.array(expected, np.float64)
    response = np.array(outcome, np.float64)
    for group in (treated, ~treated):
        if group.any():
            inner[group] -= inner[group].mean()
            response[group] -= response[group].mean()
    spread = inner @ inner
    theta = inner @ response / spread if spread > 0 else 0.0
    return np.asarray(outcome - theta * (expected - np.mean(expected)), np.float64)

"""What a model's total rests on: how the same activity model's totals fared in past horizons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student

__all__ = ["PastTotal", "total_facts"]

_USUAL_ERROR, _USUAL_WEIGHT = 0.2, 2.0
"""Of a total's logarithm, as if seen in two horizons: with few horizons the interval is wide."""


@dataclass(frozen=True)
class PastTotal:
    """A past horizon, of the users who had a history at its beginning.

    Attributes:
        expected: Events by an activity model that had learnt until then.
        came: Events.
    """

    expected: float
    came: int


def total_facts(total: float, past: Sequence[PastTotal]) -> dict[str, Any]:
    """Return the expected events of all users, with an interval, and what that rests on.

    The logarithm of came / expected is taken as normal around 0, its spread estimated from the past
    horizons and, as if from two more, a usual one of 20 %; counts scatter as Poisson ones beside.

    Args:
        total: Expected events of the coming horizon.
        past: Past horizons, the latest first; none leaves the usual spread.

    Returns:
        expected_events, expected_events_90 (the interval's ends), rests_on (a sentence) and
        past_horizons, for saving.
    """
    errors = np.array([np.log((one.came + 1) / (one.expected + 1)) for one in past])
    freedom = _USUAL_WEIGHT + len(errors)
    variance = (_USUAL_WEIGHT * _USUAL_ERROR**2 + float(errors @ errors)) / freedom
    spread = float(student.ppf(0.95, freedom) * np.sqrt(variance + 1 / (total + 1)))
    return {
        "expected_events": round(total, 1),
        "expected_events_90": [round(total * float(np.exp(s)), 1) for s in (-spread, spread)],
        "rests_on": _basis(len(past)),
        "past_horizons": [
            {name: round(value, 1) for name, value in asdict(one).items()} for one in past
        ],
    }


def _basis(num_horizons: int) -> str:
    if not num_horizons:
        return (
            "the last horizon alone: the log is too short to see how an earlier total came, so the "
            "interval is a usual one"
        )
    plural = "s" if num_horizons > 1 else ""
    return f"{num_horizons} past horizon{plural} whose events were forecast and counted"

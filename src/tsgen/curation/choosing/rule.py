"""When a candidate is taken: surely better, and by enough."""

from __future__ import annotations

from .gains import Gain

__all__ = ["LEAST_EXPECTED", "SURENESS", "is_taken"]

SURENESS = 2.0
"""Standard errors by which a candidate must be better before it is taken."""


LEAST_EXPECTED = 0.01
"""Expected gain under which nothing is taken."""


def is_taken(gain: Gain) -> bool:
    """Return whether a candidate is taken."""
    return gain.sureness >= SURENESS and gain.expected <= -LEAST_EXPECTED

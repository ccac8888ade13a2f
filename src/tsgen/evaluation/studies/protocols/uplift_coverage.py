"""The protocol of uplift intervals: how often they hold, and by how much CUPED shortens them.

Simulated campaigns with a known effect: users are expected to engage Gamma(0.5) / 0.5 times (most
hardly, few often), the model knows that up to a factor of its own, counts are Poisson, and each
contact adds Poisson(effect). Theory: the variance of a difference falls by what the expectation
explains within the groups.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from tsgen.arrays import Array, Mask
from tsgen.rng import numpy_stream

from ...uplift import Effect, cuped
from ..settings import ArmSettings, Count, StudySettings
from ..sources import StudySources

__all__ = ["UpliftCoverageArm", "UpliftCoverageStudy", "uplift_coverage"]

_REPEATS = 2_000


class UpliftCoverageStudy(StudySettings):
    """A study of simulated campaigns."""

    repeats: Count = _REPEATS
    """Campaigns of each arm."""


class UpliftCoverageArm(ArmSettings):
    """A kind of campaign."""

    users: Annotated[int, Field(ge=10)]
    """Users in a campaign."""
    held_out: Annotated[float, Field(gt=0, lt=1)]
    """Share of them that is not contacted."""
    effect: Annotated[float, Field(ge=0)]
    """Engagements that a contact adds."""


def uplift_coverage(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Simulate `repeats` campaigns of one arm: its `users`, share `held_out` and `effect`.

    Returns:
        Measures `plain_holds` and `adjusted_holds` (share of the 95 % intervals that hold the
        effect), `shorter_by` (adjusted over plain width) and `in_theory`.
    """
    users, share, effect = arm["users"], arm["held_out"], arm["effect"]
    repeats = study.get("repeats", _REPEATS)
    draw = numpy_stream(seed, "uplift", users, round(1000 * share), round(1000 * effect))
    begin = time.process_time()
    campaigns = np.array([_campaign(draw, users, share, effect) for _ in range(repeats)])
    names = ("plain_holds", "adjusted_holds", "shorter_by", "in_theory")
    measures = {
        name: {"value": round(float(mean), 5), "spread": round(float(spread), 5)}
        for name, mean, spread in zip(
            names, campaigns.mean(axis=0), campaigns.std(axis=0) / repeats**0.5, strict=True
        )
    }
    return {"cpu_seconds": round(time.process_time() - begin, 1), "measures": measures}


def _campaign(
    draw: np.random.Generator, users: int, share: float, effect: float
) -> tuple[float, float, float, float]:
    """Return of one campaign: plain holds, adjusted holds, ratio of widths, and theory's."""
    true = draw.gamma(0.5, 2.0, users)
    expected = true * draw.lognormal(0, 0.3, users)
    treated = draw.random(users) >= share
    outcome = draw.poisson(true + effect * treated).astype(float)
    plain = Effect.of(outcome, treated)
    adjusted = Effect.of(cuped(outcome, expected, treated), treated)
    holds = [float(e.low <= effect <= e.high) for e in (plain, adjusted)]
    return holds[0], holds[1], adjusted.error / plain.error, _theory(outcome, expected, treated)


def _theory(outcome: Array, expected: Array, treated: Mask) -> float:
    """Return sqrt(sum s^2 (1 - r^2) / n over sum s^2 / n) of the two groups."""
    before = after = 0.0
    for group in (treated, ~treated):
        variance = outcome[group].var(ddof=1) / group.sum()
        before += variance
        after += variance * (1 - np.corrcoef(outcome[group], expected[group])[0, 1] ** 2)
    return float(np.sqrt(after / before))

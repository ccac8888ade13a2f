"""How often the intervals of an uplift hold, and by how much CUPED shortens them.

python evaluation/uplift_coverage.py

Simulated campaigns with a known effect: users are expected to engage Gamma(0.5) / 0.5 times (most
hardly, few often), the model knows that up to a factor of its own, counts are Poisson, and each
contact adds Poisson(effect). Theory: the variance of a difference falls by what the expectation
explains within the groups.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from tsgen.evaluation.uplift import Effect, cuped
from tsgen.rng import numpy_stream

REPEATS = 2_000


def main() -> None:
    cells = itertools.product((1_000, 10_000), (0.05, 0.1, 0.3), (0.0, 0.2))
    rows = [simulate(*cell) for cell in cells]
    print(pd.DataFrame(rows).to_string(index=False, float_format="{:.3f}".format))


def simulate(users: int, share: float, effect: float) -> dict[str, float]:
    draw = numpy_stream(1, "uplift", users, round(1000 * share), round(1000 * effect))
    held = {"plain": 0, "adjusted": 0}
    shorter, theory = [], []
    for _ in range(REPEATS):
        true = draw.gamma(0.5, 2.0, users)
        expected = true * draw.lognormal(0, 0.3, users)
        treated = draw.random(users) >= share
        outcome = draw.poisson(true + effect * treated).astype(float)
        plain = Effect.of(outcome, treated)
        adjusted = Effect.of(cuped(outcome, expected, treated), treated)
        held["plain"] += plain.low <= effect <= plain.high
        held["adjusted"] += adjusted.low <= effect <= adjusted.high
        shorter.append(adjusted.error / plain.error)
        theory.append(factor(outcome, expected, treated))
    return {
        "users": users, "held out": share, "effect": effect,
        "plain holds": held["plain"] / REPEATS, "adjusted holds": held["adjusted"] / REPEATS,
        "shorter by": float(np.mean(shorter)), "in theory": float(np.mean(theory)),
    }  # fmt: skip


def factor(outcome: np.ndarray, expected: np.ndarray, treated: np.ndarray) -> float:
    """Return sqrt(sum s^2 (1 - r^2) / n over sum s^2 / n) of the two groups."""
    before = after = 0.0
    for group in (treated, ~treated):
        variance = outcome[group].var(ddof=1) / group.sum()
        before += variance
        after += variance * (1 - np.corrcoef(outcome[group], expected[group])[0, 1] ** 2)
    return float(np.sqrt(after / before))


if __name__ == "__main__":
    main()

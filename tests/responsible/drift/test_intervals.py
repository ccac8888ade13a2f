"""Intervals of what is compared hold the truth about as often as they say."""

import numpy as np

from tsgen.responsible.drift.intervals import COMPARISONS, comparison_intervals


def test_the_mean_after_lies_within_nearly_always():
    random = np.random.default_rng(0)
    held = 0
    for world in range(60):
        after = random.gamma(2.0, 1.0, 80)
        low, high = comparison_intervals(after, after, seed=world, draws=100)["mean"]
        held += low <= 2.0 <= high
    assert 50 <= held <= 60


def test_what_has_changed_is_further_off_than_what_has_not():
    random = np.random.default_rng(1)
    before, same, moved = random.normal(size=500), random.normal(size=500), random.normal(1, 1, 500)
    quiet, loud = (comparison_intervals(before, one, seed=1, draws=50) for one in (same, moved))
    for name in ("KS", "stability"):
        assert quiet[name][1] < loud[name][0]
    assert set(quiet) == set(COMPARISONS)


def test_the_same_seed_gives_the_same_ends():
    numbers = np.arange(30.0)
    first, second = (comparison_intervals(numbers, numbers, seed=3, draws=20) for _ in range(2))
    assert first == second

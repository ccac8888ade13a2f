"""Distances of distributions and of rankings, against loops and edge cases."""

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.responsible import attribution_agreement, stability_index
from tsgen.responsible.drift.measures import largest_difference


def test_stability_is_a_sum_over_tenths_of_before():
    random = np.random.default_rng(0)
    before, after = random.normal(size=500), random.normal(0.5, 1.2, 400)
    bounds = [np.quantile(before, k / 10) for k in range(1, 10)]
    total = 0.0
    for low, high in zip([-np.inf, *bounds], [*bounds, np.inf], strict=True):
        a, b = (max(np.mean((v > low) & (v <= high)), 1e-4) for v in (after, before))
        total += (a - b) * np.log(a / b)
    assert stability_index(before, after) == pytest.approx(total)
    assert stability_index(before, before) == 0
    assert largest_difference([1, 2], [3, 4]) == 1


def test_swapping_two_features_is_an_alarm_and_noise_is_not():
    march = {"own past": 3.0, "similar": 1.0, "activity": 0.3, "age": 0.1}
    swapped = {"own past": 0.1, "similar": 1.0, "activity": 0.3, "age": 3.0}
    assert attribution_agreement(march, swapped) < 0.90
    random = np.random.default_rng(1)
    for _ in range(20):
        noisy = {name: value * random.uniform(0.9, 1.1) for name, value in march.items()}
        assert attribution_agreement(march, noisy) > 0.98


def test_signs_do_not_count_and_other_players_are_refused():
    assert attribution_agreement({"a": 2.0, "b": 1.0}, {"a": -5.0, "b": 3.0}) == 1
    assert attribution_agreement({"a": 0.0}, {"a": 1.0}) == 1
    with pytest.raises(DataError, match="different players"):
        attribution_agreement({"a": 1.0}, {"b": 1.0})

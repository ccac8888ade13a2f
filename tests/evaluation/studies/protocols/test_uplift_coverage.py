"""Simulated campaigns: how often intervals hold, and how much shorter expectation makes them."""

import numpy as np
import pytest

from tsgen.evaluation.studies.protocols import uplift_coverage as module
from tsgen.evaluation.studies.protocols.uplift_coverage import uplift_coverage

ARM = {"users": 400, "held_out": 0.3, "effect": 0.2}


def measures(arm=ARM, seed=1, repeats=150):
    found = uplift_coverage({"repeats": repeats}, arm, seed, None)["measures"]
    return {name: row["value"] for name, row in found.items()}


def test_95_percent_intervals_hold_about_so_often_and_are_shorter_as_theory_says():
    found = measures()
    assert 0.88 <= found["plain_holds"] <= 1.0
    assert 0.88 <= found["adjusted_holds"] <= 1.0
    assert found["shorter_by"] == pytest.approx(found["in_theory"], abs=0.03)
    assert found["shorter_by"] < 0.8
    assert measures() == found
    assert measures(seed=2) != found


def test_theory_is_one_where_the_expectation_says_nothing():
    draw = np.random.default_rng(0)
    outcome, noise = draw.normal(size=5000), draw.normal(size=5000)
    treated = draw.random(5000) < 0.5
    assert module._theory(outcome, noise, treated) == pytest.approx(1.0, abs=0.01)
    assert module._theory(outcome, 2 * outcome + 1, treated) == pytest.approx(0.0, abs=1e-6)

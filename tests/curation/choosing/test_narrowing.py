"""What enters the first round, and why."""

import numpy as np
import pytest

from tsgen.curation import FunctionOperation, Transform
from tsgen.curation.choosing import SHARES, Validation, narrowing
from tsgen.curation.choosing.narrowing import MIXTURE, POLICY, all_ways, narrowed
from tsgen.data import simulate_series

REAL = simulate_series(num_series=8, length=120, seed=1)
CUT = Validation.of(REAL, 6)


def noise(sources, draw):
    return 50 * draw.normal(size=len(sources.values))


OPERATIONS = {
    "mixing": Transform("mixing"),
    "jitter": Transform("jitter"),
    "noise": Transform("noise", function=noise),
}


@pytest.fixture(scope="module")
def made():
    return narrowed(CUT, OPERATIONS, seed=3)


def test_what_is_worse_by_both_measures_is_left_out_and_said_why(made):
    assert list(made.left_out) == ["noise"]
    assert "left out before the first round: weight" in made.left_out["noise"]
    assert made.facts["weights"]["noise"] < 1e-3
    assert made.facts["matches"]["noise"] == min(made.facts["matches"].values())
    assert {"mixing", "jitter"} <= {way.label for way in made.ways}
    assert "noise" not in {way.label for way in made.ways}


def test_the_weights_say_which_shares_are_tried(made):
    for way in made.ways:
        if way.label in OPERATIONS:
            weight = made.facts["weights"][way.label]
            share = weight / (1 + weight)
            dropped = next(s for s in SHARES if s not in way.shares)
            assert len(way.shares) == 2
            assert all(abs(s - share) <= abs(dropped - share) + 1e-9 for s in way.shares)


def test_the_weighted_mixture_and_the_policy_are_candidates(made):
    ways = {way.label: way for way in made.ways}
    if MIXTURE in ways:
        together = made.facts["weights_together"]
        parts = dict(ways[MIXTURE].proportions)
        assert sum(parts.values()) == pytest.approx(1)
        assert parts["mixing"] / parts["jitter"] == pytest.approx(
            together["mixing"] / together["jitter"], rel=1e-2
        )
    assert ways[POLICY].proportions == ((POLICY, 1.0),)
    policy = made.operations[POLICY]
    assert {entry.operation for entry in policy.entries} == {"identity", *OPERATIONS}


def test_weights_rest_on_the_stopping_window_alone(monkeypatch):
    given = []
    fit = narrowing.SourceWeights.fit

    def remember(self, real, **sources):
        given.append((self.validate_last, real.lengths.max(), sources))
        return fit(self, real, **sources)

    monkeypatch.setattr(narrowing.SourceWeights, "fit", remember)
    narrowed(CUT, {"mixing": Transform("mixing"), "jitter": Transform("jitter")}, seed=3)
    judged = CUT.num_windows * 6
    for last, length, sources in given:
        assert (last, length) == (6, 120 - judged)
        for source in sources.values():
            np.testing.assert_array_equal(source.lengths, CUT.learning.lengths)
    assert CUT.learning.lengths.max() == 120 - judged - 6


def test_left_out_is_what_has_no_weight_and_matches_worse_than_half():
    weights = {"a": 0.0, "b": 0.0, "c": 0.5, "d": 0.4}
    matches = {"a": 0.1, "b": 0.9, "c": 0.2, "d": 0.8}
    assert narrowing._left_out(weights, matches) == {
        "a": "left out before the first round: weight 0 by SourceWeights, gradient match 0.100 "
        "below the median 0.500"
    }


def test_two_stay_whatever_is_said_of_them():
    matches = {"a": 0.1, "b": 0.2}
    assert narrowing._left_out(dict.fromkeys("ab", 0.0), matches) == {}
    assert narrowing._left_out({"a": 1.0}, {}) == {}


def test_what_cannot_be_measured_is_tried_and_noted():
    def fails(table):
        raise ValueError("no luck")

    operations = OPERATIONS | {"fails": FunctionOperation(fails, "fails")}
    made = narrowed(CUT, operations, seed=3)
    ways = {way.label: way for way in made.ways}
    assert ways["fails"].shares == SHARES
    assert "no luck" in made.facts["not_measured"]["series of fails"]


def test_without_narrowing_everything_is_tried_at_every_share():
    made = all_ways(OPERATIONS)
    assert [way.label for way in made.ways] == list(OPERATIONS)
    assert all(way.shares == SHARES for way in made.ways)

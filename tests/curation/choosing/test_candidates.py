"""What is tried: names, shares and the series that they add."""

import pytest

from tsgen.curation import Candidate, Transform
from tsgen.curation.choosing import DEFAULT_CANDIDATES
from tsgen.curation.choosing.candidates import Way, augmented, makers_of
from tsgen.data import simulate_series
from tsgen.errors import SettingsError

REAL = simulate_series(num_series=4, length=48, seed=1)


def test_shares_of_the_training_set_are_ratios_to_the_real_series():
    one = Candidate.of("mixing", 0.75)
    assert one.name == "mixing 75 %"
    assert one.real == 0.25
    assert one.ratios == {"mixing": pytest.approx(3.0)}
    two = Candidate("both", (("mixing", 0.25), ("jitter", 0.25)))
    assert two.ratios == {"mixing": pytest.approx(0.5), "jitter": pytest.approx(0.5)}


def test_real_series_come_first_and_each_operation_makes_its_part():
    operations = {name: Transform(name) for name in ("mixing", "jitter", "scaling")}
    both = Candidate("both", (("mixing", 0.25), ("jitter", 0.5)))
    made = augmented(REAL, both, operations, seed=3)
    assert made.item_ids[:4] == REAL.item_ids
    assert [facts["model"] for facts in made.info[4:]] == ["mixing"] * 4 + ["jitter"] * 8
    assert made.fingerprint() == augmented(REAL, both, operations, seed=3).fingerprint()
    assert made.fingerprint() != augmented(REAL, both, operations, seed=4).fingerprint()


def test_makers_are_named_by_themselves_or_by_the_user():
    assert tuple(makers_of(None)) == DEFAULT_CANDIDATES
    for one in (["mixing"], "mixing"):
        assert makers_of(one) == {"mixing": Transform("mixing")}
    assert makers_of({"mine": "mixing", "loud": Transform("jitter")}) == {
        "mine": Transform("mixing"), "loud": Transform("jitter")}  # fmt: skip
    with pytest.raises(SettingsError, match="the same name"):
        makers_of(["jitter", Transform("jitter", {"share": 1.0})])
    for nothing in ([], {}):
        with pytest.raises(SettingsError, match="There is no candidate"):
            makers_of(nothing)


def test_a_way_is_a_candidate_at_each_share():
    assert Way.of("mixing").at(0.25) == Candidate.of("mixing", 0.25)
    both = Way("both", (("mixing", 0.25), ("jitter", 0.75)))
    assert both.at(0.5) == Candidate("both 50 %", (("mixing", 0.125), ("jitter", 0.375)))


def test_one_series_at_least_is_made_of_each_operation():
    few = Candidate("few", (("mixing", 0.01), ("jitter", 0.25)))
    made = augmented(REAL, few, {n: Transform(n) for n in ("mixing", "jitter")}, seed=3)
    assert [facts["model"] for facts in made.info[4:]] == ["mixing", "jitter"]

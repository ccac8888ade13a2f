"""The attack finds a generator that copies, and is at chance for one that knows nothing."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.data import simulate_series
from tsgen.errors import DataError
from tsgen.evaluation.share.attack import MembershipRate, check_attack, run_attack
from tsgen.rng import numpy_stream

REAL = simulate_series(num_series=60, length=120, seed=1)


def independent(series, number):
    """Series of the same kind that have nothing of the given ones."""
    return simulate_series(num_series=len(series), length=120, seed=1000 + number)


def blurred(share):
    def release(series, number):
        noise = numpy_stream(number, "noise").normal(size=len(series.values))
        spread = np.repeat([series.series(k).std() for k in range(len(series))], series.lengths)
        return replace(series, values=series.values + share * spread * noise)

    return release


def half_copied(series, number):
    """Half of what it hands out are copies."""
    copies = series.subset(np.arange(len(series) // 2))
    fresh = independent(series, number).subset(np.arange(len(series) // 2))
    fresh = replace(fresh, item_ids=tuple(f"fresh-{k}" for k in range(len(fresh))))
    return copies.concat([copies, fresh])


@pytest.fixture(scope="module")
def chance():
    return run_attack(REAL, independent, 12, 8, seed=2)


def test_an_independent_generator_gives_nothing_away(chance):
    assert (chance.num_members, chance.num_non_members) == (300, 300)
    assert not chance.few
    assert chance.rate.false_positive_rate == 0.01
    assert chance.rate.value < 0.04
    assert not chance.rate.shown
    assert chance.rate.low <= 0.01 <= chance.rate.high


def test_a_copying_generator_is_found_and_so_is_its_baseline(chance):
    found = run_attack(REAL, lambda series, number: series, 12, 8, seed=2)
    assert found.rate.value > 0.95
    assert found.rate.shown
    assert found.rate == found.copying == chance.copying


def test_copies_with_noise_are_found_the_less_the_more_noise():
    shares = (0.01, 0.1, 1.0)
    least, some, most = (run_attack(REAL, blurred(s), 12, 8, seed=2).rate.value for s in shares)
    assert least > 0.9
    assert least > some > most


def test_a_generator_that_copies_half_is_found():
    found = run_attack(REAL, half_copied, 12, 8, seed=2)
    assert found.rate.shown
    assert found.rate.value > 0.2


def test_every_model_learns_from_its_half_alone():
    asked = []

    def release(series, number):
        asked.append((number, series.item_ids))
        return independent(series, number)

    run_attack(REAL, release, 12, 4, seed=2)
    assert [number for number, _ in asked] == [0, 1, 2, 3, 4]
    assert {len(ids) for _, ids in asked} == {30}
    assert not set(asked[1][1]) & set(asked[2][1])
    assert set(asked[1][1]) | set(asked[2][1]) == set(REAL.item_ids)


def test_few_windows_are_judged_at_five_per_cent():
    few = run_attack(REAL.subset(np.arange(10)), independent_of(120), 12, 2, seed=2)
    assert few.few
    assert few.num_non_members == 50
    assert few.rate.false_positive_rate == 0.05


def independent_of(length):
    return lambda series, number: simulate_series(len(series), length, seed=1000 + number)


def test_shown_is_what_lies_above_chance():
    assert MembershipRate(0.01, 0.05, 0.02, 0.1).shown
    assert not MembershipRate(0.01, 0.05, 0.01, 0.1).shown


def test_what_cannot_be_attacked_is_refused_beforehand():
    check_attack(REAL, 12, 2)
    with pytest.raises(DataError, match="7 series; an attack"):
        check_attack(REAL.subset(np.arange(7)), 12, 2)
    with pytest.raises(DataError, match="No window of 200 steps"):
        check_attack(REAL, 200, 2)

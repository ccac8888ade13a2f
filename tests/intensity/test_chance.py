import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.intensity.chance import ChanceMap
from tsgen.metrics import calibration_table


def halves(size):
    return np.arange(size) % 2 == 0


def test_without_learning_it_is_poissons_chance():
    mean = np.array([0.0, 1e-9, 0.5, 30.0])
    np.testing.assert_allclose(ChanceMap().probability(mean), 1 - np.exp(-mean))
    np.testing.assert_allclose(
        ChanceMap(1.0, 1e9).probability(mean), ChanceMap().probability(mean), rtol=1e-6
    )


@given(st.floats(1e-3, 1e3), st.floats(1e-2, 1e3), st.integers(0, 2**31))
def test_chances_lie_in_their_range_and_rise(scale, shape, seed):
    mean = np.sort(np.random.default_rng(seed).exponential(size=20))
    chance = ChanceMap(scale, shape).probability(mean)
    assert ((chance >= 0) & (chance <= 1)).all()
    assert (np.diff(chance) >= 0).all()


def test_bursts_are_learnt_and_true_poisson_counts_left_alone():
    random = np.random.default_rng(0)
    mean = random.gamma(0.3, 1.0, 200_000)
    # Bursts of five events: five times fewer pairs have any.
    happened = random.poisson(mean / 5) > 0
    found = ChanceMap.fit(mean, happened, halves(len(mean)))
    assert found.scale == pytest.approx(0.2, rel=0.05)
    table = calibration_table(found.probability(mean), happened.astype(float))
    assert (np.abs(table.predicted - table.observed) < 5 * table.standard_error + 1e-3).all()
    plain = ChanceMap.fit(mean, random.poisson(mean) > 0, halves(len(mean)))
    np.testing.assert_allclose(plain.probability(mean), ChanceMap().probability(mean), atol=0.01)


def test_too_few_hits_teach_nothing():
    mean = np.full(1000, 0.01)
    assert ChanceMap.fit(mean, np.arange(1000) < 20, halves(1000)) == ChanceMap()

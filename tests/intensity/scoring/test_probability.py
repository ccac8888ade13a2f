import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.intensity.scoring.probability import Campaigns, ProbabilityMap
from tsgen.metrics import calibration_table


def halves(size):
    return np.arange(size) % 2 == 0


def test_without_learning_it_is_poissons_chance():
    mean = np.array([0.0, 1e-9, 0.5, 30.0])
    np.testing.assert_allclose(ProbabilityMap().probability(mean), 1 - np.exp(-mean))
    np.testing.assert_allclose(
        ProbabilityMap(1.0, 1e9).probability(mean), ProbabilityMap().probability(mean), rtol=1e-6
    )


@given(st.floats(1e-3, 1e3), st.floats(1e-2, 1e3), st.integers(0, 2**31))
def test_chances_lie_in_their_range_and_rise(scale, shape, seed):
    mean = np.sort(np.random.default_rng(seed).exponential(size=20))
    chance = ProbabilityMap(scale, shape).probability(mean)
    assert ((chance >= 0) & (chance <= 1)).all()
    assert (np.diff(chance) >= 0).all()


def test_bursts_are_learnt_and_true_poisson_counts_left_alone():
    random = np.random.default_rng(0)
    mean = random.gamma(0.3, 1.0, 200_000)
    # Bursts of five events: five times fewer pairs have any.
    happened = random.poisson(mean / 5) > 0
    found = ProbabilityMap.fit(mean, happened, halves(len(mean)))
    assert found.scale == pytest.approx(0.2, rel=0.05)
    table = calibration_table(found.probability(mean), happened.astype(float))
    assert (np.abs(table.predicted - table.observed) < 5 * table.standard_error + 1e-3).all()
    plain = ProbabilityMap.fit(mean, random.poisson(mean) > 0, halves(len(mean)))
    np.testing.assert_allclose(
        plain.probability(mean), ProbabilityMap().probability(mean), atol=0.01
    )


def test_too_few_hits_teach_nothing():
    mean = np.full(1000, 0.01)
    assert ProbabilityMap.fit(mean, np.arange(1000) < 20, halves(1000)) == ProbabilityMap()


def campaigns_of(intensity, counts, random, sizes=(4, 16, 64)):
    drawn = []
    for size in sizes:
        chosen = np.zeros((intensity.shape[1], 6))
        for column in chosen.T:
            column[random.choice(len(column), size, replace=False)] = 1.0
        drawn.append(Campaigns(size, intensity @ chosen, counts @ chosen > 0))
    return drawn


@given(st.integers(0, 2**31), st.floats(-1.0, 0.5), st.floats(-1.0, 1.0), st.floats(0.0, 3.0))
def test_a_campaign_is_at_least_as_likely_as_each_of_its_items(seed, scale, shape, many):
    random = np.random.default_rng(seed)
    chance = ProbabilityMap(random.gamma(1.0), random.gamma(1.0) + 0.01, np.exp(many), scale, shape)
    intensity = random.gamma(0.3, 1.0, (20, random.integers(1, 30)))
    total, num = intensity.sum(axis=1), intensity.shape[1]
    campaign = chance.probability(total, num, intensity.max(axis=1))
    assert (campaign[:, None] >= chance.probability(intensity)).all()
    assert (campaign >= chance.probability(total, num)).all()
    assert (campaign <= 1).all()


def test_baskets_make_the_chance_of_a_large_campaign_smaller_than_its_sum_says():
    # Visits of 16 items out of 64: the campaign of all sees one visit where it counts 16 events.
    random = np.random.default_rng(0)
    rate = random.gamma(1.0, 0.3, 4000)
    visits = random.poisson(rate)
    counts = random.binomial(visits[:, None], 0.25, (len(rate), 64))
    intensity = np.broadcast_to(0.25 * rate[:, None], counts.shape)
    half = halves(len(rate))
    learnt = ProbabilityMap().learn_campaigns(campaigns_of(intensity, counts, random), half)
    for size in (1, 8, 64):
        expected = learnt.probability(size * 0.25 * rate, size).mean()
        bought = (counts[:, :size] > 0).any(axis=1).mean()
        assert expected == pytest.approx(bought, rel=0.12)
    assert ProbabilityMap().probability(64 * 0.25 * rate).mean() > 2 * (visits > 0).mean()
    np.testing.assert_array_equal(
        learnt.probability(rate), ProbabilityMap().probability(rate)
    )  # a pair stays a pair


def test_independent_items_need_no_correction_for_campaigns():
    random = np.random.default_rng(0)
    intensity = random.gamma(0.5, 0.05, (3000, 64))
    counts = random.poisson(intensity)
    campaigns = campaigns_of(intensity, counts, random)
    learnt = ProbabilityMap().learn_campaigns(campaigns, halves(3000))
    total = intensity.sum(axis=1)
    np.testing.assert_allclose(
        learnt.probability(total, 64), ProbabilityMap().probability(total), atol=0.03
    )
    assert ProbabilityMap().learn_campaigns([], halves(3000)) == ProbabilityMap()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_chances_are_brought_to_a_total(share):
    """By the scale where that is enough, by the shape as well where it would pass 1."""
    mean = np.random.default_rng(0).gamma(0.3, 1.0, 5_000)
    before = ProbabilityMap(0.4, 0.5, many=3.0, scale_power=-0.2)
    poisson = ProbabilityMap().probability(mean).sum()
    after = before.with_total(mean, share * poisson)
    assert after.probability(mean).sum() == pytest.approx(share * poisson, rel=2e-3)
    assert after.scale <= 1
    assert (after.many, after.scale_power) == (3.0, -0.2)
    assert (after.shape == 0.5) == (share < 0.6)


def test_no_total_makes_a_pair_likelier_than_its_events_are():
    mean = np.random.default_rng(0).gamma(0.3, 1.0, 5_000)
    after = ProbabilityMap(0.4, 0.5).with_total(mean, 10 * mean.sum())
    np.testing.assert_allclose(after.probability(mean), 1 - np.exp(-mean), rtol=1e-3)

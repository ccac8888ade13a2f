import numpy as np
import pytest

from tsgen.evaluation.uplift import Effect, cuped


def test_cuped_leaves_the_mean_and_does_not_eat_the_effect():
    draw = np.random.default_rng(0)
    expected = draw.normal(size=5000)
    treated = draw.random(5000) < 0.5
    outcome = 2 * expected + 1.0 * treated + draw.normal(size=5000)
    adjusted = cuped(outcome, expected, treated)
    assert adjusted.mean() == pytest.approx(outcome.mean())
    effect = Effect.of(adjusted, treated)
    assert effect.low < 1.0 < effect.high
    assert effect.error < 0.5 * Effect.of(outcome, treated).error
    assert np.array_equal(cuped(outcome, np.ones(5000), treated), outcome)


def test_the_interval_holds_as_often_as_it_says():
    draw = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        treated = np.arange(300) < 240
        effect = Effect.of(draw.poisson(0.8 + 0.3 * treated).astype(float), treated)
        held += effect.low <= 0.3 <= effect.high
    assert 0.92 <= held / 400 <= 0.98


def test_what_could_be_seen_is_what_is_seen_four_times_in_five():
    draw = np.random.default_rng(2)
    treated = np.arange(400) < 300
    detectable = np.mean([Effect.of(draw.normal(size=400), treated).detectable for _ in range(50)])
    effects = [Effect.of(draw.normal(size=400) + detectable * treated, treated) for _ in range(400)]
    assert 0.73 <= np.mean([effect.low > 0 for effect in effects]) <= 0.87


def test_a_group_of_one_has_a_difference_but_no_interval():
    effect = Effect.of(np.array([3.0, 1.0, 1.0]), np.array([True, False, False]))
    assert effect.difference == 2.0
    assert np.isnan([effect.error, effect.low, effect.high]).all()


def test_groups_without_spread_have_an_interval_of_no_length():
    treated = np.arange(10) < 6
    effect = Effect.of(1.0 + treated, treated)
    assert effect.low == effect.high == effect.difference == 1.0

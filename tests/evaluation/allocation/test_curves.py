import numpy as np
import pytest

from evaluation.allocation.conftest import PLAN
from tsgen.allocation import Plan, pose
from tsgen.evaluation.allocation.curves import (
    RankedContacts,
    diversity_curve,
    rank_contacts,
    value_curve,
)
from tsgen.evaluation.allocation.outcome import Outcome


def contacts(seed=0, n=200, cost=0.5):
    """One contact a user; expected values fall, what comes is random around them."""
    draw = np.random.default_rng(seed)
    expected = np.linspace(2, 0.1, n)
    return RankedContacts(draw.permutation(n), expected, draw.exponential(expected),
                          np.full(n, cost), n)  # fmt: skip


def test_a_curve_adds_up_its_contacts():
    one = contacts()
    curve = value_curve([one], draws=20, seed=1)
    assert curve.sizes[0] == 1
    assert curve.sizes[-1] == 200
    for name in ("expected", "realised", "cost"):
        sums = [getattr(one, name)[:size].sum() for size in curve.sizes]
        assert getattr(curve, name) == pytest.approx(sums)
    profit = curve.realised - curve.cost
    assert profit[curve.sizes.tolist().index(curve.best)] == profit.max()


def test_several_windows_are_their_mean_up_to_the_shortest():
    parts = [contacts(0), contacts(1, n=150)]
    curve = value_curve(parts, draws=20, seed=1)
    assert curve.sizes[-1] == 150
    alone = [part.realised[:150].sum() for part in parts]
    assert curve.realised[-1] == pytest.approx(np.mean(alone))


def test_the_interval_is_the_middle_95_of_100_draws():
    """Two sizes are possible; the larger is better in a share of draws that binomials tell."""
    n = 400
    gain = np.where(np.arange(n) < 100, 0.6, -0.4)  # 60 of 160 drawn, on average, cover 40 lost
    draw = np.random.default_rng(3)
    sample = RankedContacts(draw.permutation(n), gain, gain, np.zeros(n), n)
    curve = value_curve([sample], draws=2000, seed=1)
    best = [
        int(curve.sizes[np.cumsum(gain * weights)[curve.sizes - 1].argmax()])
        for weights in draw.multinomial(n, np.full(n, 1 / n), size=2000)
    ]
    low, high = np.quantile(best, [0.025, 0.975], method="nearest")
    assert abs(curve.low - low) <= 7
    assert abs(curve.high - high) <= 7
    assert curve.low <= curve.best <= curve.high


def test_more_users_or_windows_shorten_the_interval():
    few = value_curve([contacts(1, n=100)], draws=300, seed=1)
    many = value_curve([contacts(seed, n=2000) for seed in range(3)], draws=300, seed=1)
    assert (many.high - many.low) / 2000 < 0.7 * (few.high - few.low) / 100


def test_the_value_curve_adds_up_and_its_best_size_is_the_best(log, model):
    problem = pose(model, Plan.of(PLAN), spend=log)
    outcome = Outcome.of(problem.pool, log)
    ranked = rank_contacts(problem.pool, problem.limits.users, outcome, 0.5)
    curve = value_curve([ranked], draws=30, seed=1)
    assert curve.sizes[-1] == 80
    block = problem.pool.block(np.arange(80))
    best = block.values.argmax(axis=1)
    assert curve.expected[-1] == pytest.approx(0.5 * block.values.max(axis=1).sum(), rel=1e-5)
    came = outcome.values.toarray()[np.arange(80), best]
    assert curve.realised[-1] == pytest.approx(0.5 * came.sum())
    assert curve.cost[-1] == pytest.approx(40.0)
    profit = curve.realised - curve.cost
    assert profit[list(curve.sizes).index(curve.best)] == profit.max()
    assert curve.low <= curve.best <= curve.high


def test_the_diversity_curve_goes_from_the_users_side_to_the_campaigns(log, model):
    plan = Plan.of([{"name": item, "items": [item]} for item in "abcde"])
    problem = pose(model, plan)
    outcome = Outcome.of(problem.pool, log)
    curve = diversity_curve(problem.pool, problem.limits.users, problem.limits, outcome, 1)
    items, users = (curve[curve["side"] == side] for side in ("items", "users"))
    assert items["campaign_perplexity"].is_monotonic_increasing
    assert items["campaign_perplexity"].iloc[-1] == pytest.approx(5.0)
    assert users["user_perplexity"].iloc[0] == pytest.approx(80.0)
    assert users["user_perplexity"].iloc[-1] < 80
    best = problem.pool.block(np.arange(80)).values.argmax(axis=1)
    first = items.iloc[0]
    hits = (outcome.engagements.toarray()[np.arange(80), best] > 0).mean()
    assert first["precision"] == pytest.approx(hits)

from dataclasses import replace

import numpy as np
import pytest

from evaluation.allocation.conftest import PLAN
from tsgen.allocation import Plan, pose
from tsgen.allocation.solving import DensePairs, Limits
from tsgen.evaluation.allocation.arms import MODEL, RuledPairs, assign_all, campaign_by_campaign
from tsgen.evaluation.allocation.outcome import Outcome


def test_one_campaign_after_another_is_the_plain_loop():
    draw = np.random.default_rng(3)
    values = draw.gamma(1, 1, (20, 3))
    limits = Limits.of(1, (20, 3), at_most=[5, 6, 7], at_least=[0, 0, 2])
    found = campaign_by_campaign(DensePairs(values), limits)
    free, expected = set(range(20)), set()
    for row in np.argsort(-values[:, 2])[:2]:
        expected.add((int(row), 2))
        free.discard(int(row))
    for column, most in enumerate([5, 6, 5]):
        best = sorted(free, key=lambda row, column=column: -values[row, column])[:most]
        expected |= {(row, column) for row in best}
        free -= set(best)
    assert set(zip(found.rows.tolist(), found.columns.tolist(), strict=True)) == expected


def test_arms_share_limits_and_hindsight_is_the_best_that_they_allow(log, model):
    problem = pose(model, Plan.of(PLAN, max_campaigns=1), exclude=[3, 4], spend=log)
    outcome = Outcome.of(problem.pool, log)
    found = assign_all(problem, {}, outcome, seed=1)
    assert list(found) == [MODEL, "one after another", "random", "hindsight"]
    worth = {}
    for name, one in found.items():
        assert np.bincount(one.columns, minlength=2).max() <= 12
        assert len(set(one.rows.tolist())) == len(one.rows)
        assert not {3, 4} & set(problem.pool.candidates.users.ids[one.rows])
        worth[name] = outcome.of_pairs(one.rows, one.columns)[1].sum()
    assert worth["hindsight"] == pytest.approx(max(worth.values()))
    assert found[MODEL].value >= found["one after another"].value - 1e-6
    other = assign_all(problem, {}, outcome, seed=2)
    assert set(other["random"].rows) != set(found["random"].rows)
    np.testing.assert_array_equal(other[MODEL].rows, found[MODEL].rows)


def test_a_rule_values_pairs_and_the_model_says_who_may_be_in_them(log, model):
    plan = [PLAN[0], dict(PLAN[1], value=1.0)]
    least = [dict(plan[0], min_probability=0.4), plan[1]]
    ruled, pool = (pose(model, Plan.of(part), exclude=[3]).pool for part in (plan, least))
    scores = replace(pool.scores, user_bias=np.zeros(pool.shape[0], np.float32), pairs=None)
    block = RuledPairs(pool, replace(ruled, scores=scores)).block(np.arange(80))
    allowed = np.isfinite(pool.block(np.arange(80)).values)
    assert 0 < allowed[:, 0].sum() < 79
    np.testing.assert_array_equal(np.isfinite(block.values), allowed)
    assert len(np.unique(block.values[allowed[:, 1], 1])) == 1  # a rule that knows no users

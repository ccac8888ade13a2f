"""Pairs scored part by part are those of a pool in memory, whatever the parts and the plan."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.allocation import (
    Plan,
    Pool,
    ScoredPool,
    allocation_of,
    pose,
    problem_of,
    score_part,
    scoring_settings,
)
from tsgen.errors import DataError, DataWarning, SettingsError

PLAN = Plan(
    campaigns=[
        {"name": "one", "items": ["a"], "at_most": 20, "exclude": [100, 101]},
        {"name": "two", "items": ["b", "c"], "value": 2.0, "cost": "postage", "budget": 9.0,
         "where": {"country": "FR"}, "exclude_seen": True},
        {"name": "three", "items": ["d"], "at_least": 5, "holdout": 0.2, "min_probability": 0.001},
    ],
    max_campaigns=2,
    holdout=0.1,
    objective="profit",
)  # fmt: skip
SOLVING = {"users": None, "solver": "dual", "tolerance": 1e-3, "max_pairs": 10_000, "seed": 0}


@pytest.fixture
def scored(model, log, tmp_path):
    """Pairs of a plan, from parts of the users in no order."""

    def pool(plan, *, parts=3, **how):
        draw = np.random.default_rng(1).permutation(log.num_users)
        tables = []
        for users in np.array_split(draw, parts):
            part = log.where(np.isin(log.user, users)).present()
            with pytest.warns(DataWarning, match="The newer log has") if parts > 1 else quiet():
                tables.append(score_part(model, plan, at=model.cutoff, events=bare(part)))
        return ScoredPool.of(model, plan, tables, tmp_path, **how)

    return pool


class quiet:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def bare(log):
    return tsgen.Interactions.from_frame(log.to_frame().drop(columns="value"), on_duplicate="keep")


def in_memory(model, log, plan, **how):
    return Pool.of(model, plan, at=model.cutoff, events=bare(log), **how)


@pytest.mark.parametrize("parts", [1, 4])
def test_every_pair_is_that_of_a_pool_in_memory(model, log, scored, parts):
    ours = scored(PLAN, parts=parts, exclude=[110])
    theirs = in_memory(model, log, PLAN, exclude=[110])
    assert ours.candidates.users.ids.tolist() == theirs.candidates.users.ids.tolist()
    assert ours.shape == theirs.shape
    rows = np.array([3, 7, 8, 20, 59])
    for one, other in ((ours, theirs), (ours.without_holdouts(), theirs.without_holdouts())):
        for at in (rows, np.arange(60)):
            a, b = one.block(at), other.block(at)
            assert np.array_equal(np.isfinite(a.values), np.isfinite(b.values))
            np.testing.assert_allclose(a.values, b.values, rtol=1e-5)
            np.testing.assert_allclose(a.engagements, b.engagements, rtol=1e-5)
            np.testing.assert_allclose(a.costs, b.costs)
    assert np.isneginf(ours.block(np.arange(60)).values).any(axis=0).all()


def test_a_block_is_the_callers_to_change(scored):
    pool = scored(PLAN)
    pool.brought(np.arange(5))[1][:] = 7
    assert not (pool.brought(np.arange(5))[1] == 7).any()


@pytest.mark.parametrize("solver", ["dual", "exact", "greedy"])
def test_the_assignment_is_that_of_memory(model, log, scored, solver):
    problem = pose(model, PLAN, at=model.cutoff, events=bare(log), exclude=[110])
    one = allocation_of(problem, **SOLVING | {"solver": solver})
    other = allocation_of(problem_of(scored(PLAN, exclude=[110])), **SOLVING | {"solver": solver})
    pd.testing.assert_frame_equal(one.table, other.table, rtol=1e-4, atol=1e-6)
    pd.testing.assert_frame_equal(one.holdouts, other.holdouts, rtol=1e-4, atol=1e-6)
    pd.testing.assert_frame_equal(one.summary, other.summary, rtol=1e-4, atol=1e-6)
    assert one.facts["counts"] == other.facts["counts"]


def test_demands_about_groups_hold_too(model, log, scored):
    plan = Plan(
        campaigns=[{"name": "one", "items": ["a"], "at_most": 20, "facet": "country",
                    "min_ratio": 0.8}]
    )  # fmt: skip
    problem = pose(model, plan, at=model.cutoff, events=bare(log))
    one, other = (allocation_of(p, **SOLVING) for p in (problem, problem_of(scored(plan))))
    assert one.facts["groups"] == other.facts["groups"]
    assert one.table["user_id"].tolist() == other.table["user_id"].tolist()


def test_contacts_and_lists_are_read_as_in_memory(model, scored):
    before = pd.DataFrame({"user_id": [100, 100, 103], "timestamp": "2024-02-20 12:00"})
    plan = PLAN.model_copy(update={"max_contacts": 2, "contact_window": "60D"})
    places = problem_of(scored(plan), before).places
    assert places[[0, 1, 3]].tolist() == [0, 2, 1]
    with pytest.raises(DataError, match="None of the 1 users to exclude is known"):
        scored(PLAN, exclude=["nobody"])
    poor = [dict(c.to_json(), budget=0.4) if c.name == "two" else c for c in PLAN.campaigns]
    with pytest.raises(SettingsError, match=r"budget of 0.4, below the 0.5 of its cheapest"):
        scored(Plan(campaigns=poor))


def test_scores_depend_on_items_and_values_alone():
    limits = Plan.of(PLAN, holdout=0.3, max_campaigns=1)
    assert scoring_settings(limits) == scoring_settings(PLAN)
    other = [dict(c.to_json(), value=3.0) for c in PLAN.campaigns]
    assert scoring_settings(Plan(campaigns=other)) != scoring_settings(PLAN)

"""Filters, costs and hold-outs of pairs, whatever brings what."""

from dataclasses import dataclass

import numpy as np
import pytest

from tsgen.allocation import CampaignPairs, Plan
from tsgen.allocation.pools.base import plan_fields
from tsgen.errors import SettingsError


@dataclass(frozen=True, eq=False, kw_only=True)
class Constant(CampaignPairs):
    """Every pair brings ten."""

    def brought(self, rows):
        ten = np.full((len(rows), self.shape[1]), 10, np.float32)
        return ten, ten.copy()

    def _of_columns(self, campaigns):
        return self


@pytest.fixture
def pairs(model):
    def of(campaigns, exclude=None, unseen=None, **settings):
        plan = Plan.of(campaigns, **settings)
        return Constant(**plan_fields(plan, model, model.candidates(), exclude, unseen or {}))

    return of


ONE = {"name": "one", "items": ["a"], "cost": "postage"}
TWO = {"name": "two", "items": ["b"], "where": {"country": "DE"}, "cost": 1.0}


def test_lists_and_filters_close_pairs(pairs):
    seen = np.arange(60) >= 4
    pool = pairs([ONE, TWO], exclude=[100], unseen={0: seen})
    block = pool.block(np.arange(10))
    ids = np.arange(100, 110)
    assert np.isfinite(block.values[:, 0]).tolist() == (ids >= 104).tolist()
    assert np.isfinite(block.values[:, 1]).tolist() == ((ids % 3 == 0) & (ids != 100)).tolist()
    assert (block.engagements == 10).all()


def test_a_profit_is_less_the_cost(pairs):
    rows = np.array([6, 9])
    block = pairs([ONE, TWO], objective="profit").block(rows)
    assert block.costs.tolist() == [[0.5, 1.0], [1.5, 1.0]]
    assert block.values[1, 0] == 8.5
    pool = pairs([ONE, TWO])
    assert pool.costs_of(rows, np.array([0, 1])).tolist() == [0.5, 1.0]
    assert (pool.block(rows).values[:, 0] == 10).all()


def test_who_is_held_out_is_shown_only_if_asked(pairs):
    pool = pairs([dict(ONE, holdout=0.5)], holdout=0.2)
    rows = np.arange(60)
    held = pool.held(rows)[:, 0]
    assert held.sum() > pool.held_out.sum() > 0
    assert np.array_equal(np.isneginf(pool.block(rows).values[:, 0]), held)
    assert np.isfinite(pool.without_holdouts().block(rows).values).all()


def test_lists_of_a_campaign_have_their_own_users(pairs):
    half = np.arange(60) < 30
    lists = pairs([ONE, TWO]).of_lists(np.array([0, 1, 0]), {0: half, 2: ~half})
    assert lists.shape == (60, 3)
    values = lists.block(np.arange(60)).values
    assert np.isfinite(values[:, 0]).tolist() == half.tolist()
    assert np.isfinite(values[:, 2]).tolist() == (~half).tolist()
    assert set(lists.by_user) == {0, 2}


def test_a_budget_that_pays_for_nobody_is_refused(pairs):
    with pytest.raises(SettingsError, match=r"budget of 0\.1, below the 0\.5 of its cheapest"):
        pairs([dict(ONE, budget=0.1)])

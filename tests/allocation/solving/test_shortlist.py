import numpy as np
import pytest

from allocation_problems import problem
from tsgen.allocation.solving import DensePairs, Duals, Limits
from tsgen.allocation.solving.shortlist import make_shortlist, refreshed, spread


def test_the_list_holds_each_users_best_at_the_prices():
    draw = np.random.default_rng(0)
    pairs, prices = DensePairs(draw.gamma(1, 1, (30, 9))), draw.uniform(0, 1, 9)
    limits = Limits.of(1, pairs.shape)
    short = make_shortlist(pairs, limits, Duals(prices, np.zeros(9)), 3, block_numbers=40)
    for row in range(30):
        best = np.argsort(-(pairs.values[row] - prices))[:3]
        assert sorted(short.columns[row]) == sorted(best)
        assert short.values[row] == pytest.approx(pairs.values[row, short.columns[row]])
    some = short.of(np.array([4, 7]))
    assert some.rows.tolist() == [4, 7]
    assert np.array_equal(some.columns, short.columns[[4, 7]])


@pytest.mark.parametrize("seed", range(4))
def test_a_refreshed_list_has_the_bound_of_all_pairs_and_what_it_needs(seed):
    pairs, limits = problem(seed, 50, 12, minima=False, money=seed % 2 == 0)
    duals = Duals(np.random.default_rng(seed).uniform(0, 1.5, 12), np.zeros(12))
    old = make_shortlist(pairs, limits, Duals.zero(12), 4, block_numbers=100)
    new = refreshed(pairs, limits, old, duals, block_numbers=100)
    afresh = make_shortlist(pairs, limits, duals, 4, block_numbers=100)
    assert new.bound == pytest.approx(afresh.bound)
    reduced = pairs.values - duals.contact
    costs = np.broadcast_to(pairs.costs, pairs.shape)
    for row, capacity in enumerate(limits.users):
        listed = new.columns[row]
        top = np.sort(np.maximum(reduced[row], 0))[::-1][:capacity].sum()
        of_list = np.sort(np.maximum(reduced[row, listed], 0))[::-1][:capacity].sum()
        assert of_list == pytest.approx(top, rel=1e-5, abs=1e-6)
        assert new.values[row] == pytest.approx(pairs.values[row, listed], rel=1e-6)
        if limits.knapsack:
            assert new.costs[row] == pytest.approx(costs[row, listed])


def alike(at_most):
    """Users who all like the campaigns in one order, in lists of two of six."""
    pairs = DensePairs(np.outer(np.arange(1.0, 21), np.arange(6.0, 0, -1)))
    limits = Limits.of(1, pairs.shape, at_most=at_most)
    return pairs, limits, make_shortlist(pairs, limits, Duals.zero(6), 2, block_numbers=30)


def test_lists_whose_campaigns_are_full_too_soon_get_others_in_turn():
    pairs, limits, short = alike(at_most=3)
    longer = spread(pairs, limits, short, 2, block_numbers=30)
    assert np.bincount(longer.columns.ravel()).tolist() == [20, 20, 10, 10, 10, 10]
    assert np.array_equal(longer.columns[:, :2], short.columns)
    rows = np.arange(20)[:, None]
    np.testing.assert_array_equal(longer.values, pairs.values[rows, longer.columns])
    assert longer.costs.shape == longer.columns.shape
    assert longer.bound == short.bound


def test_lists_whose_campaigns_hold_all_stay():
    pairs, limits, short = alike(at_most=10)
    assert spread(pairs, limits, short, 2, block_numbers=30) is short


def test_a_campaign_that_is_listed_already_counts_once():
    pairs, limits, short = alike(at_most=3)
    short.columns[0] = [2, 3]
    longer = spread(pairs, limits, short, 4, block_numbers=30)
    taken = longer.columns[0][np.isfinite(longer.values[0])]
    assert len(set(taken.tolist())) == len(taken) == 4

import numpy as np
import pytest

from allocation_problems import problem
from tsgen.allocation.solving import DensePairs, Duals, Limits, solve_exact
from tsgen.allocation.solving.ascent import anneal, mean_unlimited_value
from tsgen.allocation.solving.duals import best_of_users
from tsgen.allocation.solving.shortlist import make_shortlist


def bound_of(pairs, limits, duals):
    """The Lagrangian bound over all pairs."""
    reduced = duals.reduced(pairs.block(np.arange(pairs.shape[0])))
    return best_of_users(reduced, limits.users).sum() + duals.of_limits(limits)


@pytest.mark.parametrize("seed", range(4))
def test_prices_bound_the_optimum_tightly_without_budgets(seed):
    pairs, limits = problem(seed, 120, 5, minima=False, money=False)
    short = make_shortlist(pairs, limits, Duals.zero(5), 5, block_numbers=1000)
    scale = mean_unlimited_value(short, limits)
    found = anneal(short, limits, Duals.zero(5), scale=scale, start=0.3, end=0.0005)
    best = solve_exact(pairs, limits).value
    assert best - 1e-3 <= bound_of(pairs, limits, found) <= best * 1.01


@pytest.mark.parametrize("seed", range(3))
def test_no_prices_come_back_that_promise_more_than_the_first(seed):
    pairs, limits = problem(seed, 80, 4)
    short = make_shortlist(pairs, limits, Duals.zero(4), 4, block_numbers=1000)
    money = np.where(np.isfinite(limits.budgets), 0.4, 0.0)
    first = Duals(np.linspace(0, 1, 4), money, 0.1 if np.isfinite(limits.total) else 0.0)
    found = anneal(short, limits, first, scale=1.0, start=0.3, end=0.04)
    assert bound_of(pairs, limits, found) <= bound_of(pairs, limits, first) + 1e-4
    assert (found.money >= 0).all()
    assert found.total >= 0


def test_the_scale_is_the_mean_value_of_what_users_would_choose():
    pairs = DensePairs(np.array([[3.0, 1, 2], [-1, 4, -np.inf], [9, 9, 9]]))
    limits = Limits.of([2, 1, 0], (3, 3))
    short = make_shortlist(pairs, limits, Duals.zero(3), 3, block_numbers=1000)
    assert mean_unlimited_value(short, limits) == pytest.approx((3 + 2 + 4) / 3)

import numpy as np
import pytest

from allocation_problems import problem
from tsgen.allocation.solving import Limits, solve_exact
from tsgen.allocation.solving.duals import Duals, best_of_users
from tsgen.allocation.solving.shortlist import make_shortlist


@pytest.mark.parametrize("seed", range(4))
def test_any_prices_bound_every_assignment(seed):
    pairs, limits = problem(seed, 30, 4, minima=False)
    draw = np.random.default_rng(seed)
    money = draw.uniform(0, 1, 4) * np.isfinite(limits.budgets)
    duals = Duals(draw.uniform(0, 1, 4), money, 0.3 if np.isfinite(limits.total) else 0.0)
    bound = make_shortlist(pairs, limits, duals, 2, block_numbers=50).bound
    assert bound >= solve_exact(pairs, limits).value - 1e-4


def test_the_best_of_users_are_their_largest_positive_values():
    reduced = np.array([[3, -1, 2], [1, 5, 4], [-1, -2, -np.inf]], np.float32)
    assert best_of_users(reduced, np.array([2, 1, 3])).tolist() == [5, 5, 0]
    assert best_of_users(reduced, np.zeros(3, int)).tolist() == [0, 0, 0]


def test_a_reduced_value_is_the_value_less_contact_and_money():
    pairs, _ = problem(2, 20, 3, minima=False)
    duals = Duals(np.array([0.1, -0.2, 0.5]), np.array([0.3, 0.0, 1.0]), 0.25)
    block = pairs.block(np.arange(20))
    costs = np.broadcast_to(pairs.costs, pairs.shape)
    expected = pairs.values - duals.contact - costs * (duals.money + 0.25)
    np.testing.assert_allclose(duals.reduced(block), expected, rtol=1e-5, atol=1e-6)
    free = Duals(duals.contact, np.zeros(3)).reduced(block)
    np.testing.assert_allclose(free, pairs.values - duals.contact, rtol=1e-5, atol=1e-6)


def test_limits_are_worth_their_price_and_an_unpriced_one_nothing():
    limits = Limits.of(1, (9, 3), at_least=[0, 2, 1], at_most=[4, 5, 6], budgets=[np.inf, 8.0, 9.0])
    duals = Duals(np.array([0.5, -1.0, 0.0]), np.array([0.0, 0.25, 0.0]))
    # A minimum is paid for (a price below 0), a maximum pays; infinity at no price is nothing.
    assert duals.of_limits(limits) == pytest.approx(0.5 * 4 - 1.0 * 2 + 0.25 * 8)
    assert Duals.zero(3).of_limits(limits) == 0.0

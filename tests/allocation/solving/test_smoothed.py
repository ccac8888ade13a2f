"""The smoothed dual against its definition: a minimum over the users' prices, found slowly."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from allocation_problems import problem
from tsgen.allocation.solving.duals import Duals
from tsgen.allocation.solving.shortlist import make_shortlist
from tsgen.allocation.solving.smoothed import SmoothedDual


def slow_value(pairs, limits, duals, theta, smoothed, epsilon):
    """Return the dual function: softplus terms of pairs and of unused capacity."""
    rate = duals.money + duals.total
    costs = np.broadcast_to(pairs.costs, pairs.shape)
    reduced = pairs.values - duals.contact - costs * rate
    total = 0.0
    for row, capacity in zip(reduced, limits.users, strict=True):
        if capacity:
            total += minimize_scalar(
                lambda u, row=row, capacity=capacity: (
                    u * capacity
                    + epsilon * capacity * np.logaddexp(0, -u / epsilon)
                    + epsilon * np.logaddexp(0, (row - u) / epsilon).sum()
                ),
                bracket=(-5.0, 5.0),
                tol=1e-12,
            ).fun
    room = smoothed.most - smoothed.least
    return (
        total + (smoothed.most * theta + epsilon * room * np.logaddexp(0, -theta / epsilon)).sum()
    )


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_gradient_and_hessian_are_the_derivatives_of_the_dual(seed):
    pairs, limits = problem(seed, 25, 4)
    short = make_shortlist(pairs, limits, Duals.zero(4), 4, block_numbers=1000)
    epsilon = 0.5

    def derivatives(theta):
        return SmoothedDual(short, limits).derivatives(theta, epsilon)

    def value(theta):
        smoothed = SmoothedDual(short, limits)
        unit = np.where(np.isfinite(limits.budgets), 1.0, 0.0)
        duals = smoothed.duals(theta)
        assert unit.shape == duals.money.shape
        return slow_value(pairs, limits, duals, theta, smoothed, epsilon)

    theta = np.random.default_rng(seed).uniform(0.1, 0.6, len(SmoothedDual(short, limits).most))
    gradient, hessian = derivatives(theta)
    for place in range(len(theta)):
        step = np.zeros(len(theta))
        step[place] = 1e-3
        slope = (value(theta + step) - value(theta - step)) / 2e-3
        assert gradient[place] == pytest.approx(slope, abs=2e-2)
        curve = (derivatives(theta + 30 * step)[0] - derivatives(theta - 30 * step)[0]) / 6e-2
        assert np.allclose(hessian[place], curve, atol=0.3, rtol=0.05)


def test_prices_and_their_vector_are_inverse():
    pairs, limits = problem(1, 30, 5, minima=False)
    short = make_shortlist(pairs, limits, Duals.zero(5), 5, block_numbers=1000)
    smoothed = SmoothedDual(short, limits)
    money = np.where(np.isfinite(limits.budgets), 0.3, 0.0)
    duals = Duals(np.linspace(0, 1, 5), money, 0.2 if np.isfinite(limits.total) else 0.0)
    again = smoothed.duals(smoothed.theta(duals))
    assert np.allclose(again.contact, duals.contact)
    assert np.allclose(again.money, duals.money)
    assert again.total == pytest.approx(duals.total)

from types import SimpleNamespace

import numpy as np
import pytest

from allocation_problems import check_limits, problem
from tsgen.allocation.solving import Duals, solve_exact
from tsgen.allocation.solving.repair import margins, repair
from tsgen.allocation.solving.shortlist import make_shortlist


def listed(seed, minima=True, money=True):
    pairs, limits = problem(seed, 60, 5, minima=minima, money=money)
    return pairs, limits, make_shortlist(pairs, limits, Duals.zero(5), 5, block_numbers=1000)


@pytest.mark.parametrize("seed", range(4))
def test_margins_are_values_less_the_prices_of_campaign_money_and_user(seed):
    pairs, limits, short = listed(seed)
    draw = np.random.default_rng(seed)
    duals = Duals(draw.uniform(0, 1, 5), draw.uniform(0, 1, 5), 0.2)
    found = margins(short, limits, duals)
    costs = np.broadcast_to(pairs.costs, pairs.shape)
    for row, capacity in enumerate(limits.users):
        at = short.columns[row]
        rate = duals.money[at] + duals.total
        reduced = pairs.values[row, at] - duals.contact[at] - costs[row, at] * rate
        best = np.sort(np.maximum(reduced, 0))[::-1]
        own = (best[max(capacity - 1, 0)] + best[capacity]) / 2 if capacity < 5 else 0.0
        np.testing.assert_allclose(found[row], reduced - own, rtol=1e-4, atol=1e-5)
        assert (found[row] > 1e-6).sum() <= capacity


def repaired(pairs, limits, short, duals, close=0.01):
    done = repair(pairs, limits, short, duals, close=close, block_numbers=1000)
    rows, columns = done.pairs()
    return SimpleNamespace(rows=rows, columns=columns, value=done.value)


@pytest.mark.parametrize("seed", range(4))
def test_optimal_prices_become_an_optimal_assignment(seed):
    pairs, limits, short = listed(seed, minima=False, money=False)
    best = solve_exact(pairs, limits)
    found = repaired(pairs, limits, short, best.duals)
    check_limits(pairs, limits, found)
    assert found.value == pytest.approx(best.value, rel=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_any_prices_become_an_assignment_within_the_limits(seed):
    pairs, limits, short = listed(seed, minima=False)
    draw = np.random.default_rng(seed)
    duals = Duals(draw.uniform(-1, 1, 5), draw.uniform(0, 1, 5))
    for close in (1e-6, 0.3):
        check_limits(pairs, limits, repaired(pairs, limits, short, duals, close))

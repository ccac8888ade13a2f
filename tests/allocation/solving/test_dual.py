import numpy as np
import pytest

from allocation_problems import OPTIONS, check_limits, problem
from tsgen.allocation.solving import (
    DensePairs,
    Limits,
    solve_dual,
    solve_exact,
)


def dual(pairs, limits, tolerance=1e-6, **options):
    return solve_dual(pairs, limits, tolerance=tolerance, seed=0, **(OPTIONS | options))


@pytest.mark.parametrize("seed", range(8))
def test_the_dual_is_close_to_the_optimum_and_its_bound_above_it(seed):
    pairs, limits = problem(seed, 400, 12, minima=seed % 2 == 0, money=False)
    best, found = solve_exact(pairs, limits), dual(pairs, limits)
    assert best is not None
    assert found.bound >= best.value * (1 - 1e-6)
    assert found.value >= best.value * (1 - 2e-3)
    assert found.gap >= 1 - found.value / best.value - 1e-6
    assert found.gap < 5e-3


@pytest.mark.parametrize("seed", range(6))
def test_with_budgets_the_bound_of_the_dual_still_holds(seed):
    pairs, limits = problem(seed, 200, 6, minima=False)
    best, found = solve_exact(pairs, limits), dual(pairs, limits)
    assert found.bound >= best.value * (1 - 1e-6)
    assert found.value >= best.value * 0.98


def test_blocks_and_pruning_change_nothing_that_matters():
    pairs, limits = problem(5, 300, 60, minima=False, money=False, most_users=2)
    whole, parts = dual(pairs, limits), dual(pairs, limits, block_numbers=700)
    assert np.array_equal(whole.rows, parts.rows)
    assert np.array_equal(whole.columns, parts.columns)
    pruned = dual(pairs, limits, max_pairs=300 * 12)
    assert pruned.facts["campaigns looked at per user"] == 12
    assert pruned.bound >= solve_exact(pairs, limits).value * (1 - 1e-6)
    check_limits(pairs, limits, pruned)


def test_an_allocation_scales_with_its_values_and_follows_relabelled_users():
    pairs, limits = problem(7, 80, 6, minima=False, money=False)
    found = dual(pairs, limits)
    scaled = dual(DensePairs(pairs.values * 1024), limits)
    assert np.array_equal(found.columns, scaled.columns)
    order = np.random.default_rng(0).permutation(80)
    turned = Limits(
        limits.users[order], limits.at_least, limits.at_most, limits.budgets, limits.total
    )
    moved = dual(DensePairs(pairs.values[order]), turned)
    assert moved.value == pytest.approx(found.value, rel=1e-4)


@pytest.mark.parametrize("money", [False, True])
def test_campaigns_that_all_users_rank_alike_are_all_filled(money):
    """Nobody lists most of them, as every list is of the same best ones."""
    draw = np.random.default_rng(0)
    active, fame = draw.gamma(0.5, 1, 600), draw.gamma(0.5, 1, 150) + 0.05
    costs = np.ones(150) if money else np.zeros(150)
    pairs = DensePairs(np.outer(active, fame) * draw.uniform(0.9, 1.1, (600, 150)), costs)
    budgets = np.full(150, 2.0) if money else np.full(150, np.inf)
    limits = Limits.of(1, pairs.shape, at_most=2, budgets=budgets)
    found, best = dual(pairs, limits, 1e-3), solve_exact(pairs, limits)
    check_limits(pairs, limits, found)
    assert found.value >= best.value * 0.98
    assert found.gap < 0.03

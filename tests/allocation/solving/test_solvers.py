import itertools

import numpy as np
import pytest
from hypothesis import given

from allocation_problems import OPTIONS, check_limits, problem, problems
from tsgen.allocation.solving import (
    DensePairs,
    Limits,
    solve_dual,
    solve_exact,
    solve_greedy,
)
from tsgen.errors import DataError, SettingsError


def dual(pairs, limits, tolerance=1e-6, **options):
    return solve_dual(pairs, limits, tolerance=tolerance, seed=0, **(OPTIONS | options))


def greedy(pairs, limits, **options):
    return solve_greedy(pairs, limits, **(OPTIONS | options))


def best_of_all(values, costs, limits):
    """Return the greatest worth, by trying every assignment."""
    n, m = values.shape
    best = -np.inf
    for bits in itertools.product((False, True), repeat=n * m):
        x = np.array(bits).reshape(n, m)
        counts, money = x.sum(axis=0), (costs * x).sum(axis=0)
        if (
            np.isfinite(values[x]).all()
            and (x.sum(axis=1) <= limits.users).all()
            and (counts >= limits.at_least).all()
            and (counts <= limits.at_most).all()
            and (money <= limits.budgets + 1e-9).all()
            and money.sum() <= limits.total + 1e-9
        ):
            best = max(best, values[x].sum())
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_exact_solver_finds_what_trying_all_finds(seed):
    draw = np.random.default_rng(seed)
    values = draw.gamma(0.5, 1, (4, 3))
    values[draw.random((4, 3)) < 0.2] = -np.inf
    costs = np.round(draw.uniform(0.2, 1, (4, 3)), 1)
    limits = Limits.of(
        draw.integers(0, 3, 4), (4, 3), at_least=draw.integers(0, 2, 3), at_most=2,
        budgets=draw.uniform(0.5, 1.5, 3), total=2.0 if seed % 2 else np.inf,
    )  # fmt: skip
    expected = best_of_all(values, costs, limits)
    found = solve_exact(DensePairs(values, costs), limits)
    if expected == -np.inf:
        assert found is None
    else:
        check_limits(DensePairs(values, costs), limits, found)
        assert found.value == pytest.approx(expected, rel=1e-5)


@given(problems)
def test_no_solver_ever_exceeds_a_limit(case):
    pairs, limits = case
    for solve in (greedy, dual, solve_exact):
        check_limits(pairs, limits, solve(pairs, limits))


@pytest.mark.parametrize("seed", range(10))
def test_minima_are_met_by_all_solvers_where_they_can_be(seed):
    pairs, limits = problem(seed, 60, 4, money=False)
    best = solve_exact(pairs, limits)
    if best is not None:
        check_limits(pairs, limits, best)
        check_limits(pairs, limits, dual(pairs, limits))
        check_limits(pairs, limits, greedy(pairs, limits))


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


def test_greedy_is_the_plain_loop_over_sorted_pairs():
    pairs, limits = problem(3, 50, 6, minima=False)
    costs = np.broadcast_to(pairs.costs, pairs.shape)
    users, places = limits.users.copy(), limits.at_most.copy()
    money, total, chosen = limits.budgets.copy(), limits.total, set()
    order = sorted(np.ndindex(*pairs.shape), key=lambda at: (-np.float32(pairs.values[at]), at))
    for i, j in order:
        cost = costs[i, j]
        fits = users[i] > 0 and places[j] > 0 and cost <= money[j] and cost <= total
        if pairs.values[i, j] > 0 and fits:
            users[i], places[j] = users[i] - 1, places[j] - 1
            money[j], total = money[j] - cost, total - cost
            chosen.add((i, j))
    found = greedy(pairs, limits)
    assert set(zip(found.rows.tolist(), found.columns.tolist(), strict=True)) == chosen


def test_the_papers_example_assigns_the_diagonal():
    values = np.outer([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    limits = Limits.of(1, (3, 3), at_most=1)
    for scores, expected in ((values, [0, 1, 2]), (10 - values, [2, 1, 0])):
        for solve in (solve_exact, dual):
            assert solve(DensePairs(scores), limits).columns.tolist() == expected


def test_without_campaigns_limits_users_get_their_best():
    pairs, _ = problem(0, 30, 5, money=False)
    limits = Limits.of(2, pairs.shape)
    best = -np.sort(-np.maximum(pairs.values, 0), axis=1)[:, :2].sum()
    for solve in (greedy, dual, solve_exact):
        assert solve(pairs, limits).value == pytest.approx(best, rel=1e-5)


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


def test_ties_everywhere_go_to_the_first_users():
    pairs, limits = DensePairs(np.ones((9, 2))), Limits.of(1, (9, 2), at_most=3)
    for solve in (greedy, dual, solve_exact):
        assert solve(pairs, limits).value == 6
    assert greedy(pairs, limits).rows.tolist() == [0, 1, 2, 3, 4, 5]


def test_nobody_allowed_is_an_empty_assignment_or_none():
    pairs, limits = DensePairs(np.full((4, 2), -np.inf)), Limits.of(1, (4, 2))
    for solve in (greedy, dual, solve_exact):
        assert len(solve(pairs, limits).rows) == 0
    assert solve_exact(pairs, Limits.of(1, (4, 2), at_least=1)) is None


def test_what_is_too_large_for_the_exact_solver_is_refused():
    class Large:
        shape = (10_000_000, 100)

    with pytest.raises(SettingsError, match="solver='dual'"):
        solve_exact(Large(), Limits.of(1, (1, 1)))


def test_pairs_that_are_no_numbers_are_refused():
    with pytest.raises(DataError, match="numbers or -inf"):
        DensePairs(np.array([[np.nan]]))
    with pytest.raises(DataError, match="at least 0"):
        DensePairs(np.ones((1, 1)), -1.0)

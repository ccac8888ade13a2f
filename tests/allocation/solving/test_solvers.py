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


def dual(pairs, limits, tolerance=1e-6, **options):
    return solve_dual(pairs, limits, tolerance=tolerance, seed=0, **(OPTIONS | options))


def greedy(pairs, limits, **options):
    return solve_greedy(pairs, limits, **(OPTIONS | options))


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

import numpy as np
import pytest

from allocation_problems import check_limits, problem
from tsgen.allocation.solving import DensePairs, Limits, solve
from tsgen.allocation.solving import choice as module
from tsgen.errors import SettingsError


@pytest.mark.parametrize(("small", "solver"), [(200, "exact"), (199, "dual")])
def test_few_pairs_are_solved_exactly_and_many_by_prices(monkeypatch, small, solver):
    monkeypatch.setattr(module, "_SMALL", small)
    pairs, limits = problem(1, 40, 5, minima=False)
    found = solve(pairs, limits, list("abcde"))
    assert found.facts["solver"] == solver
    check_limits(pairs, limits, found)


@pytest.mark.parametrize("solver", ["greedy", "exact", "dual"])
def test_the_solver_that_is_asked_for_answers(solver):
    pairs, limits = problem(2, 30, 3, minima=False)
    assert solve(pairs, limits, list("abc"), solver=solver).facts["solver"] == solver


@pytest.mark.parametrize("solver", ["greedy", "exact", "dual"])
def test_minima_that_cannot_be_met_are_refused_with_the_reason(solver):
    limits = Limits.of(1, (3, 2), at_least=[4, 0])
    with pytest.raises(SettingsError, match=r"'tea' needs at least 4 users, but 3 may be in it"):
        solve(DensePairs(np.ones((3, 2))), limits, ["tea", "mug"], solver=solver)


def test_minima_that_only_clash_over_money_are_refused_too():
    """Each campaign could pay for the first user, none for the second."""
    pairs = DensePairs(np.ones((2, 2)), np.array([[1.0], [5.0]]))
    limits = Limits.of(1, (2, 2), at_least=1, budgets=1.0)
    with pytest.raises(SettingsError, match="cannot be met together with the budgets"):
        solve(pairs, limits, ["tea", "mug"], solver="exact")
    with pytest.raises(SettingsError, match=r"found 0 of the at least 1 users .*solver='exact'"):
        solve(pairs, limits, ["tea", "mug"], solver="greedy")


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"solver": "fast"}, "solver='fast' is not possible: use auto, greedy, exact, dual"),
        ({"tolerance": 1.0}, "tolerance=1.0 is not possible"),
        ({"max_pairs": 999}, "max_pairs=999 is not possible"),
        ({"max_pairs": True}, "max_pairs=True is not possible"),
    ],
)
def test_impossible_settings_are_refused(settings, text):
    with pytest.raises(SettingsError, match=text):
        solve(DensePairs(np.ones((2, 2))), Limits.of(1, (2, 2)), ["a", "b"], **settings)

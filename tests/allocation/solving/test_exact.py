import itertools

import numpy as np
import pytest

from allocation_problems import check_limits
from tsgen.allocation.solving import (
    DensePairs,
    Limits,
    solve_exact,
)
from tsgen.errors import SettingsError


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


def test_what_is_too_large_for_the_exact_solver_is_refused():
    class Large:
        shape = (10_000_000, 100)

    with pytest.raises(SettingsError, match="solver='dual'"):
        solve_exact(Large(), Limits.of(1, (1, 1)))

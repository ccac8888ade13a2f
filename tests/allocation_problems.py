"""Random assignment problems, and a check of every limit that knows nothing of the solvers."""

import numpy as np
from hypothesis import strategies as st

from tsgen.allocation.solving import DensePairs, Limits

OPTIONS = {"max_pairs": 100_000, "block_numbers": 100_000}


def problem(seed, n=40, m=5, *, minima=True, money=True, ties=False, most_users=3):
    """Return pairs and limits; minima may be impossible."""
    draw = np.random.default_rng(seed)
    values = draw.gamma(0.4, 1, (n, m))
    if ties:
        values = np.ceil(values * 2) / 2
    values[draw.random((n, m)) < 0.25] = -np.inf
    costs = np.round(draw.uniform(0.1, 2, (n, m)), 1) if money else 0.0
    limits = Limits.of(
        draw.integers(0, most_users + 1, n),
        (n, m),
        at_least=draw.integers(0, max(n // 8, 2), m) * minima,
        at_most=draw.integers(n // 8, max(n // 3, 2), m),
        budgets=np.where(draw.random(m) < 0.5, draw.uniform(2, 2 + n / 4, m), np.inf)
        if money
        else np.inf,
        total=float(draw.uniform(n / 4, n + 1)) if money and seed % 2 else np.inf,
    )
    return DensePairs(values, costs), limits


problems = st.builds(
    problem,
    st.integers(0, 10_000),
    st.integers(1, 60),
    st.integers(1, 7),
    minima=st.just(False),
    money=st.booleans(),
    ties=st.booleans(),
)


def check_limits(pairs, limits, solution, *, minima=True):
    """Assert that the chosen pairs are allowed, distinct, and within every limit."""
    rows, columns = solution.rows, solution.columns
    assert len(set(zip(rows.tolist(), columns.tolist(), strict=True))) == len(rows)
    values = pairs.values[rows, columns]
    costs = np.broadcast_to(pairs.costs, pairs.shape)[rows, columns]
    assert np.isfinite(values).all()
    assert (np.bincount(rows, minlength=len(limits.users)) <= limits.users).all()
    counts = np.bincount(columns, minlength=pairs.shape[1])
    assert (counts <= limits.at_most).all()
    spent = np.bincount(columns, costs, minlength=pairs.shape[1])
    assert (spent <= limits.budgets * (1 + 1e-9)).all()
    assert costs.sum() <= limits.total * (1 + 1e-9)
    if minima:
        assert (counts >= limits.at_least).all()
    assert np.isclose(values.sum(), solution.value, rtol=1e-5)

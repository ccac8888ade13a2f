import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tsgen.intensity.activity.hawkes.nonnegative import minimise_poisson, minimise_quadratic


@given(st.integers(0, 2**31), st.integers(2, 9))
def test_the_quadratic_optimum_meets_its_conditions(seed, size):
    random = np.random.default_rng(seed)
    factor = random.normal(size=(size + 2, size)) * 10.0 ** random.uniform(-3, 3, size)
    matrix = factor.T @ factor + 1e-3 * np.diag((factor**2).sum(axis=0))
    vector = factor.T @ random.normal(size=size + 2)
    x = minimise_quadratic(matrix, vector)
    slope = (matrix @ x - vector) / np.sqrt(np.diag(matrix))
    assert (x >= 0).all()
    assert (slope > -1e-7).all()
    assert np.abs(slope[x > 0]).max(initial=0.0) < 1e-7


@given(st.integers(0, 2**31))
def test_poisson_regression_meets_its_conditions(seed):
    random = np.random.default_rng(seed)
    features = np.abs(random.normal(size=(60, 5))) * 10.0 ** random.uniform(-3, 3, 5)
    counts = random.poisson(1.0, 60).astype(float)
    cost = features.sum(axis=0)
    ridge = 1e-3
    x = minimise_poisson(features, counts, cost, ridge=ridge)
    slope = cost - features.T @ (counts / (1e-10 + features @ x)) + ridge * x
    relative = slope / cost
    assert (x >= 0).all()
    if counts.any():
        assert (relative > -1e-4).all()
        assert np.abs(relative[x * cost > 1e-3]).max(initial=0.0) < 1e-4

"""Lifts of counts by attributes: the equations, by slow loops."""

import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.intensity.new_users.lifts import FLOOR, count_gain, lift_slopes, lifts, share_gain


@pytest.fixture
def world():
    random = np.random.default_rng(0)
    numbers = random.normal(size=(60, 3))
    exposure = random.integers(1, 9, 60).astype(float)
    shares = random.dirichlet(np.ones(5))
    observed = random.poisson(np.outer(exposure, shares)).astype(float)
    return numbers, exposure, sp.csr_array(observed), shares


def test_slopes_solve_the_ridge_regression_of_each_item(world):
    numbers, exposure, observed, shares = world
    slopes = lift_slopes(numbers, exposure, observed, shares, prior=2.5)
    for item, share in enumerate(shares):
        curve = share * sum(e * np.outer(z, z) for z, e in zip(numbers, exposure, strict=True))
        excess = observed.toarray()[:, item] - exposure * share
        expected = np.linalg.solve(curve + 2.5 * np.eye(3), numbers.T @ excess)
        np.testing.assert_allclose(slopes[:, item], expected, rtol=1e-4, atol=1e-6)


def test_a_firm_belief_leaves_all_alike(world):
    assert not lift_slopes(*world, prior=np.inf).any()
    near, far = (np.abs(lift_slopes(*world, prior=p)).sum() for p in (1.0, 1e6))
    assert far < 1e-3 * near


def test_lifts_have_a_floor():
    assert lifts(np.array([[-9.0], [1.0]]), np.array([[0.5]])).ravel().tolist() == [FLOOR, 1.5]


def test_the_gain_of_shares_is_that_of_a_multinomial_by_the_count(world):
    numbers, exposure, observed, shares = world
    slopes = lift_slopes(numbers, exposure, observed, shares, prior=1.0)
    total = 0.0
    for z, row in zip(numbers, observed.toarray(), strict=True):
        own = shares * lifts(z[None], slopes)[0]
        total += (row * np.log(own / own.sum() / shares)).sum()
    assert share_gain(numbers, observed, shares, slopes) == pytest.approx(total / observed.sum())


def test_the_gain_of_counts_is_that_of_poissons_law_by_the_count(world):
    from scipy.stats import poisson

    numbers, _, observed, _ = world
    counts = observed[:, :1]
    slopes = np.array([[0.1], [-0.2], [0.05]])
    mean = 2.0
    rows = counts.toarray()[:, 0]
    better = poisson.logpmf(rows, mean * lifts(numbers, slopes)[:, 0])
    gain = (better - poisson.logpmf(rows, mean)).sum() / rows.sum()
    assert count_gain(numbers, counts, mean, slopes) == pytest.approx(gain)

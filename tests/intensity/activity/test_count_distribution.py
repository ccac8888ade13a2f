import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from tsgen.intensity.activity.count_distribution import CountDistribution, fit_dispersion, shape_of


@given(st.floats(0.01, 50), st.floats(0.05, 50), st.integers(0, 60))
def test_probabilities_are_those_of_scipy(mean, shape, count):
    told = CountDistribution(np.array([mean]), np.array([shape]))
    expected = nbinom(shape, shape / (shape + mean))
    assert told.log_probability([count])[0] == pytest.approx(expected.logpmf(count), rel=1e-8)
    assert told.at_least_one()[0] == pytest.approx(1 - expected.pmf(0), rel=1e-8)


def test_a_large_shape_is_poisson_and_nothing_is_impossible():
    told = CountDistribution(np.array([2.0, 0.0]), np.array([1e5, 0.5]))
    assert told.log_probability([3, 0])[0] == pytest.approx(poisson(2.0).logpmf(3), abs=1e-4)
    assert told.at_least_one()[1] == 0
    assert -50 < told.log_probability([1, 1])[1] < -10


@pytest.mark.parametrize("dispersion", [(0.5, 0.0), (-0.7, 1.0), (0.0, 0.5)])
def test_a_known_dispersion_is_recovered(dispersion):
    random = np.random.default_rng(5)
    mean = random.gamma(0.7, 3.0, 20_000)
    shape = shape_of(mean, np.array(dispersion))
    found = fit_dispersion(mean, random.poisson(random.gamma(shape, mean / shape)))
    np.testing.assert_allclose(found, dispersion, atol=0.08)


def test_poisson_counts_get_a_large_shape_and_no_counts_none():
    random = np.random.default_rng(6)
    mean = random.uniform(1, 5, 5000)
    shape = shape_of(mean, fit_dispersion(mean, random.poisson(mean)))
    assert (mean / shape).max() < 0.1  # variance / mean - 1
    np.testing.assert_array_equal(fit_dispersion(np.zeros(0), np.zeros(0)), 0)

"""Intervals hold what they promise, and are the textbook's."""

import math

import numpy as np
import pytest
from scipy.stats import bootstrap as scipy_bootstrap
from scipy.stats import ttest_1samp

from tsgen.metrics import (
    LEVEL,
    mean_interval,
    percentile_interval,
    resample_counts,
    student_quantile,
)


def test_a_draw_takes_as_many_things_as_there_are_all_alike():
    counts = resample_counts(np.random.default_rng(0), 30, 400)
    assert counts.shape == (400, 30)
    assert (counts.sum(axis=1) == 30).all()
    np.testing.assert_allclose(counts.mean(axis=0), 1.0, atol=0.25)
    assert counts.var() == pytest.approx(1 - 1 / 30, rel=0.05)


def test_the_interval_of_a_mean_is_that_of_the_t_test():
    values = np.random.default_rng(1).normal(3.0, 2.0, 9)
    ends = ttest_1samp(values, 0.0).confidence_interval(LEVEL)
    assert mean_interval(values) == pytest.approx((ends.low, ends.high))
    reach = student_quantile(9) * values.std(ddof=1) / 3
    assert mean_interval(values)[1] - values.mean() == pytest.approx(reach)


def test_fewer_than_two_values_have_no_interval():
    assert all(map(math.isnan, mean_interval(np.array([1.0]))))


def test_percentiles_are_those_of_an_independent_bootstrap():
    values = np.random.default_rng(2).exponential(size=200)
    counts = resample_counts(np.random.default_rng(3), 200, 4000)
    ours = percentile_interval(counts @ values / 200)
    other = scipy_bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    assert ours == pytest.approx((other.low, other.high), abs=0.02)


def test_draws_without_a_value_do_not_count():
    drawn = np.arange(101.0)
    assert percentile_interval(drawn) == pytest.approx((2.5, 97.5))
    assert percentile_interval([*drawn, math.nan]) == percentile_interval(drawn)
    assert all(map(math.isnan, percentile_interval([math.nan, math.nan])))


def test_ends_can_be_values_that_were_drawn():
    low, high = percentile_interval([10, 20, 30, 40], method="nearest")
    assert {low, high} <= {10.0, 20.0, 30.0, 40.0}

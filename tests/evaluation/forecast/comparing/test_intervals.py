"""Paired intervals against SciPy and plain loops."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from tsgen.evaluation.forecast.comparing.intervals import paired_difference
from tsgen.evaluation.forecast.scores import METRICS, metric_of


def parts_of(seed, num_series=30, factor=1.0):
    draw = np.random.default_rng(seed)
    label = draw.uniform(10, 20, num_series)
    error = factor * draw.uniform(0.5, 1.5, num_series)
    return {
        "quantile_loss": error,
        "absolute_label": label,
        "squared_error": error**2,
        "count": np.full(num_series, 12.0),
        "scaled_error": 2 * error,
        "scaled_count": np.full(num_series, 2.0),
    }


@pytest.mark.parametrize("metric", METRICS)
def test_the_interval_over_seeds_is_the_paired_t_interval(metric):
    mine = [parts_of(k, factor=0.9) for k in range(6)]
    theirs = [parts_of(100 + k) for k in range(6)]
    gap = paired_difference(mine, theirs, metric)
    one, two = ([float(metric_of(p, metric)) for p in side] for side in (mine, theirs))
    interval = ttest_rel(one, two).confidence_interval(0.95)
    assert gap.difference == pytest.approx(np.mean(one) - np.mean(two))
    assert (gap.low, gap.high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("metric", METRICS)
def test_the_same_arm_twice_differs_by_nothing(metric):
    same = [parts_of(k) for k in range(3)]
    gap = paired_difference(same, same, metric)
    assert (gap.difference, gap.low, gap.high, gap.low_series, gap.high_series) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("metric", METRICS)
def test_a_weight_counts_a_series_as_often(metric):
    parts = parts_of(1, num_series=4)
    weights = np.array([[2, 0, 1, 1], [1, 1, 1, 1]])
    repeated = {name: part[[0, 0, 2, 3]] for name, part in parts.items()}
    found = metric_of(parts, metric, weights)
    np.testing.assert_allclose(found, [metric_of(repeated, metric), metric_of(parts, metric)])


def test_one_gain_in_all_series_is_seen_and_series_that_disagree_are_not():
    base = [parts_of(k) for k in range(4)]
    better = [p | {"quantile_loss": 0.9 * p["quantile_loss"]} for p in base]
    gap = paired_difference(better, base, "mean_weighted_quantile_loss")
    assert gap.high_series < 0
    sign = np.where(np.arange(30) % 2, 0.5, 1.5)
    mixed = [p | {"quantile_loss": sign * p["quantile_loss"]} for p in base]
    gap = paired_difference(mixed, base, "mean_weighted_quantile_loss")
    assert gap.low_series < 0 < gap.high_series


def test_the_interval_over_series_is_that_of_a_mean_at_95_percent():
    """Of labels that are all alike, the loss is a mean over series, whose error theory knows."""
    num = 400
    label = {"absolute_label": np.ones(num), "squared_error": np.ones(num), "count": np.ones(num)}
    losses = np.random.default_rng(2).normal(5.0, 1.0, (2, num))
    mine, theirs = ([label | {"quantile_loss": loss}] for loss in losses)
    gap = paired_difference(mine, theirs, "mean_weighted_quantile_loss")
    error = (losses[0] - losses[1]).std() / num**0.5
    assert gap.high_series - gap.difference == pytest.approx(1.96 * error, rel=0.1)
    assert gap.difference - gap.low_series == pytest.approx(1.96 * error, rel=0.1)


def test_one_seed_allows_no_interval_over_seeds_and_none_nothing():
    gap = paired_difference([parts_of(1)], [parts_of(2)], "mase")
    assert np.isnan(gap.low)
    assert np.isfinite(gap.low_series)
    empty = paired_difference([], [], "mase")
    assert empty.num_seeds == 0
    assert np.isnan(empty.difference)


def test_several_draws_of_the_series_are_what_varies():
    mine = [parts_of(k, factor=0.9) for k in range(6)]
    theirs = [parts_of(100 + k) for k in range(6)]
    gaps = [
        float(metric_of(a, "mase") - metric_of(b, "mase"))
        for a, b in zip(mine, theirs, strict=True)
        for a, b in zip(mine, theirs, strict=True)
    ]
    means = [np.mean(gaps[k : k + 2]) for k in (0, 2, 4)]
    interval = ttest_rel(means, np.zeros(3)).confidence_interval(0.95)
    gap = paired_difference(mine, theirs, "mase", groups=[7, 7, 8, 8, 9, 9])
    assert gap.difference == pytest.approx(np.mean(gaps))
    assert (gap.low, gap.high) == pytest.approx((interval.low, interval.high))
    one = paired_difference(mine, theirs, "mase", groups=[7] * 6)
    assert one == paired_difference(mine, theirs, "mase")

"""Losses of forecasts of new items, and the paired difference with its interval over items."""

import numpy as np
import pytest

from tsgen.evaluation.studies.protocols.new_items import _judge, _loss, _paired

random = np.random.default_rng(0)
TRUTH = random.poisson(4.0, (60, 5)).astype(float)
DRAWS = random.poisson(4.0, (60, 40, 5)).astype(float)


def pinball(draws, truth):
    """The quantile loss of one item, by a loop over levels and weeks."""
    total = 0.0
    for level in np.arange(1, 10) / 10:
        for week in range(truth.shape[0]):
            ordered = np.sort(draws[:, week])
            quantile = ordered[int(np.ceil(level * len(ordered) - 1e-9)) - 1]
            gap = truth[week] - quantile
            total += 2 * max(level * gap, (level - 1) * gap) / 9
    return total


def test_the_loss_is_a_loop_over_levels_and_weeks():
    expected = [pinball(draws, truth) for draws, truth in zip(DRAWS, TRUTH, strict=True)]
    np.testing.assert_allclose(_loss(DRAWS, TRUTH), expected)


def test_measures_are_of_weeks_of_their_sum_and_of_the_level():
    found = {name: row["value"] for name, row in _judge(DRAWS, TRUTH).items()}
    sums = [
        pinball(d.sum(axis=1)[:, None], t.sum()[None]) for d, t in zip(DRAWS, TRUTH, strict=True)
    ]
    assert found == pytest.approx(
        {
            "mean_wql": _loss(DRAWS, TRUTH).sum() / TRUTH.sum(),
            "mean_wql_of_total": sum(sums) / TRUTH.sum(),
            "expected_over_happened": DRAWS.mean(axis=1).sum() / TRUTH.sum(),
        },
        abs=1e-4,
    )


def test_the_difference_is_paired_and_its_interval_of_95_percent_over_items():
    other = DRAWS + 1.0
    found = _paired(DRAWS, other, TRUTH)["against_similar"]
    gaps, sums = _loss(DRAWS, TRUTH) - _loss(other, TRUTH), TRUTH.sum(axis=1)
    value = gaps.sum() / sums.sum()
    assert found["value"] == pytest.approx(value, abs=1e-4)
    error = (gaps - value * sums).std() / len(gaps) ** 0.5 / sums.mean()  # of a ratio of means
    assert found["high"] - value == pytest.approx(1.96 * error, rel=0.15)
    assert value - found["low"] == pytest.approx(1.96 * error, rel=0.15)
    assert _paired(DRAWS, DRAWS, TRUTH)["against_similar"] == {"value": 0, "low": 0, "high": 0}

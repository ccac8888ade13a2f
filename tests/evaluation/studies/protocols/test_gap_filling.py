"""Scores of filled gaps, and their intervals."""

import numpy as np
import pytest

from tsgen.data import SeriesDataset
from tsgen.evaluation.studies.protocols.gap_filling import (
    _crps,
    _interval,
    _seasonal,
    _seasonal_draws,
)


def test_the_score_is_a_loop_over_pairs_of_draws():
    random = np.random.default_rng(0)
    drawn, truth = random.normal(size=(3, 7, 4)), random.normal(size=(3, 4))
    found = _crps(drawn, truth)
    for gap in range(3):
        for step in range(4):
            x, y = drawn[gap, :, step], truth[gap, step]
            spread = np.mean([abs(a - b) for a in x for b in x]) / 2
            assert found[gap, step] == pytest.approx(np.mean(np.abs(x - y)) - spread)


def test_draws_that_spread_as_the_truth_does_score_best():
    random = np.random.default_rng(1)
    truth, drawn = random.normal(size=(4000, 1)), random.normal(size=(4000, 30, 1))
    by_spread = {spread: _crps(spread * drawn, truth).mean() for spread in (0.0, 0.5, 1.0, 2.0)}
    assert min(by_spread, key=by_spread.get) == 1.0


def test_the_interval_is_of_95_percent_for_a_mean():
    scores = np.random.default_rng(2).normal(3.0, 2.0, 400)
    found = _interval(scores)
    assert found["value"] == pytest.approx(scores.mean(), abs=1e-4)
    reach = 1.96 * scores.std(ddof=1) / 20
    assert (found["low"], found["high"]) == pytest.approx(
        (scores.mean() - reach, scores.mean() + reach), abs=1e-4
    )


@pytest.mark.parametrize("period", [7, 24])
def test_seasonal_fills_take_the_same_step_of_the_nearest_seasons(period):
    """The values count the seasons, so that each fill says which seasons it took."""
    seasons = np.arange(20)
    values = np.repeat(seasons, period).astype(float)
    gap = 10 * period + np.arange(1, 4)
    holed = values.copy()
    holed[gap] = np.nan
    data = SeriesDataset(holed, np.array([0, len(holed)]), np.zeros(1, np.int64), "h", ("a",))
    assert _seasonal(data, gap[None], period).tolist() == [[[10.0] * 3]]  # of 9 and 11
    drawn = _seasonal_draws(data, gap[None], period)
    assert sorted(drawn[0, :, 0]) == [*range(3, 10), *range(11, 18)]

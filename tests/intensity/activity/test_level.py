"""Totals between a model's and the users' last horizon, and corrected by past ones."""

import math

import pytest

from tsgen.intensity.activity.level import correction, held_back_total


@pytest.mark.parametrize(
    ("reach", "expected"),
    [(1.0, 400.0), (2.0, 200.0), (4.0, 100 * 4**0.25), (1e9, 100.0), (0.5, 400.0)],
)
def test_the_shorter_the_log_the_more_the_last_horizon_counts(reach, expected):
    assert held_back_total(100.0, 400.0, reach) == pytest.approx(expected)


@pytest.mark.parametrize("numbers", [(100.0, 0.0), (0.0, 400.0)])
def test_where_one_says_nothing_the_model_stays(numbers):
    assert held_back_total(*numbers, 1.5) == numbers[0]


def test_errors_of_past_horizons_count_as_if_eight_had_had_none():
    assert correction([], []) == 1.0
    assert correction([99.0], [199.0]) == pytest.approx(2 ** (1 / 9))
    assert correction([99.0] * 40, [199.0] * 40) == pytest.approx(2 ** (40 / 48))
    assert correction([99.0, 199.0], [199.0, 99.0]) == pytest.approx(1.0)
    assert correction([0.0], [0.0]) == 1.0
    assert math.isfinite(correction([0.0], [1e6]))

"""Totals between a model's and the users' last horizon, as past horizons say, and corrected."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from tsgen.intensity.activity.level import PastLevel, corrected_total


@pytest.mark.parametrize(
    ("reach", "expected"),
    [(1.0, 400.0), (2.0, 200.0), (4.0, 100 * 4**0.25), (1e9, 100.0), (0.5, 400.0)],
)
def test_the_shorter_the_log_the_more_the_last_horizon_counts(reach, expected):
    assert corrected_total(100.0, 400.0, reach, []) == pytest.approx(expected)


@pytest.mark.parametrize("numbers", [(100.0, 0.0), (0.0, 400.0)])
def test_where_one_says_nothing_the_model_stays(numbers):
    assert corrected_total(*numbers, 1.5, [PastLevel(1.0, 2.0, 2.0)]) == numbers[0]


def test_errors_of_past_horizons_count_as_if_six_had_had_none():
    """Both say the same, so the weight is none of their business."""
    assert corrected_total(9.0, 9.0, 4, [PastLevel(99, 99, 198)]) == pytest.approx(9 * 2 ** (1 / 7))
    many = [PastLevel(99, 99, 198)] * 40
    assert corrected_total(9.0, 9.0, 4, many) == pytest.approx(9 * 2 ** (40 / 46))
    both = [PastLevel(99, 99, 198), PastLevel(198, 198, 99)]
    assert corrected_total(9.0, 9.0, 4, both) == pytest.approx(9.0)
    half = [PastLevel(99, 99, 198, trust=0.5)]
    assert corrected_total(9.0, 9.0, 4, half) == pytest.approx(9 * 2 ** (0.5 / 6.5))


def test_who_was_right_in_past_horizons_has_the_weight():
    users_right = [PastLevel(100, 300, 300)] * 30
    assert corrected_total(100.0, 300.0, 10, users_right) == pytest.approx(300.0, rel=0.02)
    model_right = [PastLevel(100, 300, 100)] * 30
    assert corrected_total(100.0, 300.0, 1, model_right) == pytest.approx(100.0, rel=0.02)
    beyond = [PastLevel(100, 110, 1000)] * 3  # no weight above one
    assert corrected_total(50.0, 60.0, 2, beyond) == pytest.approx(
        60 * np.exp(3 * np.log(1000 / 110) / 9)
    )


def test_the_weight_minimises_the_squared_errors_and_its_distance_to_the_first_guess():
    past = [PastLevel(80, 120, 90, 0.4), PastLevel(50, 45, 60), PastLevel(70, 130, 100)]

    def errors(weight):
        return np.array([
            np.log(p.came) - (1 - weight) * np.log(p.model) - weight * np.log(p.per_user)
            for p in past
        ])  # fmt: skip

    trust = np.array([p.trust for p in past])
    weight = minimize_scalar(
        lambda w: trust @ errors(w) ** 2 + 0.36 * (w - 1 / 3) ** 2, bounds=(0, 1), method="bounded",
        options={"xatol": 1e-10},
    ).x  # fmt: skip
    total = 60 ** (1 - weight) * 90**weight * np.exp(trust @ errors(weight) / (trust.sum() + 6))
    assert corrected_total(60.0, 90.0, 3, past) == pytest.approx(total, rel=1e-6)


def test_horizons_in_which_nothing_came_or_was_expected_say_nothing():
    silent = [PastLevel(0, 3, 4), PastLevel(3, 0, 4), PastLevel(3, 4, 0), PastLevel(3, 4, 9, 0.0)]
    assert corrected_total(100.0, 400.0, 2, silent) == pytest.approx(200.0)

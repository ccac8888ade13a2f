"""Totals between a model's, the users' last horizon and that horizon, as past horizons say."""

from dataclasses import astuple

import numpy as np
import pytest
from scipy.optimize import minimize

from tsgen.intensity.activity.level import Guesses, PastLevel, corrected_total

NEAR = np.exp(0.05)
"""A total that differs from the last horizon is drawn to it by so much, if no user is new."""


def past(model, per_user, last, came, trust=1.0):
    return PastLevel(Guesses(model, per_user, last), came, trust)


def nearer(total, now):
    """Return the total drawn to the last horizon, as the equation says."""
    near, last = NEAR ** (now.last / now.per_user), now.last
    return last if last / near < total < last * near else total * near ** np.sign(last - total)


@pytest.mark.parametrize("reach", [1.5, 2.0, 4.0, 1e9])
@pytest.mark.parametrize("there", [0.1, 0.8])
def test_the_shorter_the_log_the_more_each_users_last_horizon_counts(reach, there):
    """And the more of the users were there before it, the more the last horizon itself does."""
    now = Guesses(100.0, 400.0, 400.0 * there)
    weights = np.array([1 - there / 4 - 1 / reach, 1 / reach, there / 4])
    expected = np.exp(weights @ now.logs)
    assert corrected_total(now, reach, []) == pytest.approx(nearer(expected, now))


@pytest.mark.parametrize("reach", [0.5, 1.0])
def test_weights_of_the_shortest_logs_add_up_to_one_without_the_model(reach):
    """1 + 1/8 - 1 is too much: shared by what the first guesses count for, .36 and .1."""
    last = 0.125 - 0.125 * 0.36 / 0.46
    now = Guesses(100.0, 400.0, 200.0)
    expected = 400 ** (1 - last) * 200**last
    assert corrected_total(now, reach, []) == pytest.approx(nearer(expected, now), rel=1e-6)


@pytest.mark.parametrize("zero", [0, 1, 2])
def test_where_one_says_nothing_the_model_stays(zero):
    guesses = [7.0, 8.0, 9.0]
    guesses[zero] = 0.0
    assert corrected_total(Guesses(*guesses), 1.5, [past(1.0, 2.0, 2.0, 2.0)]) == guesses[0]


def test_what_cannot_be_told_from_the_last_horizon_is_it():
    def total(model, per_user):
        return corrected_total(Guesses(model, per_user, 100.0), 9, [])

    assert total(105.0, 100.0) == pytest.approx(100.0)
    assert total(95.0, 100.0) == pytest.approx(100.0)
    assert total(150.0, 100.0) == pytest.approx(
        150 ** (0.75 - 1 / 9) * 100 ** (0.25 + 1 / 9) / NEAR
    )
    with_new = total(103.0, 1000.0)  # nine of ten users came since: the last horizon says little
    weights = [1 - 1 / 9 - 0.025, 1 / 9, 0.025]
    expected = np.exp(weights @ np.log([103.0, 1000.0, 100.0]))
    assert with_new == pytest.approx(expected / NEAR**0.1)


def test_errors_of_past_horizons_count_as_if_six_had_had_none():
    """All say the same, so the weights are none of their business."""

    def total(*past):
        return corrected_total(Guesses(9.0, 9.0, 9.0), 4, past)

    assert total(past(99, 99, 99, 198)) == pytest.approx(9 * 2 ** (1 / 7) / NEAR)
    assert total(*[past(99, 99, 99, 198)] * 40) == pytest.approx(9 * 2 ** (40 / 46) / NEAR)
    assert total(past(99, 99, 99, 198), past(198, 198, 198, 99)) == pytest.approx(9.0)
    assert total(past(99, 99, 99, 198, 0.5)) == pytest.approx(9 * 2 ** (0.5 / 6.5) / NEAR)


@pytest.mark.parametrize("right", [0, 1, 2])
def test_who_was_right_in_past_horizons_has_the_weight(right):
    random = np.random.default_rng(right)
    guesses = np.exp(random.normal(5, 0.4, (300, 3)))
    told = [past(*row, row[right]) for row in guesses]
    now = Guesses(200.0, 900.0, 300.0)
    expected = nearer(astuple(now)[right], now)
    assert corrected_total(now, 10, told) == pytest.approx(expected, rel=0.03)


def test_no_weight_is_above_one():
    beyond = [past(100, 110, 100, 1000)] * 3
    corrected = 60 * np.exp(3 * np.log(1000 / 110) / 9)
    now = Guesses(50.0, 60.0, 50.0)
    assert corrected_total(now, 2, beyond) == pytest.approx(nearer(corrected, now), rel=1e-6)


def test_weights_minimise_the_squared_errors_and_their_distance_to_the_first_guess():
    told = [past(80, 120, 60, 90, 0.4), past(50, 45, 70, 60), past(70, 130, 80, 100)]
    trust, came = np.array([p.trust for p in told]), np.log([p.came for p in told])
    logs = np.array([p.guesses.logs for p in told])

    now = Guesses(60.0, 90.0, 40.0)
    there = 40 / 90

    def errors(weights):
        return came - logs @ [1 - weights.sum(), *weights]

    weights = minimize(
        lambda w: (
            trust @ errors(w) ** 2 + 0.36 * (w[0] - 1 / 3) ** 2 + 0.1 * (w[1] - there / 4) ** 2
        ),
        [0.3, 0.3],
        tol=1e-12,
    ).x
    assert 0 < weights.min() < weights.sum() < 1  # none of the bounds is reached
    total = np.exp(now.logs @ [1 - weights.sum(), *weights])
    total *= np.exp(trust @ errors(weights) / (trust.sum() + 6))
    assert corrected_total(now, 3, told) == pytest.approx(nearer(total, now), rel=1e-5)


@pytest.mark.parametrize("zero", range(5))
def test_horizons_in_which_nothing_came_or_was_expected_say_nothing(zero):
    silent = [3.0, 4.0, 5.0, 9.0, 1.0]
    silent[zero] = 0.0
    now = Guesses(100.0, 400.0, 50.0)
    assert corrected_total(now, 2, [past(*silent)]) == corrected_total(now, 2, [])

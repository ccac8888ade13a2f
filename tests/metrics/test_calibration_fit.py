"""Slope and intercept of calibration: known bends are found, intervals hold as often as said."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from tsgen.errors import DataError
from tsgen.metrics import calibration_fit

DRAW = np.random.default_rng(5)
TRUTH = expit(DRAW.normal(-1.0, 1.2, 30_000))
CAME = DRAW.random(30_000) < TRUTH


def test_true_chances_have_slope_1_and_intercept_0():
    fit = calibration_fit(TRUTH, CAME)
    assert fit.slope.holds(1)
    assert fit.intercept.holds(0)
    assert fit.ratio.holds(1)
    assert fit.slope.high - fit.slope.low < 0.1


@pytest.mark.parametrize("sureness", [0.5, 2.0, 4.0])
def test_chances_more_or_less_extreme_than_the_truth_have_the_inverse_slope(sureness):
    fit = calibration_fit(expit(sureness * logit(TRUTH)), CAME)
    assert fit.slope.holds(1 / sureness)
    assert not fit.slope.holds(1)


@pytest.mark.parametrize("shift", [-0.4, 0.7])
def test_shifted_chances_have_slope_1_and_the_opposite_intercept(shift):
    fit = calibration_fit(expit(logit(TRUTH) + shift), CAME)
    assert fit.slope.holds(1)
    assert fit.intercept.holds(-shift)
    assert not fit.intercept.holds(0)
    assert (fit.ratio.value < 1) == (shift > 0)


def test_the_slope_is_that_of_a_plain_logistic_regression():
    theirs = LogisticRegression(C=1e9, tol=1e-10).fit(logit(TRUTH)[:, None], CAME)
    assert calibration_fit(TRUTH, CAME).slope.value == pytest.approx(theirs.coef_[0, 0], rel=1e-4)


def test_counts_have_the_exponent_of_their_bend_and_the_ratio_of_totals():
    draw = np.random.default_rng(5)
    rate = draw.gamma(2.0, 1.0, 20_000)
    came = draw.poisson(rate)
    assert calibration_fit(rate, came, kind="count").slope.holds(1)
    bent = calibration_fit(rate**2, came, kind="count")
    assert bent.slope.holds(0.5)
    doubled = calibration_fit(2 * rate, came, kind="count")
    assert doubled.ratio.value == pytest.approx(came.sum() / (2 * rate).sum())
    assert np.exp(doubled.intercept.value) == pytest.approx(doubled.ratio.value)
    assert doubled.ratio.high < 1


def test_intervals_allow_for_pairs_of_a_user_that_go_together():
    """Twenty pairs that come or stay away together are one event: intervals 4.5 times as wide."""
    draw = np.random.default_rng(5)
    truth = expit(draw.normal(0.0, 1.0, 1500))
    came = draw.random(1500) < truth
    users = np.repeat(np.arange(1500), 20)
    alone = calibration_fit(truth, came)
    apart = calibration_fit(np.repeat(truth, 20), np.repeat(came, 20))
    together = calibration_fit(np.repeat(truth, 20), np.repeat(came, 20), clusters=users)
    for name in ("slope", "intercept", "ratio"):
        np.testing.assert_allclose(getattr(together, name), getattr(alone, name), rtol=1e-6)
    width = (apart.slope.high - apart.slope.low) * np.sqrt(20)
    assert width == pytest.approx(alone.slope.high - alone.slope.low, rel=0.01)


def test_intervals_of_the_slope_hold_the_truth_as_often_as_they_say():
    draw = np.random.default_rng(5)
    holds = 0
    for _ in range(200):
        truth = expit(draw.normal(0.0, 1.0, 400))
        holds += calibration_fit(truth, draw.random(400) < truth).slope.holds(1)
    assert 178 <= holds <= 199  # 95 % of 200, four standard errors


def test_where_the_data_determine_nothing_nothing_is_claimed():
    nothing = calibration_fit([0.1, 0.2, 0.3], [0, 0, 0])
    assert np.isnan(nothing.slope.value)
    assert nothing.ratio[:2] == (0.0, 0.0)
    assert nothing.ratio.high == pytest.approx(3 / 0.6)  # the rule of three
    assert np.isnan(calibration_fit([0.2, 0.2, 0.2], [0, 1, 0]).slope.value)
    parted = calibration_fit([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    assert np.isnan(parted.slope.value)  # separated: no finite slope is best
    with pytest.raises(DataError, match="equal length"):
        calibration_fit([0.5], [0, 1])

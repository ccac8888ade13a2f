"""Slopes of first purchases, against an optimiser and against the prior."""

import numpy as np
from scipy.optimize import minimize

from tsgen.intensity.new_items.levels import PRIOR, fit_slopes


def some_pairs(num, slopes, seed=0):
    random = np.random.default_rng(seed)
    features = np.column_stack([np.ones(num), random.normal(size=(num, 4))])
    return features, random.random(num) < np.exp(features @ slopes).clip(max=1)


def test_slopes_are_the_likeliest_under_the_prior():
    features, happened = some_pairs(2_000, np.array([-3, 0.8, 0.5, 0.2, 0.4]))
    precision = np.array([1, 10, 10, 10, 10])

    def loss(x):
        logs = features @ x
        return np.exp(logs).sum() - happened @ logs + 0.5 * precision @ (x - PRIOR) ** 2

    best = minimize(loss, PRIOR, method="BFGS").x
    found, likelihood = fit_slopes(features, happened)
    np.testing.assert_allclose(found, best, atol=1e-3)
    assert abs(-likelihood * len(features) - loss(found)) < 1e-6


def test_much_data_finds_the_truth_and_none_the_prior():
    truth = np.array([-4, 0.6, 0.7, 0.3, 0.2])
    found, _ = fit_slopes(*some_pairs(60_000, truth))
    np.testing.assert_allclose(found, truth, atol=0.12)
    nothing = np.zeros((0, 5)), np.zeros(0, bool)
    np.testing.assert_allclose(fit_slopes(*nothing)[0], PRIOR)


def test_no_purchase_at_all_lowers_the_level_alone_a_little():
    features, _ = some_pairs(500, PRIOR)
    found, _ = fit_slopes(features, np.zeros(500, bool))
    assert np.isfinite(found).all()
    assert found[0] < PRIOR[0]

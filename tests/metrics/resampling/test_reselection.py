"""Lists selected anew among drawn users equal lists of copies of them, and intervals hold."""

import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.metrics import bootstrap, precision, select_users
from tsgen.metrics.resampling.reselection import ReselectedPrecision, first_weights, reach_of


def test_places_are_given_to_the_first_weights():
    weights = np.array([[2.0, 0.0, 3.0, 1.0], [0.0, 1.0, 1.0, 5.0]])
    assert first_weights(weights, 4).tolist() == [[2, 0, 2, 0], [0, 1, 1, 2]]
    assert first_weights(weights, 99).tolist() == weights.tolist()


def case(seed, n=150, m=6):
    draw = np.random.default_rng(seed)
    scores = draw.normal(size=(n, m))
    targets = sp.csr_array((draw.uniform(size=(n, m)) < 1 / (1 + np.exp(3 - scores))).astype(float))
    return scores, targets, draw


@pytest.mark.parametrize("excluded", [False, True])
def test_it_equals_selecting_among_copies_of_the_drawn_users(excluded):
    scores, targets, draw = case(1)
    n, size = len(scores), 12
    exclude = sp.csr_array((draw.uniform(size=scores.shape) < 0.3).astype(float))
    exclude = exclude if excluded else None
    found = ReselectedPrecision.of(scores, targets, size, exclude=exclude)
    assert found.users.shape[1] == reach_of(size, n) < n  # the best few alone are looked at
    weights = draw.multinomial(n, np.full(n, 1 / n), size=20)
    for row in weights:
        copies = np.repeat(np.arange(n), row)
        chosen = select_users(
            scores[copies], size, exclude=None if exclude is None else exclude[copies]
        )
        whole = precision(chosen, targets[copies])
        assert found(row[None, :].astype(float))[0] == pytest.approx(whole, abs=1e-6)


def test_with_every_weight_1_it_is_the_precision():
    scores, targets, _ = case(2)
    found = ReselectedPrecision.of(scores, targets, 9)(np.ones((1, len(scores))))
    assert found[0] == pytest.approx(precision(select_users(scores, 9), targets), abs=1e-6)


def shop(inequality, seed, n):
    """Users of uneven zeal; scores know it in part."""
    draw = np.random.default_rng(seed)
    zeal = draw.lognormal(0, inequality, n)
    scores = np.outer(zeal, [1.0, 0.5]) * draw.lognormal(0, 0.3, (n, 2))
    rate = 0.15 * np.outer(zeal, [1.0, 0.5])
    return scores, sp.csr_array((draw.poisson(rate) > 0).astype(float))


@pytest.mark.slow
@pytest.mark.parametrize("inequality", [0.3, 1.0, 2.0])
def test_intervals_hold_for_other_customers(inequality):
    n, size, times = 800, 40, 120
    truth = np.mean([
        precision(select_users(scores, size), targets)
        for scores, targets in (shop(inequality, 10_000 + k, n) for k in range(400))
    ])  # fmt: skip
    held = 0
    for seed in range(times):
        scores, targets = shop(inequality, seed, n)
        measure = ReselectedPrecision.of(scores, targets, size)
        low, high = np.quantile(bootstrap({"p": measure}, n, 200, seed)["p"], [0.025, 0.975])
        held += low <= truth <= high
    share = held / times
    noise = 2 * np.sqrt(0.05 * 0.95 / times)
    assert 0.92 - noise <= share <= 0.98 + noise

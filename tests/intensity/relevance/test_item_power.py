"""What popular items get beyond their share is learnt, held back, and leaves users' sums alone."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from tsgen.intensity.relevance.item_power import learn_item_power


def totals(power, num=300, size=4000.0, seed=0):
    """Expected totals, and Poisson counts of those times share^power."""
    random = np.random.default_rng(seed)
    expected = random.pareto(1.2, num) + 0.05
    expected *= size / expected.sum()
    logs = np.log(expected / expected.sum())
    mean = expected * np.exp(power * logs)
    return expected, random.poisson(mean * size / mean.sum()).astype(float), logs


@pytest.mark.parametrize("power", [-0.2, 0.0, 0.15])
def test_of_many_events_the_power_is_seen(power):
    assert learn_item_power(*totals(power, size=200_000.0)) == pytest.approx(power, abs=0.01)


def test_it_is_the_minimum_of_what_it_says():
    expected, came, logs = totals(-0.1)
    fitted = expected * came.sum() / expected.sum()
    dispersion = max(((came - fitted) ** 2 / np.maximum(fitted, 1)).mean(), 1.0)

    def loss(power):
        shares = expected * np.exp(power * logs)
        return -came @ np.log(shares / shares.sum()) / dispersion + power**2 / (2 * 0.1**2)

    best = minimize_scalar(loss, bounds=(-0.5, 0.5), method="bounded", options={"xatol": 1e-9})
    assert learn_item_power(expected, came, logs) == pytest.approx(best.x, abs=1e-5)


def test_few_events_and_bursts_leave_it_near_nothing():
    strong = learn_item_power(*totals(-0.2, size=200_000.0))
    few = learn_item_power(*totals(-0.2, size=20.0))
    assert abs(few) < abs(strong) / 3
    expected, came, logs = totals(-0.2, size=4000.0)
    bursts = came * (np.random.default_rng(1).random(len(came)) < 0.05) * 20
    burst = learn_item_power(expected, bursts, logs)
    assert abs(burst) < 0.6 * abs(strong)


@pytest.mark.parametrize(
    ("expected", "came", "logs"),
    [
        ([5.0], [9.0], [0.0]),
        ([5.0, 4.0], [0.0, 0.0], [-0.5, -1.0]),
        ([5.0, 0.0], [9.0, 3.0], [-0.1, -np.inf]),
    ],
)
def test_without_two_items_or_events_there_is_none(expected, came, logs):
    assert learn_item_power(np.array(expected), np.array(came), np.array(logs)) == 0.0

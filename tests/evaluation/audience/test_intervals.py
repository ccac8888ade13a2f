"""The rows of an audience study: whose, how sure, and how far from the best simple rule."""

import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation.audience.intervals import MODEL, interval_table
from tsgen.metrics.resampling.weighted_measures import Ratio, bootstrap

N = 30


class Arm:
    """Stands for what is judged of an arm: a ratio of sums over users for each measure."""

    def __init__(self, **levels):
        users = np.random.default_rng(1).random(N)
        self.weighted = {name: Ratio(level * users, np.ones(N)) for name, level in levels.items()}
        self.fixed = {"user_coverage": 0.5}

    def values(self, num_users):
        ones = np.ones((1, num_users))
        return {name: float(one(ones)[0]) for name, one in self.weighted.items()} | self.fixed


ARMS = {
    MODEL: Arm(auc=0.8, brier_score=0.2, count_ratio=1.9),
    "random": Arm(auc=0.5, brier_score=0.1, count_ratio=4.0),
    "popularity": Arm(auc=0.7, brier_score=0.4, count_ratio=0.4),
}


@pytest.fixture(scope="module")
def table():
    return interval_table(ARMS, N, 400, seed=3).set_index(["arm", "metric"])


def test_the_best_rule_has_the_most_of_what_is_good_the_least_of_errors_or_is_nearest_to_one(table):
    """The mean of the users' numbers is about a half, so the ratios are .95, 2 and .2."""
    best = table.loc[MODEL, "reference"]
    assert best["auc"] == "popularity"
    assert best["brier_score"] == "random"
    assert best["count_ratio"] == "popularity"
    assert table.loc[MODEL, "better"].to_dict() == {
        "auc": "higher", "brier_score": "lower", "count_ratio": "one", "user_coverage": "higher",
    }  # fmt: skip
    for metric in ("auc", "brier_score", "count_ratio"):
        other = table.loc[best[metric], metric]["value"]
        gap = table.loc[MODEL, metric]["value"] - other
        assert table.loc[MODEL, metric]["difference"] == pytest.approx(gap)
    assert table.loc["random", "reference"].isna().all()


def test_intervals_are_of_the_draws_that_all_arms_share(table):
    """The users' numbers of two arms differ by a factor: so do their draws, and the difference."""
    drawn = bootstrap({"auc": ARMS[MODEL].weighted["auc"]}, N, 400, 3)["auc"]
    row = table.loc[MODEL, "auc"]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert row["spread"] == pytest.approx(drawn.std(ddof=1))
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((low / 8, high / 8))
    other = table.loc["popularity", "auc"]
    assert (other["low"], other["high"]) == pytest.approx((low * 7 / 8, high * 7 / 8))


def test_a_measure_that_is_not_drawn_has_neither_interval_nor_rule(table):
    row = table.loc[MODEL, "user_coverage"]
    assert row["value"] == 0.5
    assert pd.isna(row[["spread", "low", "high", "difference", "reference"]]).all()


def test_rows_say_of_how_many_users_and_by_which_seed(table):
    assert set(table["n"]) == {N}
    assert set(table["seed"]) == {3}
    assert set(table["protocol"]) == {"calendar"}

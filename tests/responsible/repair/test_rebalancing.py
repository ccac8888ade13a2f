"""Repaired audiences: the demand holds, the price is said, names of groups change nothing."""

import numpy as np
import pandas as pd
import pytest

from small_shop import QUIET, USERS, log, read
from tsgen import RIMEstimator
from tsgen.errors import DataError, SettingsError
from tsgen.responsible import bias_report, rebalance

N = 400
RANDOM = np.random.default_rng(0)
PEOPLE = pd.DataFrame({"user_id": range(N), "sex": RANDOM.choice(["f", "m"], N)})
SCORES = PEOPLE[["user_id"]].assign(
    intensity=RANDOM.gamma(1.0, 1.0, N) * np.where(PEOPLE["sex"] == "f", 0.5, 1.0)
)


def test_the_ratio_holds_in_a_bias_report_at_the_price_that_is_said():
    fair = rebalance(SCORES, PEOPLE, facet="sex=f", size=100, min_ratio=0.8)
    assert len(fair.audience) == 100
    ratio = bias_report(fair.audience, PEOPLE, facets="sex=f", draws=20).value("DI")
    plain = SCORES.nlargest(100, "intensity")
    before = bias_report(plain, PEOPLE, facets="sex=f", draws=20).value("DI")
    assert before < 0.8 <= ratio < 0.85
    lost = plain["intensity"].sum() - fair.audience["intensity"].sum()
    assert fair.price["lost"] == pytest.approx(lost)
    swapped = set(fair.audience["user_id"]) - set(plain["user_id"])
    assert fair.audience["swapped"].sum() == len(swapped)
    assert f"{len(swapped)} of 100 users are others" in fair.answer
    for row in fair.groups.to_dict("records"):  # each group down to its cut-off
        mine = SCORES[PEOPLE["sex"].eq("f") == (row["group"] == "sex=f")]
        assert (mine["intensity"] >= row["cutoff"]).sum() == row["after"]


def test_names_of_facets_change_nothing():
    renamed = PEOPLE.rename(columns={"sex": "kind"}).replace({"kind": {"f": "zz", "m": "aa"}})
    first = rebalance(SCORES, PEOPLE, facet="sex=f", size=60, min_ratio=0.9)
    second = rebalance(SCORES, renamed, facet={"those": {"kind": "zz"}}, size=60, min_ratio=0.9)
    assert first.audience["user_id"].tolist() == second.audience["user_id"].tolist()
    assert first.price == second.price


def test_a_list_that_meets_the_demand_stays_as_it_is():
    fair = rebalance(SCORES, PEOPLE, facet="sex", size=50, min_ratio=0.05)
    assert fair.audience["user_id"].tolist() == SCORES.nlargest(50, "intensity")["user_id"].tolist()
    assert fair.price["lost"] == 0


def test_the_realised_price_is_counted():
    acted = set(range(0, N, 3))
    fair = rebalance(SCORES, PEOPLE, facet="sex=f", size=100, min_share=0.5, outcomes=sorted(acted))
    plain = SCORES.nlargest(100, "intensity")["user_id"]
    assert fair.price["realised before"] == len(acted & set(plain))
    assert fair.price["realised after"] == len(acted & set(fair.audience["user_id"]))
    low, high = fair.price["realised difference"]
    assert low <= fair.price["realised after"] - fair.price["realised before"] <= high
    assert "engaged before" in fair.answer


def test_a_budget_is_a_size():
    fair = rebalance(SCORES, PEOPLE, facet="sex", budget=5.0, cost=0.1, min_ratio=0.5)
    assert len(fair.audience) == 50


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (
            {"size": 5, "budget": 3.0, "cost": 1.0, "min_ratio": 0.5},
            SettingsError,
            "either size, or",
        ),
        ({"budget": 3.0, "cost": 0.0, "min_ratio": 0.5}, SettingsError, "must cost something"),
        ({"size": 5}, SettingsError, "either a ratio or a share"),
        ({"size": 300, "min_share": 1.0}, SettingsError, "only"),
    ],
)
def test_impossible_demands_say_why(options, error, said):
    with pytest.raises(error, match=said):
        rebalance(SCORES, PEOPLE, facet="sex=f", **options)


def test_unreadable_scores_are_refused():
    with pytest.raises(DataError, match="intensity is missing"):
        rebalance(PEOPLE, PEOPLE, facet="sex=f", size=5, min_ratio=0.5)
    with pytest.raises(SettingsError, match="give users="):
        rebalance(SCORES, facet="sex=f", size=5, min_ratio=0.5)
    with pytest.raises(SettingsError, match="2 facets are given"):
        rebalance(SCORES, PEOPLE, facet=["sex=f", "sex=m"], size=5, min_ratio=0.5)


def test_a_model_is_asked_for_its_scores():
    estimator = RIMEstimator(
        horizon="7D", activity="moving-average", relevance="popularity", repeats="mixture"
    )
    model = estimator.train(read(log(), users=USERS), options=QUIET)
    fair = rebalance(model, facet="country", items=[101], size=20, min_ratio=0.9)
    assert fair.groups["after"].sum() == 20
    assert fair.groups["share_after"].min() >= 0.9 * 0.45
    with pytest.raises(SettingsError, match="give items"):
        rebalance(model, facet="country", size=5, min_ratio=0.5)

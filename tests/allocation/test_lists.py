"""Lists of campaigns equal the audiences of each, and shared out they overlap nowhere."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.allocation import Campaign, Plan
from tsgen.errors import SettingsError

QUIET = tsgen.TrainingOptions(seed=1)


@pytest.fixture(scope="module")
def model():
    draw = np.random.default_rng(0)
    hours = pd.to_timedelta(np.sort(draw.uniform(0, 1400, 900)), unit="h")
    table = pd.DataFrame({
        "user_id": draw.zipf(1.5, 900) % 60, "item_id": draw.choice(list("abcd"), 900),
        "timestamp": (pd.Timestamp("2024-01-01") + hours).round("s"),
    })  # fmt: skip
    users = pd.DataFrame({"user_id": range(60), "country": ["DE", "FR"] * 30})
    log = tsgen.Interactions.from_frame(table, users=users, on_duplicate="keep")
    return tsgen.RIMEstimator(horizon="7D", repeats="mixture").train(log, options=QUIET)


PLAN = [
    {"name": "tea", "items": ["a"], "at_most": 9},
    Campaign(name="both", items=["b", "c"], where={"country": "DE"}),
    {"name": "sure", "items": ["d"], "min_probability": 0.3, "exclude": [1, 2]},
]


def test_each_campaign_has_its_own_audience_and_all_share_one_exclusion(model):
    found = model.audiences(PLAN, size=12, exclude=[3, 4])
    wanted = {
        "tea": model.audience("a", size=9, exclude=[3, 4]),
        "both": model.audience(["b", "c"], size=12, exclude=[3, 4], where={"country": "DE"}),
        "sure": model.audience("d", threshold=0.3, exclude=[1, 2, 3, 4]),
    }
    assert list(dict.fromkeys(found["campaign"])) == list(wanted)
    for name, one in wanted.items():
        group = found[found["campaign"] == name].reset_index(drop=True)
        assert group["user_id"].tolist() == one["user_id"].tolist()
        assert group["rank"].tolist() == one["rank"].tolist()
        for column in ("intensity", "probability"):
            np.testing.assert_allclose(group[column], one[column], rtol=1e-5)
        counts = found.attrs["counts"]["campaigns"][name]
        assert counts["got"] == len(one)
        assert counts["expected_buyers"] == pytest.approx(one["probability"].sum(), rel=1e-5)


@pytest.mark.filterwarnings("ignore:1 of 3 users to exclude")
def test_what_came_of_a_campaigns_own_list_is_stated(model):
    plan = [*PLAN[:2], PLAN[2] | {"exclude": [1, 2.0, "zoe"]}]
    counts = model.audiences(plan, size=12, exclude=[3]).attrs["counts"]
    own = {"excluded": 2, "unknown": 1}
    assert {name: own.items() <= one.items() for name, one in counts["campaigns"].items()} == {
        "tea": False,
        "both": False,
        "sure": True,
    }
    assert (counts["excluded"], counts["unknown"]) == (1, 0)
    allocated = tsgen.allocate(model, plan, exclude=[3])
    assert allocated.facts["own lists"] == {"sure": own}
    said = "sure: 2 users excluded by its own list, 1 of its entries not known."
    assert said in allocated.answer.splitlines()
    assert "own lists" not in tsgen.allocate(model, PLAN[:2]).facts


def test_overlap_is_stated(model):
    found = model.audiences(PLAN, size=12)
    users = {name: set(group["user_id"]) for name, group in found.groupby("campaign")}
    counts = found.attrs["counts"]
    assert counts["shared"]["tea & both"] == len(users["tea"] & users["both"]) > 0
    assert counts["users"] == len(set.union(*users.values()))
    assert counts["in_several"] == int((found["user_id"].value_counts() > 1).sum())


def slow_greedy(pairs, sizes):
    taken, lists = set(), {name: [] for name in sizes}
    for _, user, name in sorted(pairs):
        if user not in taken and len(lists[name]) < sizes[name]:
            taken.add(user)
            lists[name].append(user)
    return lists


def test_exclusive_lists_take_the_best_pair_first(model):
    plan = [{"name": n, "items": [n], "at_most": k} for n, k in (("a", 9), ("b", 7), ("c", 30))]
    found = model.audiences(plan, exclusive=True, exclude=[5])
    assert not found["user_id"].duplicated().any()
    assert found.attrs["counts"]["shared"] == {}
    scores = {n: model.audience(n, size=99, exclude=[5]) for n in "abc"}
    pairs = [
        (-row.intensity, row.user_id, name)
        for name, table in scores.items() for row in table.itertuples()
    ]  # fmt: skip
    wanted = slow_greedy(pairs, {"a": 9, "b": 7, "c": 30})
    for name, users in wanted.items():
        assert set(found.loc[found["campaign"] == name, "user_id"]) == set(users)


def test_what_is_impossible_is_refused(model):
    with pytest.raises(SettingsError, match="'both' has no at_most"):
        model.audiences(PLAN)
    with pytest.raises(SettingsError, match="settings of each campaign"):
        model.audiences(PLAN, size=3, where={"country": "DE"})
    with pytest.raises(SettingsError, match="exclusive is for campaigns"):
        model.audiences(["a", "b"], size=3, exclusive=True)
    plan = Plan(campaigns=PLAN[1:2], holdout=0.5, salt="x")
    open_, held = model.audiences(PLAN[1:2], size=99), model.audiences(plan, size=99)
    assert set(held["user_id"]) < set(open_["user_id"])  # hold-outs stay out of lists, too


def test_where_the_log_has_values_expected_spend_is_that_of_each_audience():
    draw = np.random.default_rng(3)
    table = pd.DataFrame({
        "user_id": draw.integers(0, 40, 900), "item_id": draw.choice(list("abcd"), 900),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(range(900), unit="h"),
        "value": draw.gamma(2.0, 5.0, 900),
    })  # fmt: skip
    rim = tsgen.RIMEstimator(horizon="7D", repeats="mixture")
    valued = rim.train(tsgen.Interactions.from_frame(table, on_duplicate="keep"), options=QUIET)
    plan = [{"name": "x", "items": ["d", "a"], "at_most": 9}, {"name": "y", "items": ["b"]}]
    found = valued.audiences(plan, size=12)
    for name, one in {"x": valued.audience(["a", "d"], size=9), "y": valued.audience("b", size=12)
                      }.items():  # fmt: skip
        group = found[found["campaign"] == name]
        np.testing.assert_allclose(group["expected_spend"], one["expected_spend"], rtol=1e-5)
        counts = found.attrs["counts"]["campaigns"][name]
        assert counts["expected_spend"] == pytest.approx(one["expected_spend"].sum(), rel=1e-5)
    assert found.attrs["counts"]["expected_spend"] == pytest.approx(found["expected_spend"].sum())


def test_a_log_without_values_has_no_expected_spend(model):
    found = model.audiences(PLAN, size=3)
    assert "expected_spend" not in found
    assert "expected_spend" not in found.attrs["counts"]

"""Lists end where they are told to, and say what they are expected to bring."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.errors import DataWarning, SettingsError


def shop(num=800, users=40, seed=0):
    draw = np.random.default_rng(seed)
    days = pd.to_timedelta(np.sort(draw.uniform(0, 60, num)), unit="D")
    return pd.DataFrame({
        "user_id": draw.zipf(1.5, num) % users,
        "item_id": draw.choice(list("abcd"), num, p=[0.5, 0.3, 0.1, 0.1]),
        "timestamp": (pd.Timestamp("2024-01-01") + days).round("s"),
        "value": draw.exponential(5, num).round(2) + 0.5,
    })  # fmt: skip


@pytest.fixture(scope="module")
def model():
    estimator = tsgen.RIMEstimator(horizon="7D", repeats="mixture")
    return estimator.train(shop(), options=tsgen.TrainingOptions(seed=1))


@pytest.mark.parametrize("items", ["b", ["a", "c"], list("abcd")])
@pytest.mark.parametrize("wanted", [0.5, 3, 9.25])
def test_the_least_list_that_is_expected_to_hold_so_many_buyers(model, items, wanted):
    everybody = model.audience(items, size=999)
    best = np.sort(everybody["probability"])[::-1]
    least = int(np.argmax(np.cumsum(best) >= wanted)) + 1
    found = model.audience(items, expected_buyers=wanted)
    assert len(found) == least
    np.testing.assert_allclose(found["probability"].sum(), best[:least].sum())
    assert found.attrs["counts"]["expected_buyers"] >= wanted
    assert len(model.audience(items, expected_buyers=wanted, size=least)) == least


def test_a_size_that_ends_the_list_before_its_buyers_is_said(model):
    whole = model.audience("a", expected_buyers=2.0)
    assert len(whole) > 1
    assert len(model.audience("a", expected_buyers=2.0, size=len(whole))) == len(whole)
    with pytest.warns(DataWarning, match=r"first 1 users, where size= ends .* expected_buyers=2"):
        assert len(model.audience("a", expected_buyers=2.0, size=1)) == 1


def test_a_list_that_cannot_hold_so_many_holds_all_and_says_so(model):
    with pytest.warns(DataWarning, match=r"All \d+ users .* fewer than expected_buyers=500"):
        found = model.audience("a", expected_buyers=500, exclude=[0])
    assert len(found) == len(model.audience("a", size=999, exclude=[0]))
    for wrong in (0, -1, float("inf"), "many"):
        with pytest.raises(SettingsError, match="expected_buyers="):
            model.audience("a", expected_buyers=wrong)


def test_expected_spend_is_events_times_price_times_the_users_factor(model):
    found = model.audience(["a", "c"], size=20)
    pairs = {item: model.audience(item, size=999).set_index("user_id") for item in "ac"}
    sums = sum(pairs[item]["expected_spend"].reindex(found["user_id"]) for item in "ac")
    np.testing.assert_allclose(found["expected_spend"], sums, rtol=1e-5)
    user = found["user_id"].iloc[0]
    code, item = model.states.users.find([user])[0], model.items.find(["a"])[0]
    expected = pairs["a"]["intensity"][user] * model.spend.prices[item] * model.spend.factors[code]
    np.testing.assert_allclose(pairs["a"]["expected_spend"][user], expected)
    assert found.attrs["counts"]["expected_spend"] == pytest.approx(found["expected_spend"].sum())
    stacked = model.audiences(["a", "c"], size=999).query("item_id == 'c'").set_index("user_id")
    np.testing.assert_allclose(
        stacked["expected_spend"], pairs["c"]["expected_spend"].reindex(stacked.index), rtol=1e-5
    )


def test_spend_survives_saving_and_newer_logs_and_is_not_made_up(model, tmp_path):
    model.save(tmp_path / "m")
    again = tsgen.load(tmp_path / "m")
    pd.testing.assert_frame_equal(again.audience("a", size=9), model.audience("a", size=9))
    newer = pd.concat([shop(), shop().tail(3).assign(user_id=99)]).drop(columns="value")
    found = model.audience("a", size=999, events=newer).set_index("user_id")
    price = model.spend.prices[model.items.find(["a"])[0]]
    np.testing.assert_allclose(  # a new user's factor is 1
        found["expected_spend"][99], found["intensity"][99] * price
    )
    kept = model.forget([0]).audience("a", size=999).set_index("user_id")["expected_spend"]
    whole = model.audience("a", size=999).set_index("user_id")["expected_spend"]
    np.testing.assert_allclose(kept, whole.reindex(kept.index))
    bare = tsgen.RIMEstimator(horizon="7D", repeats="mixture").train(
        shop().drop(columns="value"), options=tsgen.TrainingOptions(seed=1)
    )
    assert "expected_spend" not in bare.audience("a", size=3)


@pytest.mark.parametrize(
    "end", [{"expected_buyers": 0.5}, {"size": 4, "why": True}, {"threshold": 0.2, "size": 9}]
)
def test_each_of_many_lists_may_end_as_one_alone_does(model, end):
    stacked = model.audiences(["c", "a"], **end)
    assert stacked["item_id"].unique().tolist() == ["c", "a"]
    for item, mine in stacked.groupby("item_id"):
        alone = model.audience(item, **end)
        mine = mine.drop(columns="item_id").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, alone, check_flags=False)
    buyers = stacked.attrs["counts"]["expected_buyers"]
    assert buyers == pytest.approx(stacked["probability"].sum())


def test_the_end_of_a_campaign_is_its_own(model):
    campaigns = [{"name": "spring", "items": ["a"], "at_most": 3}]
    for end in ({"threshold": 0.1}, {"expected_buyers": 2}, {"why": True}):
        with pytest.raises(SettingsError, match="at_most and min_probability"):
            model.audiences(campaigns, **end)
    with pytest.raises(SettingsError, match="on_delta is for lists of items"):
        model.audiences(campaigns, on_delta="update")

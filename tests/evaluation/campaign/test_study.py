"""One campaign at past origins: numbers by hand, exclusions, sentences."""

import json

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.errors import DataError, SettingsError
from tsgen.evaluation import StudyResult, evaluate_campaign
from tsgen.report.sections import section_of

RIM = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
MINE = {"name": "mine", "items": ["a", "b"], "at_most": 8}


def shop(num=900, users=40, seed=0):
    draw = np.random.default_rng(seed)
    hours = pd.to_timedelta(np.sort(draw.uniform(0, 1400, num)), unit="h")
    return pd.DataFrame({
        "user_id": draw.zipf(1.5, num) % users, "item_id": draw.choice(list("abcd"), num),
        "timestamp": (pd.Timestamp("2024-01-01") + hours).round("s"),
    })  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return evaluate_campaign(shop(), RIM, MINE, origins=2, exclude=[3], draws=40, seed=1)


def by_hand(back, exclude):
    table = shop()
    end = table["timestamp"].max() + pd.Timedelta("1us") - back * pd.Timedelta("7D")
    start = end - pd.Timedelta("7D")
    model = RIM.train(
        table[table["timestamp"] < start], at=start, options=tsgen.TrainingOptions(seed=1)
    )
    listed = model.audience(["a", "b"], size=8, exclude=exclude)
    later = table[(table["timestamp"] >= start) & (table["timestamp"] < end)]
    later = later[later["item_id"].isin(["a", "b"]) & later["user_id"].isin(listed["user_id"])]
    counts = later.groupby("user_id").size()
    return counts.sum(), len(counts), listed["intensity"].sum(), listed["probability"].sum()


def test_what_a_list_held_and_was_expected_to_hold(result):
    hand = np.mean([by_hand(back, [3]) for back in (0, 1)], axis=0)
    for metric, value in zip(
        ("engagements", "buyers", "expected_engagements", "expected_buyers"), hand, strict=True
    ):
        assert result.value(metric, arm="model") == pytest.approx(value, rel=1e-5)


def test_rules_and_random_stand_beside_with_intervals(result):
    table = result.table[result.table["metric"] == "buyers"].set_index("arm")
    assert list(table.index) == ["model", "popularity", "recency", "repeat buyers", "random"]
    assert (table["low"] <= table["value"] + 1e-9).all()
    assert (table["value"] <= table["high"] + 1e-9).all()
    lead = table.loc["model", "value"] - table["value"]
    np.testing.assert_allclose(table["difference"][1:], lead[1:])
    curve = result.arrays["curve"]
    assert curve[:, 0].tolist() == sorted(curve[:, 0])
    at = curve[:, 0] == 8
    assert curve[at][0, 2] == pytest.approx(table.loc["model", "value"])
    assert curve[at][0, 3] == pytest.approx(table.loc["random", "value"])


def test_the_sentence_is_for_a_manager(result):
    assert result.answer.startswith("Of 8 customers ")
    for words in ("are expected to buy", "best simple rule", "at random", "The first 4 hold"):
        assert words in result.answer
    json.dumps(result.facts)


def test_it_survives_saving_and_has_a_page(result, tmp_path):
    result.save(tmp_path / "run")
    assert section_of(StudyResult.load(tmp_path / "run")).question.startswith(
        "What would this campaign"
    )


def test_what_is_impossible_is_refused():
    with pytest.raises(SettingsError, match="needs a size"):
        evaluate_campaign(shop(), RIM, {"name": "x", "items": ["a"]})
    with pytest.raises(SettingsError, match="2 campaigns are given"):
        evaluate_campaign(
            shop(), RIM, tsgen.allocation.Plan(campaigns=[MINE, MINE | {"name": "y"}])
        )
    with pytest.raises(DataError, match="20 origins need 21 horizons"):
        evaluate_campaign(shop(), RIM, MINE, origins=20)
    with pytest.raises(SettingsError, match="origins=0"):
        evaluate_campaign(shop(), RIM, MINE, origins=0)


def test_users_who_come_later_may_be_excluded():
    late = shop().tail(1).assign(user_id=777)
    table = pd.concat([shop(), late], ignore_index=True)
    result = evaluate_campaign(table, RIM, MINE, origins=1, exclude=[777], draws=5, seed=1)
    whole = evaluate_campaign(table, RIM, MINE, origins=1, draws=5, seed=1)
    assert [r.facts["origins"][0]["may_be_listed"] for r in (result, whole)] == [39, 39]
    with pytest.raises(DataError, match="None of the 1 users to exclude is known"):
        evaluate_campaign(table, RIM, MINE, origins=1, exclude=[888], draws=5, seed=1)


def test_an_item_that_is_newer_than_an_origin_names_the_origin():
    table = shop()
    late = table["timestamp"] > table["timestamp"].max() - pd.Timedelta("10D")
    table.loc[late & (np.arange(len(table)) % 3 == 0), "item_id"] = "new"
    mine = {"name": "x", "items": ["a", "new"], "at_most": 8}
    assert evaluate_campaign(table, RIM, mine, origins=1, draws=5, seed=1).answer
    with pytest.raises(DataError, match=r"At the past origin 2024-.*no item 'new'.*fewer origins"):
        evaluate_campaign(table, RIM, mine, origins=2, draws=5, seed=1)
    unheard = mine | {"items": ["zebra"]}
    with pytest.raises(DataError, match=r"^Campaign 'x': There is no item 'zebra'"):
        evaluate_campaign(table, RIM, unheard, origins=2, draws=5, seed=1)


def test_a_list_of_more_than_there_are_says_how_many_were_asked_for():
    result = evaluate_campaign(shop(), RIM, MINE, size=5000, origins=1, draws=5, seed=1)
    assert result.facts["settings"]["asked"] == 5000
    assert result.facts["settings"]["size"] == result.facts["origins"][0]["may_be_listed"]
    assert "5,000 were asked for, but only" in result.answer


def test_calibration_says_whose_chances_are_judged(result):
    assert result.facts["calibration"]["chances"]["sentence"].startswith(
        "Chances of all who may be listed "
    )

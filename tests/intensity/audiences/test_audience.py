"""Audiences: sorted, as the scores say, and of whom they may be of."""

from collections import deque
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tsgen
from small_shop import ITEMS, QUIET, USERS, log, read
from tsgen import RIMEstimator
from tsgen.errors import (
    DataError,
    DataWarning,
    ModelFormatError,
    OutputError,
    SettingsError,
    TsgenError,
    UnknownIdError,
)
from tsgen.intensity import RIMModel
from tsgen.intensity.scoring.probability import ProbabilityMap


@pytest.fixture(scope="module")
def events(shop_events):
    return shop_events


@pytest.fixture(scope="module")
def model(shop_model):
    return shop_model


def test_an_audience_is_sorted_means_what_it_says_and_agrees_with_the_scores(model):
    table = model.audience(104, size=10)
    assert list(table["rank"]) == list(range(1, 11))
    assert (np.diff(table["intensity"]) <= 0).all()
    chance = model.parts.probability.probability(table["intensity"].to_numpy())
    np.testing.assert_allclose(table["probability"], chance)
    assert (table["probability"] <= table["intensity"]).all()
    np.testing.assert_allclose(table["intensity"], table["activity"] * table["relevance"])
    full = model.scores().to_frame().query("item_id == 104").set_index("user_id")["score"]
    np.testing.assert_allclose(full[table["user_id"]], table["intensity"], rtol=1e-6)
    assert full.nlargest(10).min() == pytest.approx(table["intensity"].min())


def test_several_items_are_one_campaign_and_many_audiences_are_each_their_own(model):
    single = [model.audience(item, size=41).set_index("user_id") for item in (101, 105)]
    both = model.audience([101, 105], size=41).set_index("user_id")
    total = single[0]["intensity"] + single[1]["intensity"]
    np.testing.assert_allclose(both["intensity"], total[both.index], rtol=1e-6)
    stacked = model.audiences([105, 101], size=6)
    for item, alone in zip((101, 105), single, strict=True):
        part = stacked[stacked["item_id"] == item]
        assert part["user_id"].tolist() == alone.index[:6].tolist()
        np.testing.assert_allclose(part["intensity"], alone["intensity"][:6], rtol=1e-6)
        np.testing.assert_allclose(part["relevance"], alone["relevance"][:6], rtol=1e-6)


def test_one_item_more_makes_a_campaign_no_less_likely_than_one_of_its_items(model):
    steep = ProbabilityMap(0.8, 2.0, 1.0, -1.0, 0.1)  # as if all items were bought in one visit
    model = RIMModel(
        model.settings, replace(model.parts, probability=steep), model.items, model.states,
        timezone=model.timezone, user_table=model.user_table, item_table=model.item_table,
        history=[], seed=0, summary={},
    )  # fmt: skip
    items = [101, 105, 107]
    together = model.audience(items, threshold=0.0).set_index("user_id")["probability"]
    for item in items:
        alone = model.audience(item, threshold=0.0).set_index("user_id")["probability"]
        assert (together >= alone[together.index] - 1e-12).all()
    likely = model.audience(items, threshold=0.3)
    assert len(likely) == (together >= 0.3).sum() > 0


def test_size_threshold_and_exclusions_are_obeyed(model):
    everyone = model.audience(104, threshold=0.0)
    assert len(everyone) == 41
    chosen = model.audience(104, threshold=0.1)
    assert (chosen["probability"] >= 0.1).all()
    assert len(chosen) == (everyone["probability"] >= 0.1).sum()
    assert len(model.audience(104, threshold=0.1, size=2)) == 2
    best = everyone["user_id"].tolist()[:3]
    rest = model.audience(104, size=41, exclude=best)
    assert rest["user_id"].tolist() == everyone["user_id"].tolist()[3:]
    assert model.audience(104, size=41, exclude=[])["user_id"].tolist() == (
        everyone["user_id"].tolist()
    )
    with pytest.warns(DataWarning, match=r"1 of 2 users to exclude are not known .*'nobody'"):
        assert len(model.audience(104, size=41, exclude=["nobody", best[0]])) == 40
    german = set(USERS.loc[USERS["country"] == "DE", "user_id"])
    assert set(model.audience(104, size=41, where={"country": "DE"})["user_id"]) == german
    others = model.audience(104, size=41, exclude_where={"country": ["DE", "AT"]})
    assert set(others["user_id"]) == set(USERS.loc[USERS["country"] == "CH", "user_id"])
    with pytest.raises(SettingsError, match=r"no attribute 'county'.*'country'"):
        model.audience(104, size=1, where={"county": "DE"})


def seen_by(events, item_ids):
    table = events.to_frame()
    return set(table.loc[table["item_id"].isin(item_ids), "user_id"])


def test_a_campaign_by_attribute_is_the_campaign_of_its_items(model):
    teas = model.items_where({"kind": "tea", "brand": ["x", "z"]})
    wanted = ITEMS[(ITEMS["kind"] == "tea") & ITEMS["brand"].isin(["x", "z"])]
    assert teas == wanted["item_id"].tolist()
    pd.testing.assert_frame_equal(model.audience(teas, size=9), model.audience(list(teas), size=9))
    assert set(model.recommend("u03", size=13, items=teas)["item_id"]) == set(teas)
    with pytest.raises(SettingsError, match=r"no attribute 'kinds'.*'kind'"):
        model.items_where({"kinds": "tea"})
    with (
        pytest.warns(DataWarning, match=r"kind = 'cup' do not exist; its values are 'tea', 'mug'"),
        pytest.raises(DataError, match="No item has"),
    ):
        model.items_where({"kind": "cup"})
    with (
        pytest.warns(DataWarning, match="Did you mean 'mug'"),
        pytest.raises(DataError, match="No item has kind = 'mugg' or 'cup', brand = 'x'; there"),
    ):
        model.items_where({"kind": ["mugg", "cup"], "brand": "x"})


def test_users_who_have_seen_the_item_or_its_like_are_left_out(model, events):
    before = read(events.before("2024-02-20").to_frame())
    everyone = set(model.audience([104, 105], size=41)["user_id"])
    new = set(model.audience([104, 105], size=41, exclude_seen=True)["user_id"])
    assert new == everyone - seen_by(before, [104, 105])
    assert 0 < len(new) < 41
    akin = ITEMS.loc[ITEMS["brand"] == "x", "item_id"]
    strangers = set(model.audience(104, size=41, exclude_seen="brand")["user_id"])
    assert strangers == everyone - seen_by(before, akin)
    both = set(model.audience(104, size=41, exclude_seen=["brand", "kind"])["user_id"])
    akin = ITEMS.loc[(ITEMS["brand"] == "x") | (ITEMS["kind"] == "tea"), "item_id"]
    assert both == everyone - seen_by(before, akin)
    for like in (True, "brand"):
        stacked = model.audiences([105, 104], size=41, exclude_seen=like)
        for item in (104, 105):
            alone = model.audience(item, size=41, exclude_seen=like)["user_id"].tolist()
            assert stacked.loc[stacked["item_id"] == item, "user_id"].tolist() == alone
    with pytest.raises(SettingsError, match=r"no attribute 'brands'.*'brand'"):
        model.audience(104, size=1, exclude_seen="brands")


def test_mistakes_in_a_request_are_named(model, tmp_path):
    with pytest.raises(UnknownIdError, match=r"no item '104'.*type int"):
        model.audience("104", size=1)
    with pytest.raises(UnknownIdError, match=r"no user 'u3'\. Did you mean 'u3"):
        model.recommend("u3")
    with pytest.raises(DataError, match=r"\['u01'\] is not one user id but a list"):
        model.recommend(["u01"])
    with pytest.raises(DataError, match=r"\[105\] is not one item id but a list"):
        model.items.find([104, [105]])
    with pytest.raises(DataError, match=r"None of the 1 users to exclude is known .*: 7, int"):
        model.audience(104, size=1, exclude=np.array([7]))
    with pytest.raises(SettingsError, match="needs size"):
        model.audience(104)
    with pytest.raises(SettingsError, match="threshold=2"):
        model.audience(104, threshold=2)
    with pytest.raises(SettingsError, match="exclude is a str; give a list"):
        model.audience(104, size=1, exclude="u01")
    with pytest.raises(SettingsError, match="size=0"):
        model.audience(104, size=0)
    with pytest.raises(DataError, match="list of items is empty"):
        model.audience([], size=1)
    model.save(tmp_path / "model")
    with pytest.raises(OutputError, match="exists already"):
        model.save(tmp_path / "model")
    (tmp_path / "model" / "users.parquet").write_bytes(b"")
    with pytest.raises(ModelFormatError, match="damaged"):
        tsgen.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"size": 2.5}, "size=2.5 is not possible"),
        ({"threshold": "0.1"}, "threshold='0.1' is not possible"),
        ({"threshold": float("nan")}, "threshold=nan"),
        ({"size": 3, "events": [1, 2]}, "given as list; give a data frame"),
        ({"size": 3, "exclude_seen": "colour"}, "no attribute 'colour'"),
    ],
    ids=["size", "text", "nan", "events", "column"],
)
def test_an_impossible_request_is_one_sentence(model, request_, message):
    with pytest.raises(TsgenError, match=message):
        model.audience(104, **request_)


def test_items_may_come_in_any_collection_and_newer_events_must_fit(model):
    expected = model.audience([104, 105], size=5)
    kinds = (np.array, pd.Series, pd.Index, pd.array, set, tuple, frozenset, deque)
    for kind in kinds:
        pd.testing.assert_frame_equal(model.audience(kind([104, 105]), size=5), expected)
    strange = log().assign(item_id="unheard of")
    with (
        pytest.warns(DataWarning, match="900 events of items"),
        pytest.raises(DataError, match=r"None of the 900 events .*such as 100"),
    ):
        model.audience(104, size=5, events=read(strange))


def test_a_tuple_is_one_id_where_ids_are_tuples():
    pairs = log().assign(item_id=lambda table: [("shop", k) for k in table["item_id"]])
    model = RIMEstimator(horizon="7D", relevance="popularity").train(read(pairs), options=QUIET)
    one = model.audience(("shop", 104), size=5)
    pd.testing.assert_frame_equal(one, model.audience([("shop", 104)], size=5))
    both = model.audience([("shop", 104), ("shop", 105)], size=5)
    assert (both["intensity"].max() > one["intensity"]).all()
    with pytest.raises(UnknownIdError, match="no item 'shop'"):
        model.audience("shop", size=5)


def test_an_item_named_twice_counts_once(model):
    both = model.audience([104, 104, 105], size=5)
    pd.testing.assert_frame_equal(both, model.audience([104, 105], size=5))
    with pytest.raises(DataError, match="give each id by itself"):
        model.audience([104, [105]], size=5)
    once = model.audiences([104, 104], size=5)
    pd.testing.assert_frame_equal(once, model.audiences([104], size=5))

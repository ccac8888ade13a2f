"""Recommendations: what many users are offered is what each alone is."""

import pandas as pd
import pytest

from small_shop import ITEMS, QUIET, log, read
from tsgen import RIMEstimator
from tsgen.errors import DataError, SettingsError, UnknownIdError


@pytest.fixture(scope="module")
def events(shop_events):
    return shop_events


@pytest.fixture(scope="module")
def model(shop_model):
    return shop_model


def test_recommendations_leave_out_what_was_seen(model, events):
    before = events.before("2024-02-20")
    mine = set(before.history("u03")["item_id"])
    assert 0 < len(mine) < 12
    found = model.recommend("u03", size=13, exclude_seen=True)["item_id"].tolist()
    assert set(found) == set(ITEMS["item_id"]) - mine
    brands = set(ITEMS.loc[ITEMS["item_id"].isin(mine), "brand"])
    found = model.recommend("u03", size=13, exclude_seen="brand")["item_id"]
    assert set(found) == set(ITEMS.loc[~ITEMS["brand"].isin(brands), "item_id"])
    assert len(model.recommend("u03", size=3, items=sorted(mine), exclude_seen=True)) == 0


@pytest.mark.parametrize("repeats", ["learned", "never"])
def test_many_recommendations_are_each_their_own(events, monkeypatch, repeats):
    model = RIMEstimator(horizon="7D", relevance="popularity", repeats=repeats).train(
        events, at="2024-02-20", options=QUIET
    )
    users, fresh = ["u07", "u03", "u40", "u21"], read(log(seed=9))
    for block in (13, 10**6):  # one user at a time, and all
        monkeypatch.setattr("tsgen.intensity.audiences.tables.BLOCK_NUMBERS", block)
        for options in (
            {"size": 3}, {"size": 13, "exclude_seen": True}, {"size": 13, "exclude_seen": "brand"},
            {"size": 4, "items": [104, 101, 112, 101]}, {"size": 2, "at": "2024-03-01"},
            {"size": 13, "items": [101, 105], "exclude_seen": ["kind", "brand"]},
        ):  # fmt: skip
            stacked = model.recommendations([*users, "u07"], **options)
            assert list(dict.fromkeys(stacked["user_id"])) == [
                user for user in users if len(model.recommend(user, **options))
            ]
            for user in users:
                own = stacked[stacked["user_id"] == user].drop(columns="user_id")
                pd.testing.assert_frame_equal(
                    own.reset_index(drop=True), model.recommend(user, **options), check_dtype=False
                )
    newer = model.recommendations(pd.Index(["u03"]), size=5, events=fresh)
    assert newer["item_id"].tolist() == (
        model.recommend("u03", size=5, events=fresh)["item_id"].tolist()
    )


def test_mistakes_in_a_request_for_many_users_are_named(model):
    with pytest.raises(DataError, match="The list of users is empty"):
        model.recommendations([], size=3)
    with pytest.raises(UnknownIdError, match="There is no user 'u99'"):
        model.recommendations(["u01", "u99"], size=3)
    with pytest.raises(SettingsError, match="size=0"):
        model.recommendations(["u01"], size=0)
    with pytest.raises(SettingsError, match=r"no attribute 'brands'.*'brand'"):
        model.recommendations(["u01"], size=3, exclude_seen="brands")

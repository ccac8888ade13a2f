import numpy as np
import pandas as pd
import pytest

from small_shop import ITEMS, QUIET, USERS, log, read
from tsgen import RIMEstimator
from tsgen.data import Vocabulary
from tsgen.errors import (
    DataError,
    DataWarning,
)


@pytest.fixture(scope="module")
def events(shop_events):
    return shop_events


@pytest.fixture(scope="module")
def model(shop_model):
    return shop_model


def test_missing_attributes_are_like_nothing():
    items = ITEMS.assign(kind=None, brand=["x", None] * 6 + [None])
    model = RIMEstimator(horizon="7D", relevance="popularity").train(
        read(log(), items=items), options=QUIET
    )
    alone = model.audience(101, size=41, exclude_seen=True)["user_id"].tolist()
    assert model.audience(101, size=41, exclude_seen=["brand", "kind"])["user_id"].tolist() == alone


def test_users_without_attributes_who_meet_a_filter_are_told(model):
    fresh = read(pd.concat([log(seed=9), log(seed=9)[:5].assign(user_id="new")]))
    assert "new" in set(model.audience(104, size=99, events=fresh)["user_id"])
    with pytest.warns(DataWarning, match="1 of 38 users are in no table of users .*'new'"):
        found = model.audience(104, size=99, where={"country": "DE"}, events=fresh)
    assert set(found["user_id"]) <= set(USERS.loc[USERS["country"] == "DE", "user_id"])
    with pytest.warns(DataWarning, match="no attribute applies to them"):
        model.audiences([104], size=99, exclude_where={"country": "DE"}, events=fresh)


def test_unseen_items_borrow_from_those_that_share_attributes(model, events):
    # 112 was never sold; it is a tea, of a brand of its own.
    teas = ITEMS.loc[(ITEMS["kind"] == "tea") & (ITEMS["item_id"] != 112), "item_id"]
    plain = RIMEstimator(
        horizon="7D", relevance="popularity", repeats="none", new_items="equal"
    ).train(events, options=QUIET)
    scores = plain.scores().to_frame().set_index(["user_id", "item_id"])["score"].loc["u03"]
    assert scores[112] == pytest.approx(np.exp(np.log(scores[teas]).mean()), rel=1e-5)
    without = RIMEstimator(horizon="7D", relevance="popularity").train(
        read(log(), items=ITEMS[["item_id"]]), options=QUIET
    )
    with pytest.raises(DataError, match="Item 112 has no event before"):
        without.audience(112, size=3)
    assert 112 not in without.recommend("u03", size=12)["item_id"].tolist()


def test_who_comes_after_the_cut_off_is_in_no_audience_unless_a_table_says_otherwise():
    late = pd.DataFrame({"user_id": ["new"], "item_id": [999], "timestamp": ["2024-02-25"]})
    late["timestamp"] = pd.to_datetime(late["timestamp"])
    both = pd.concat([log(), late])
    estimator = RIMEstimator(horizon="7D", relevance="popularity")
    plain = estimator.train(read(both), at="2024-02-20", options=QUIET)
    assert "new" not in set(plain.audience(104, size=99)["user_id"])
    assert "new" not in set(plain.audiences([104, 105], size=99)["user_id"])
    assert "new" in plain.scores().user_ids
    assert set(plain.scores(present=True).top_users(99)["user_id"]) == set(
        plain.audience(104, size=99)["user_id"]
    )
    with pytest.raises(DataError, match="Item 999 has no event before the training cut-off"):
        plain.audience(999, size=5)
    users = pd.concat([USERS, pd.DataFrame({"user_id": ["new"], "country": ["DE"]})])
    known = estimator.train(read(both, users=users), at="2024-02-20", options=QUIET)
    assert "new" in set(known.audience(104, size=99)["user_id"])
    assert "new" in known.scores(present=True).user_ids


def test_other_users_can_be_filtered_by_their_attributes_in_training(model):
    trained = model.candidates()
    ids = pd.Series(["stranger", *trained.users.ids[[5, 2, 9]]])
    users = Vocabulary.of(ids, "user")[1]
    present = users.ids != users.ids[1]
    others = trained.of_users(users, present, 77)
    assert others.at == 77
    own = dict(zip(trained.users.ids, trained.user_table["country"], strict=True))
    expected = [own.get(user) for user in users.ids]
    assert others.user_table["country"].where(lambda c: c.notna(), None).tolist() == expected
    listed = np.array([user in own for user in users.ids])
    assert np.array_equal(others.present, listed | present)
    with pytest.warns(DataWarning, match="1 of 4 users are in no table of users"):
        allowed = others.eligible([users.ids[0]], {"country": ["CH", "AT"]}, None).allowed
    wanted = [own.get(user) in ("CH", "AT") for user in users.ids]
    assert allowed.tolist() == [False, *wanted[1:]]

import itertools

import numpy as np
import pandas as pd
import pytest

import tsgen
from small_shop import ITEMS, QUIET, USERS, log, read
from tsgen import RIMEstimator
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


def tiny(**settings):
    network = {"hidden_size": 8, "num_layers": 1, "max_epochs": 2}
    return RIMEstimator(**{"horizon": "7D", "network": network} | settings)


COMBINATIONS = [
    *itertools.product(
        ["popularity"], ["none", "popularity", "moving-average", "hawkes"], ["none"]
    ),
    ("popularity", "pareto-nbd", "never"),
    ("popularity", "learned", "mixture"),
    ("popularity", "hawkes-likelihood", "none"),
    ("gru", "none", "none"),
    ("gru", "hawkes", "none"),
    ("gru", "hawkes-poisson", "mixture"),
    ("transformer", "hawkes-poisson", "never"),
]


@pytest.mark.parametrize(("relevance", "activity", "repeats"), COMBINATIONS)
def test_every_combination_scores_saves_and_loads(events, tmp_path, relevance, activity, repeats):
    estimator = tiny(relevance=relevance, activity=activity, repeats=repeats, num_decays=5)
    model = estimator.train(events, at="2024-02-20", options=QUIET)
    scores = model.scores()
    dense = scores.block(slice(0, 41), slice(0, 13)).astype(float)
    active = model.candidates().activity
    np.testing.assert_allclose(dense.sum(axis=1), active, rtol=1e-4)
    borrows = scores.item_ids == 112  # never sold: it takes of what the others would have
    assert (dense[active > 0][:, borrows] > 0).all()
    model.save(tmp_path / "model")
    loaded = tsgen.load(tmp_path / "model", device="cpu")
    for call in (
        lambda m: m.audience(103, size=12),
        lambda m: m.audiences([101, 105], size=5),
        lambda m: m.recommend("u03", size=4, at="2024-03-01"),
        lambda m: m.audience(103, size=9, events=read(log(seed=9))),
    ):
        pd.testing.assert_frame_equal(call(loaded), call(model))
    assert loaded.settings == model.settings
    assert repr(loaded) == repr(model)


def test_activity_comes_from_users_and_repeats_from_pairs(events):
    model = RIMEstimator(horizon="7D", relevance="popularity").train(events, options=QUIET)
    favourite = model.recommend("u07", size=1)["item_id"].iloc[0]
    assert favourite == 107
    plain = RIMEstimator(horizon="7D", relevance="popularity", repeats="none").train(
        events, options=QUIET
    )
    # Without repeats, popularity ranks users by activity alone, for every item alike.
    orders = [plain.audience(item, size=41)["user_id"].tolist() for item in (101, 107)]
    assert orders[0] == orders[1]
    assert model.audience(107, size=41)["user_id"].tolist() != orders[1]


def test_pairs_that_never_recur_are_in_no_list(events):
    model = RIMEstimator(horizon="7D", relevance="popularity", repeats="never").train(
        events, options=QUIET
    )
    seen = set(zip(log()["user_id"], log()["item_id"], strict=True))
    table = model.audience(107, size=41)
    assert not {(user, 107) for user in table["user_id"]} & seen
    assert len(table) == 41 - len({u for u, i in seen if i == 107})
    assert not {("u07", item) for item in model.recommend("u07", size=13)["item_id"]} & seen


def test_shifting_all_times_and_renaming_users_permutes_the_scores(model, events):
    table = log()
    table["timestamp"] += pd.Timedelta("1000D")
    names = {f"u{k:02d}": f"u{(k * 7 + 3) % 41:02d}" for k in range(41)}
    table["user_id"] = table["user_id"].map(names)
    users = USERS.assign(user_id=USERS["user_id"].map(names))
    other = RIMEstimator(horizon="7D", relevance="popularity").train(
        read(table, users=users, items=ITEMS),
        at=pd.Timestamp("2024-02-20") + pd.Timedelta("1000D"),
        options=QUIET,
    )
    before = model.scores().to_frame().set_index(["user_id", "item_id"])["score"]
    after = other.scores().to_frame().set_index(["user_id", "item_id"])["score"]
    renamed = before.rename(index=names, level=0)
    np.testing.assert_allclose(after[renamed.index], renamed, rtol=1e-4)


@pytest.mark.filterwarnings("ignore:The newer log has 1 of the 41 users")
def test_newer_events_rescore_without_training(model, events):
    same = model.audience(104, size=41, events=events.before("2024-02-20"), at="2024-02-20")
    np.testing.assert_allclose(
        same.set_index("user_id")["intensity"].sort_index(),
        model.audience(104, size=41).set_index("user_id")["intensity"].sort_index(),
        rtol=1e-5,
    )
    fresh = pd.DataFrame({
        "user_id": ["new"] * 3 + ["u00"],
        "item_id": [104, 104, 104, 999],
        "timestamp": pd.to_datetime(["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-03"]),
    })  # fmt: skip
    with pytest.warns(DataWarning, match="1 events of items that the model does not know"):
        table = model.audience(104, size=9, events=fresh)
    assert table["user_id"].tolist() == ["new", "u00"]
    with pytest.warns(DataWarning) as caught:
        model.audience(104, size=9, events=fresh, at="2024-03-02")
    assert any("3 events at or after" in str(warning.message) for warning in caught)


def test_attributes_of_a_newer_log_replace_those_of_training(model):
    moved = USERS.assign(country=USERS["country"].replace("DE", "FR"), age=30)
    late = pd.DataFrame({"user_id": ["new"], "country": ["FR"], "age": [40]})
    fresh = pd.concat([log(seed=9), log(seed=9)[:5].assign(user_id="new")])
    newer = read(fresh, users=pd.concat([moved, late]))
    french = set(model.audience(104, size=99, where={"country": "FR"}, events=newer)["user_id"])
    assert french == set(USERS.loc[USERS["country"] == "DE", "user_id"]) | {"new"}
    old = model.audience(104, size=99, exclude_where={"age": 30}, events=newer)["user_id"]
    assert old.tolist() == ["new"]
    # A newer table that tells of one user alone: the others' attributes are those of training.
    with pytest.warns(DataWarning, match="lacks"):
        newer = read(fresh, users=late)
    german = set(model.audience(104, size=99, where={"country": "DE"}, events=newer)["user_id"])
    assert german == set(USERS.loc[USERS["country"] == "DE", "user_id"]) & set(fresh["user_id"])


def test_items_of_a_newer_log_borrow_by_its_attributes(model, events):
    plain = RIMEstimator(horizon="7D", relevance="popularity", repeats="none").train(
        read(log(), items=ITEMS[["item_id"]].assign(colour=None)), options=QUIET
    )
    with pytest.raises(DataError, match="Item 112 has no event before"):
        plain.audience(112, size=3)
    told = read(log(), items=ITEMS)
    same = RIMEstimator(
        horizon="7D", relevance="popularity", repeats="none", new_items="equal"
    ).train(told, options=QUIET)
    pd.testing.assert_frame_equal(
        plain.audience(112, size=9, events=told), same.audience(112, size=9)
    )
    few = plain.audience(112, size=41, exclude_seen="kind", events=told)
    assert few["user_id"].tolist() == (
        same.audience(112, size=41, exclude_seen="kind")["user_id"].tolist()
    )


def test_a_log_that_holds_no_whole_histories_is_told(model, events):
    week = read(events.to_frame().query("timestamp >= '2024-02-26' and user_id < 'u15'"))
    with pytest.warns(DataWarning, match=r"of the 41 users of training and is taken as whole"):
        model.audience(104, size=3, events=week)
    with pytest.warns(DataWarning, match=r"ends at 2024-01-\d\d .* before the training cut-off"):
        model.audience(104, size=3, events=events.before("2024-02-01"))


def test_a_user_without_events_has_the_lowest_activity(model):
    table = model.audience(104, size=41).set_index("user_id")
    assert table.loc["u40", "activity"] == pytest.approx(table["activity"].min())

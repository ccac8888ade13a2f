import itertools
from collections import deque
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen import Interactions, RIMEstimator, TrainingOptions
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
from tsgen.intensity.scoring.probability import ChanceMap

QUIET = TrainingOptions(seed=3, device="cpu", progress=False)
START = pd.Timestamp("2024-01-01")
USERS = pd.DataFrame({
    "user_id": [f"u{k:02d}" for k in range(41)],
    "country": ["DE", "AT", "CH", "DE"] * 10 + ["DE"],
})  # fmt: skip
ITEMS = pd.DataFrame({
    "item_id": range(100, 113),
    "kind": ["tea", "mug", "tea", "mug"] * 3 + ["tea"],
    "brand": ["x", "x", "y", "y"] * 3 + ["z"],
})  # fmt: skip


def log(seed=0, size=900, days=60):
    """40 users of very different activity who come back to a few items each; u40 does nothing."""
    random = np.random.default_rng(seed)
    weight = random.gamma(0.7, 1, 40)
    user = random.choice(40, size, p=weight / weight.sum())
    item = np.where(random.random(size) < 0.6, user % 12, random.integers(0, 12, size))
    stamps = START + pd.to_timedelta(random.integers(0, days * 86_400, size), "s")
    return pd.DataFrame({
        "user_id": [f"u{u:02d}" for u in user],
        "item_id": 100 + item,
        "timestamp": stamps,
    })  # fmt: skip


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)


@pytest.fixture(scope="module")
def events():
    return read(log(), users=USERS, items=ITEMS)


@pytest.fixture(scope="module")
def model(events):
    return RIMEstimator(horizon="7D", relevance="popularity").train(
        events, at="2024-02-20", options=QUIET
    )


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


def test_an_audience_is_sorted_means_what_it_says_and_agrees_with_the_scores(model):
    table = model.audience(104, size=10)
    assert list(table["rank"]) == list(range(1, 11))
    assert (np.diff(table["intensity"]) <= 0).all()
    chance = model.parts.chance.probability(table["intensity"].to_numpy())
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
    steep = ChanceMap(0.8, 2.0, 1.0, -1.0, 0.1)  # as if all items were bought in one visit
    model = RIMModel(
        model.settings, replace(model.parts, chance=steep), model.items, model.states,
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
        monkeypatch.setattr("tsgen.intensity.scoring.lists.BLOCK_NUMBERS", block)
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


def test_missing_attributes_are_like_nothing():
    items = ITEMS.assign(kind=None, brand=["x", None] * 6 + [None])
    model = RIMEstimator(horizon="7D", relevance="popularity").train(
        read(log(), items=items), options=QUIET
    )
    alone = model.audience(101, size=41, exclude_seen=True)["user_id"].tolist()
    assert model.audience(101, size=41, exclude_seen=["brand", "kind"])["user_id"].tolist() == alone


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


def test_later_events_leak_into_nothing(events):
    moved = log()
    later = moved["timestamp"] >= "2024-02-20"
    moved.loc[later, "timestamp"] += pd.Timedelta("90D")
    moved.loc[later, "item_id"] = 100
    other = read(moved, users=USERS, items=ITEMS)
    frames = [
        tiny(relevance="gru").train(log_, at="2024-02-20", options=QUIET).scores().to_frame()
        for log_ in (events, other)
    ]
    pd.testing.assert_frame_equal(*frames)


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


def test_users_without_attributes_who_meet_a_filter_are_told(model):
    fresh = read(pd.concat([log(seed=9), log(seed=9)[:5].assign(user_id="new")]))
    assert "new" in set(model.audience(104, size=99, events=fresh)["user_id"])
    with pytest.warns(DataWarning, match="1 of 38 users are in no table of users .*'new'"):
        found = model.audience(104, size=99, where={"country": "DE"}, events=fresh)
    assert set(found["user_id"]) <= set(USERS.loc[USERS["country"] == "DE", "user_id"])
    with pytest.warns(DataWarning, match="no attribute applies to them"):
        model.audiences([104], size=99, exclude_where={"country": "DE"}, events=fresh)


def test_items_of_a_newer_log_borrow_by_its_attributes(model, events):
    plain = RIMEstimator(horizon="7D", relevance="popularity", repeats="none").train(
        read(log(), items=ITEMS[["item_id"]].assign(colour=None)), options=QUIET
    )
    with pytest.raises(DataError, match="Item 112 has no event before"):
        plain.audience(112, size=3)
    told = read(log(), items=ITEMS)
    same = RIMEstimator(horizon="7D", relevance="popularity", repeats="none").train(
        told, options=QUIET
    )
    pd.testing.assert_frame_equal(
        plain.audience(112, size=9, events=told), same.audience(112, size=9)
    )
    few = plain.audience(112, size=41, exclude_seen="kind", events=told)
    assert few["user_id"].tolist() == (
        same.audience(112, size=41, exclude_seen="kind")["user_id"].tolist()
    )


def test_time_without_events_lowers_a_self_exciting_users_intensity(model):
    best = model.audience(104, size=1)["user_id"].iloc[0]
    now = model.recommend(best, size=1)["intensity"].iloc[0]
    later = model.recommend(best, size=1, at="2024-06-01")["intensity"].iloc[0]
    assert later < now
    with pytest.raises(SettingsError, match="before the training cut-off"):
        model.recommend(best, at="2024-01-15")


def test_unseen_items_borrow_from_those_that_share_attributes(model, events):
    # 112 was never sold; it is a tea, of a brand of its own.
    teas = ITEMS.loc[(ITEMS["kind"] == "tea") & (ITEMS["item_id"] != 112), "item_id"]
    plain = RIMEstimator(horizon="7D", relevance="popularity", repeats="none").train(
        events, options=QUIET
    )
    scores = plain.scores().to_frame().set_index(["user_id", "item_id"])["score"].loc["u03"]
    assert scores[112] == pytest.approx(np.exp(np.log(scores[teas]).mean()), rel=1e-5)
    without = RIMEstimator(horizon="7D", relevance="popularity").train(
        read(log(), items=ITEMS[["item_id"]]), options=QUIET
    )
    with pytest.raises(DataError, match="Item 112 has no event before"):
        without.audience(112, size=3)
    assert 112 not in without.recommend("u03", size=12)["item_id"].tolist()


@pytest.mark.parametrize("relevance", ["gru", "popularity"])
def test_several_devices_are_refused_before_training(events, relevance):
    rows = []
    options = QUIET.model_copy(update={"devices": 2, "on_row": rows.append})
    with pytest.raises(SettingsError, match=r"devices=2 is not possible for RIM.*use devices=1"):
        tiny(relevance=relevance).train(events, options=options)
    assert not rows


def test_what_cannot_be_saved_is_refused_before_training(monkeypatch):
    monkeypatch.setattr("tsgen.intensity.estimator.PartsFitter", None)  # nothing is learnt
    estimator = RIMEstimator(horizon="7D", relevance="popularity")
    mixed = USERS.assign(age=[1, "x"] * 20 + [None])
    with pytest.raises(DataError, match=r"'age' of users has .*int, str, such as 1 and 'x'\)"):
        estimator.train(read(log(), users=mixed), options=QUIET)
    objects = ITEMS.assign(shape=[{1, 2}, complex(1, 2)] * 6 + [None])
    with pytest.raises(DataError, match=r"'shape' of items has values that a model folder cannot"):
        estimator.train(read(log(), items=objects), options=QUIET)
    decimals = log().assign(item_id=lambda table: table["item_id"].map(Decimal))
    with pytest.raises(DataError, match=r"item ids are objects that cannot be saved.*astype\(str"):
        estimator.train(read(decimals), options=QUIET)


def test_attributes_of_many_kinds_are_saved_as_they_are(tmp_path):
    users = USERS.assign(
        since=pd.date_range("2020", periods=41, unit="us"), spent=Decimal("1.50"),
        month=pd.Period("2024-01", "M"), size=pd.Categorical(["s", "m"] * 20 + ["l"]),
        regular=[True, None] * 20 + [False],
    )  # fmt: skip
    model = RIMEstimator(horizon="7D", relevance="popularity").train(
        read(log(), users=users), options=QUIET
    )
    model.save(tmp_path / "model")
    pd.testing.assert_frame_equal(tsgen.load(tmp_path / "model").user_table, model.user_table)


def test_odd_logs_are_served_or_refused_in_one_sentence():
    one_user = log().assign(user_id="only")
    model = RIMEstimator(horizon="7D", relevance="popularity").train(read(one_user), options=QUIET)
    assert model.audience(104, size=5)["user_id"].tolist() == ["only"]
    one_item = log().assign(item_id="cd")
    model = RIMEstimator(horizon="7D", relevance="popularity").train(read(one_item), options=QUIET)
    assert len(model.audience("cd", size=100)) == len(set(one_item["user_id"]))
    with pytest.raises(DataError, match="horizon 90D is longer than the data"):
        RIMEstimator(horizon="90D").train(read(log()))
    with pytest.raises(DataError, match="No event lies before the cut-off"):
        RIMEstimator(horizon="7D").train(read(log()), at="2020-01-01")
    with pytest.raises(SettingsError, match="horizon"):
        RIMEstimator(horizon="two weeks")


def test_one_event_with_a_date_gone_wrong_is_told():
    wrong = log(size=1).assign(timestamp=pd.Timestamp("2124-01-01"))
    table = pd.concat([log(), wrong])
    estimator = RIMEstimator(horizon="7D", activity="popularity", repeats="none")
    with pytest.warns(DataWarning, match="The last 1 of 901 events is at 2124-01-01"):
        estimator.train(read(table), options=QUIET)
    estimator.train(read(table), at="2024-03-01", options=QUIET)


def test_a_log_that_holds_no_whole_histories_is_told(model, events):
    week = read(events.to_frame().query("timestamp >= '2024-02-26' and user_id < 'u15'"))
    with pytest.warns(DataWarning, match=r"of the 41 users of training and is taken as whole"):
        model.audience(104, size=3, events=week)
    with pytest.warns(DataWarning, match=r"ends at 2024-01-\d\d .* before the training cut-off"):
        model.audience(104, size=3, events=events.before("2024-02-01"))


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


def test_a_user_without_events_has_the_lowest_activity(model):
    table = model.audience(104, size=41).set_index("user_id")
    assert table.loc["u40", "activity"] == pytest.approx(table["activity"].min())


def test_counts_are_forecast_on_a_steady_log():
    random = np.random.default_rng(1)
    table = log(seed=1, size=6000)
    table["timestamp"] = START + pd.to_timedelta(random.integers(0, 60 * 86_400, 6000), "s")
    estimator = RIMEstimator(horizon="7D", relevance="popularity", activity="bg-nbd")
    model = estimator.train(read(table), at="2024-02-20", options=QUIET)
    expected = model.scores().block(slice(0, 40), slice(0, 12)).astype(float)
    window = table[table["timestamp"].between("2024-02-20", "2024-02-27", inclusive="left")]
    assert expected.sum() == pytest.approx(len(window), rel=0.1)


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

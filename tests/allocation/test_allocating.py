from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tsgen
from tsgen.allocation import UserHashes
from tsgen.errors import DataError, DataWarning, SettingsError, UnknownIdError

PLAN = [{"name": "one", "items": ["a"]}, {"name": "two", "items": ["b", "c"], "value": 2.0}]


def test_one_campaign_without_limits_on_others_is_an_audience(model):
    table = tsgen.allocate(model, [{"name": "one", "items": ["a"], "at_most": 10}]).table
    assert table["user_id"].tolist() == model.audience("a", size=10)["user_id"].tolist()


def test_profit_contacts_nobody_who_costs_more_than_he_brings(model):
    plan = [{"name": "one", "items": ["a"], "cost": 0.3}]
    table = tsgen.allocate(model, plan, objective="profit").table
    assert (table["expected_value"] > table["cost"]).all()
    everybody = tsgen.allocate(model, plan).table
    assert len(table) == (everybody["expected_value"] > 0.3).sum() < len(everybody)


def test_filters_and_probabilities_hold(model):
    plan = [
        {"name": "one", "items": ["a"], "where": {"country": "DE"}},
        {"name": "two", "item_where": {"kind": "y"}, "exclude_where": {"country": "DE"}},
        {"name": "three", "items": ["a"], "min_probability": 0.3},
        {"name": "four", "items": ["a"], "exclude_seen": True},
        {"name": "five", "items": ["a"], "exclude": [101, 102]},
    ]
    table = tsgen.allocate(model, plan, max_campaigns=5).table
    users = {name: set(part["user_id"]) for name, part in table.groupby("campaign")}
    assert all(user % 3 == 0 for user in users["one"])
    assert all(user % 3 for user in users["two"])
    likely = model.audience("a", size=60, threshold=0.3)["user_id"]
    assert users["three"] == set(likely)
    assert users["four"] == set(model.audience("a", size=60, exclude_seen=True)["user_id"])
    assert not users["five"] & {101, 102}


def test_hold_outs_are_recorded_and_never_contacted(model, log):
    plan = [dict(PLAN[0], holdout=0.3), PLAN[1]]
    found = tsgen.allocate(model, plan, max_campaigns=2, holdout=0.2, salt="spring")
    hashes = UserHashes(log.users.ids, "spring")
    everywhere = set(log.users.ids[hashes.held_out("", 0.2)])
    of_one = set(log.users.ids[hashes.held_out("one", 0.3)]) | everywhere
    table, held = found.table, found.holdouts
    assert not set(table["user_id"]) & everywhere
    assert not set(table.loc[table["campaign"] == "one", "user_id"]) & of_one
    assert set(held.loc[held["campaign"] == "one", "user_id"]) == of_one
    assert set(held.loc[held["campaign"] == "two", "user_id"]) == everywhere
    assert (held["arm"] == "holdout").all()
    assert found.facts["counts"]["held out of all campaigns"] == len(everywhere)
    again = tsgen.allocate(model, plan, max_campaigns=2, holdout=0.2, salt="spring")
    pd.testing.assert_frame_equal(held, again.holdouts)


campaigns = st.fixed_dictionaries(
    {"items": st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3, unique=True)},
    optional={
        "at_most": st.integers(0, 30),
        "cost": st.sampled_from([0.3, "postage"]),
        "value": st.sampled_from([0.5, 3.0]),
        "min_probability": st.sampled_from([0.05, 0.3]),
        "exclude": st.lists(st.integers(100, 159), max_size=20),
        "exclude_seen": st.booleans(),
        "holdout": st.sampled_from([0.1, 0.5]),
        "where": st.just({"country": "FR"}),
    },
)


@settings(max_examples=60)
@given(
    st.lists(campaigns, min_size=1, max_size=4),
    st.lists(st.integers(100, 159), max_size=40),
    st.lists(st.integers(100, 159), max_size=40),
    st.sampled_from(["greedy", "exact", "dual"]),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([None, 5.0]),
)
def test_nobody_suppressed_or_held_out_is_ever_in_the_output(
    model, plan, exclude, contacted, solver, most, holdout, budget
):
    plan = [dict(one, name=f"c{place}") for place, one in enumerate(plan)]
    budget = budget if any("cost" in one for one in plan) else None
    for one in plan:
        if one.get("cost") == "postage":
            one["budget"] = 6.0
    hashes = UserHashes(model.states.users.ids, "tsgen")
    times = pd.Series(model.cutoff.tz_localize(None) - pd.Timedelta("1D"), range(len(contacted)))
    contacts = pd.DataFrame({"user_id": pd.Series(contacted, dtype="int64"), "timestamp": times})
    found = tsgen.allocate(
        model, plan, exclude=exclude, contacts=contacts, max_contacts=2, solver=solver,
        max_campaigns=most, holdout=holdout, budget=budget,
    )  # fmt: skip
    table = found.table
    ids = model.states.users.ids
    before = Counter(contacted)
    assert not set(table["user_id"]) & set(exclude)
    assert not set(found.holdouts["user_id"]) & set(exclude)
    assert not set(table["user_id"]) & set(ids[hashes.held_out("", holdout)])
    assert not table.duplicated(["user_id", "campaign"]).any()
    for user, count in table["user_id"].value_counts().items():
        assert count <= most
        assert count + before[user] <= 2
    assert budget is None or table["cost"].sum() <= budget + 1e-9
    for one in plan:
        part = table[table["campaign"] == one["name"]]
        users = set(part["user_id"])
        assert not users & set(one.get("exclude", ()))
        assert not users & set(ids[hashes.held_out(one["name"], one.get("holdout", 0.0))])
        assert len(part) <= one.get("at_most", 60)
        assert part["cost"].sum() <= one.get("budget", np.inf) + 1e-9
        assert "where" not in one or all(user % 3 for user in users)


@pytest.mark.parametrize(
    ("plan", "settings", "text"),
    [
        ([{"name": "one", "items": ["q"]}], {}, "Campaign 'one': There is no item 'q'."),
        (PLAN, {"solver": "fast"}, "solver='fast' is not possible: use auto, greedy, exact, dual"),
        (PLAN, {"tolerance": 0}, "tolerance=0 is not possible"),
        (PLAN, {"max_pairs": 10}, "max_pairs=10 is not possible"),
        (PLAN, {"max_campains": 2}, "Did you mean 'max_campaigns'"),
        ([dict(PLAN[0], cost="postag", budget=9.0)], {}, "Did you mean 'postage'"),
        ([dict(PLAN[0], where={"contry": "DE"})], {}, "Did you mean 'country'"),
        ([dict(PLAN[0], at_least=61)], {}, "needs at least 61 users, but 60 may be in it: 1 too"),
        ([dict(one, at_least=40) for one in PLAN], {}, "need at least 80 contacts together, but "
         "the users who may be in them can be contacted 60 times: 20 too few"),
        ([dict(PLAN[0], at_least=20, cost="postage", budget=5.0)], {}, "too little"),
        ([dict(PLAN[0], at_least=20, cost=1.0)], {"budget": 5.0}, "but the budget of all is 5"),
        (PLAN, {"holdout": 1.0}, "No user is left to contact: of 60 users, 0 excluded or without "
         "events, 60 held out of all campaigns"),
        (PLAN, {"exclude": range(100, 160)}, "of 60 users, 60 excluded"),
        (PLAN, {"max_contacts": 0}, "60 contacted as often as allowed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("solver", ["greedy", "exact", "dual"])
def test_bad_input_gets_one_sentence(model, plan, settings, text, solver):
    with pytest.raises((SettingsError, DataError)) as caught:
        tsgen.allocate(model, plan, **{"solver": solver} | settings)
    assert text in str(caught.value)
    if "no item" in text:
        assert isinstance(caught.value, UnknownIdError)


@pytest.mark.filterwarnings("ignore:The newer log has")  # it is of ten users on purpose
def test_a_newer_log_brings_its_own_users(model, log):
    table = log.to_frame()
    table = table[table["user_id"] < 110]
    with pytest.warns(DataWarning, match="ends at .*, before the training cut-off"):
        later = tsgen.allocate(model, PLAN, events=table).table
    assert set(later["user_id"]) <= set(range(100, 110))
    assert later.attrs["tsgen"]["cutoff"][:10] == str(table["timestamp"].max())[:10]


@pytest.mark.parametrize("solver", ["exact", "greedy", "dual"])
def test_a_seed_is_a_whole_number_whatever_solves(model, solver):
    with pytest.raises(SettingsError, match="seed='a' is not possible"):
        tsgen.allocate(model, PLAN, solver=solver, seed="a")


def test_a_plan_comes_from_a_file_too(model, tmp_path):
    path = tmp_path / "campaigns.toml"
    path.write_text(
        'max_campaigns = 2\n[[campaigns]]\nname = "one"\nitems = ["a"]\nat_most = 7\n'
        '[[campaigns]]\nname = "two"\nitems = ["b", "c"]\nvalue = 2.0\n'
    )
    plan = [dict(PLAN[0], at_most=7), PLAN[1]]
    pd.testing.assert_frame_equal(
        tsgen.allocate(model, path).table, tsgen.allocate(model, plan, max_campaigns=2).table
    )


@pytest.mark.filterwarnings("ignore::tsgen.errors.DataWarning")
def test_users_are_meant_in_any_spelling(model):
    options = {"max_campaigns": 1, "seed": 0}
    plain = tsgen.allocate(model, PLAN, exclude=[101, 102], **options).table
    for exclude in (["0101 ", "102.0"], [101.0, float("nan"), 102.0], pd.Series(["'101", b"102"])):
        pd.testing.assert_frame_equal(
            tsgen.allocate(model, PLAN, exclude=exclude, **options).table, plain
        )
    with pytest.raises(DataError, match="None of the 1 users to exclude is known"):
        tsgen.allocate(model, PLAN, exclude=["ann"])
    tsgen.allocate(model, PLAN, exclude=["ann"], on_unknown="warn")
    contacts = pd.DataFrame({"user_id": [101, 102, 102], "timestamp": "2024-02-28 12:00"})
    limits = {"max_contacts": 1, "contacts": contacts}
    counted = tsgen.allocate(model, PLAN, **limits).table
    assert not {101, 102} & set(counted["user_id"])
    limits["contacts"] = contacts.assign(user_id=["101 ", "102.0", "0102"])
    pd.testing.assert_frame_equal(tsgen.allocate(model, PLAN, **limits).table, counted)

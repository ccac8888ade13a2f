import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tsgen
from tsgen.allocation import UserHashes
from tsgen.errors import DataError, DataWarning, SettingsError, UnknownIdError

COLUMNS = [
    "user_id", "campaign", "rank", "expected_engagements", "expected_value", "cost", "arm", "price",
]  # fmt: skip
PLAN = [{"name": "one", "items": ["a"]}, {"name": "two", "items": ["b", "c"], "value": 2.0}]


def test_the_table_says_who_gets_what_and_sums_to_the_summary(model):
    found = tsgen.allocate(model, PLAN, max_campaigns=2, seed=4)
    table = found.table
    assert list(table.columns) == COLUMNS
    assert (table["arm"] == "contact").all()
    assert len(found.holdouts) == 0
    by_campaign = table.groupby("campaign", sort=False)
    assert found.summary["users"].tolist() == by_campaign.size().tolist()
    sums = by_campaign["expected_value"].sum().to_numpy()
    assert np.allclose(found.summary["expected_value"], sums)
    assert found.facts["value"] == pytest.approx(table["expected_value"].sum(), rel=1e-5)
    assert table.attrs["tsgen"]["seed"] == 4
    assert {"model", "cutoff", "horizon", "gap", "salt"} <= set(found.facts)
    for _, part in by_campaign:
        assert part["rank"].tolist() == list(range(1, len(part) + 1))
        assert part["expected_value"].is_monotonic_decreasing


def test_expected_engagements_are_the_models_intensities(model):
    table = tsgen.allocate(model, PLAN, max_campaigns=2).table
    for name, items in (("one", ["a"]), ("two", ["b", "c"])):
        expected = model.audience(items, size=60).set_index("user_id")["intensity"]
        part = table[table["campaign"] == name].set_index("user_id")
        got = part["expected_engagements"]
        assert np.allclose(got, expected[got.index], rtol=1e-5)
        worth = 2.0 if name == "two" else 1.0
        assert np.allclose(part["expected_value"], worth * got)


def test_one_campaign_without_limits_on_others_is_an_audience(model):
    table = tsgen.allocate(model, [{"name": "one", "items": ["a"], "at_most": 10}]).table
    assert table["user_id"].tolist() == model.audience("a", size=10)["user_id"].tolist()


def test_solvers_agree_and_prices_come_with_two_of_them(model):
    plan = [dict(one, at_most=15) for one in PLAN]
    found = {name: tsgen.allocate(model, plan, solver=name) for name in ("greedy", "exact", "dual")}
    values = {name: one.facts["value"] for name, one in found.items()}
    assert values["exact"] >= values["dual"] * (1 - 1e-6) >= values["exact"] * (1 - 5e-3)
    assert values["exact"] >= values["greedy"] * (1 - 1e-6)
    assert found["greedy"].table["price"].isna().all()
    assert found["dual"].table["price"].notna().all()
    with pytest.raises(SettingsError, match="no prices"):
        _ = found["greedy"].prices
    assert all(list(one.table.columns) == COLUMNS for one in found.values())


def test_the_price_of_a_contact_is_what_more_contacts_bring(model):
    def worth(most):
        plan = [dict(PLAN[0], at_most=most), dict(PLAN[1], at_most=20)]
        return tsgen.allocate(model, plan, solver="exact")

    fewer, more = worth(15), worth(16)
    gain = more.facts["value"] - fewer.facts["value"]
    prices = [one.summary["contact_price"][0] for one in (fewer, more)]
    assert prices[1] - 1e-6 <= gain <= prices[0] + 1e-6
    assert fewer.summary["binding"][0] == "at_most"
    assert "ten more contacts would bring about" in fewer.answer


def test_a_budget_of_one_cost_is_a_number_of_contacts(model):
    plan = [{"name": "one", "items": ["a"], "cost": 0.1, "budget": 1.0}]
    found = tsgen.allocate(model, plan)
    assert len(found.table) == 10
    assert found.summary["binding"].tolist() == ["budget"]


def test_costs_come_from_the_user_table(model):
    plan = [{"name": "one", "items": ["a"], "cost": "postage", "budget": 12.0}]
    for solver in ("greedy", "exact", "dual"):
        found = tsgen.allocate(model, plan, solver=solver)
        expected = np.where(found.table["user_id"] % 2 == 0, 0.5, 1.5)
        assert np.allclose(found.table["cost"], expected)
        assert found.table["cost"].sum() <= 12.0
        assert found.table["cost"].sum() > 10.4
    assert found.summary["money_price"][0] > 0


def test_profit_contacts_nobody_who_costs_more_than_he_brings(model):
    plan = [{"name": "one", "items": ["a"], "cost": 0.3}]
    table = tsgen.allocate(model, plan, objective="profit").table
    assert (table["expected_value"] > table["cost"]).all()
    everybody = tsgen.allocate(model, plan).table
    assert len(table) == (everybody["expected_value"] > 0.3).sum() < len(everybody)


def test_spend_values_a_pair_by_what_its_events_are_worth(model, log):
    plan = [{"name": "one", "items": ["a", "b"], "value": "spend"}]
    table = tsgen.allocate(model, plan, spend=log).table
    worth = table["expected_value"] / table["expected_engagements"]
    assert worth.between(3, 30).all()
    assert worth.nunique() > 30
    with pytest.raises(SettingsError, match="needs a log with values; give it as spend="):
        tsgen.allocate(model, plan)


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


def test_contacts_already_made_count_in_their_window(model):
    cut = model.cutoff.tz_localize(None)
    contacts = pd.DataFrame({
        "user_id": [100, 100, 101, 102],
        "timestamp": cut - pd.to_timedelta([1, 2, 3, 8], "D"),
    })  # fmt: skip
    options = {"max_contacts": 2, "contact_window": "7D", "contacts": contacts}
    table = tsgen.allocate(model, PLAN, max_campaigns=2, **options).table
    got = table["user_id"].value_counts()
    assert 100 not in got
    assert got[101] == 1
    assert got[102] == 2


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


def test_bad_contacts_get_one_sentence(model):
    cut = model.cutoff.tz_localize(None)
    late = pd.DataFrame({"user_id": [100, 101], "timestamp": [cut - pd.Timedelta("1D"), cut]})
    with pytest.raises(DataError, match="1 contacts in the future: row 1"):
        tsgen.allocate(model, PLAN, contacts=late, max_contacts=1)
    others = pd.DataFrame({"user_id": [7, 8], "timestamp": [cut - pd.Timedelta("1D")] * 2})
    with pytest.raises(DataError, match="None of the 2 contacts is of a user that is known"):
        tsgen.allocate(model, PLAN, contacts=others, max_contacts=1)
    with pytest.raises(SettingsError, match="without max_contacts"):
        tsgen.allocate(model, PLAN, contacts=late)
    some = pd.DataFrame({"user_id": [100, 8], "timestamp": [cut - pd.Timedelta("1D")] * 2})
    with pytest.warns(tsgen.errors.DataWarning, match="1 of 2 contacts are of users who are not"):
        tsgen.allocate(model, PLAN, contacts=some, max_contacts=1)


def test_users_who_all_look_alike_are_taken_in_order(model):
    class Alike:
        def __getattr__(self, name):
            return getattr(model, name)

        def scores_of(self, candidates):
            scores = model.scores_of(candidates)
            flat = np.zeros(len(scores.user_ids), np.float32)
            return type(scores).of_biases(
                scores.user_ids, scores.item_ids, flat, np.zeros(len(scores.item_ids), np.float32)
            )

    for solver in ("greedy", "exact", "dual"):
        plan = [{"name": "one", "items": ["a"], "at_most": 5}]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = tsgen.allocate(Alike(), plan, solver=solver)
        assert len(found.table) == 5
        if solver != "exact":
            assert found.table["user_id"].tolist() == [100, 101, 102, 103, 104]


@pytest.mark.filterwarnings("ignore:The newer log has")  # it is of ten users on purpose
def test_a_newer_log_brings_its_own_users(model, log):
    table = log.to_frame()
    table = table[table["user_id"] < 110]
    with pytest.warns(DataWarning, match="ends at .*, before the training cut-off"):
        later = tsgen.allocate(model, PLAN, events=table).table
    assert set(later["user_id"]) <= set(range(100, 110))
    assert later.attrs["tsgen"]["cutoff"][:10] == str(table["timestamp"].max())[:10]


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

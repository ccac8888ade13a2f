import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from tsgen import Interactions
from tsgen.errors import DataError, SettingsError
from tsgen.evaluation import evaluate_uplift

BEGIN = pd.Timestamp("2024-03-01")
PLAN = [
    {"name": "one", "items": ["a"], "value": 3.0},
    {"name": "two", "items": ["b"], "value": "spend"},
]


def campaign(seed=0, n=600, effect=0.5, share=0.2):
    """Return a log, contacts and holdouts of a campaign that changes each user by `effect`."""
    draw = np.random.default_rng(seed)
    expected = draw.gamma(1, 1, n)
    held = draw.random(n) < share
    counts = draw.poisson(expected + effect * ~held)
    users = np.repeat(np.arange(n), counts)
    minutes = draw.integers(0, 14 * 1440, len(users))
    early, late = np.full(n, -5 * 1440), [15 * 1440]
    table = pd.DataFrame({
        "user_id": np.concatenate([users, np.arange(n), [0]]),
        "item_id": np.repeat(["a", "b", "c"], [len(users), n, 1]),
        "timestamp": BEGIN + pd.to_timedelta(np.concatenate([minutes, early, late]), "min"),
        "value": 2.0,
    })  # fmt: skip
    people = pd.DataFrame({"user_id": np.arange(n), "expected_engagements": expected})
    people.insert(1, "campaign", "one")
    log = Interactions.from_frame(table, on_duplicate="keep")
    return log, people[~held], people[held], counts, held


OPTIONS = {"begin": BEGIN, "horizon": "14D"}


def test_the_difference_is_that_of_welch():
    log, contacts, holdouts, counts, held = campaign(1)
    result = evaluate_uplift(log, contacts, holdouts, PLAN, **OPTIONS)
    row = result.table[(result.table["group"] == "all") & (result.table["method"] == "difference")]
    row = row[row["metric"] == "incremental_engagements"].iloc[0]
    welch = ttest_ind(counts[~held], counts[held], equal_var=False).confidence_interval(0.95)
    assert row["per_user"] == pytest.approx(counts[~held].mean() - counts[held].mean())
    assert (row["per_user_low"], row["per_user_high"]) == pytest.approx(tuple(welch))
    assert row["value"] == pytest.approx((~held).sum() * row["per_user"])
    assert row["contacted"] == (~held).sum()
    value = result.table[(result.table["metric"] == "incremental_value")].iloc[0]
    assert value["value"] == pytest.approx(3 * row["value"])


def test_adjusting_shortens_the_interval_as_theory_says():
    """Outcomes vary by 1 around the expectation where nothing is done, by 1.5 where something is.

    The expectation itself varies by 1, so adjusting takes away 1 of a variance of 2 and of 2.5.
    """
    ratios = []
    for seed in range(20):
        log, contacts, holdouts, *_ = campaign(seed, n=2000)
        table = evaluate_uplift(log, contacts, holdouts, PLAN, **OPTIONS).table
        rows = table[(table["group"] == "all") & (table["metric"] == "incremental_engagements")]
        spread = rows.set_index("method")["spread"]
        sizes = np.array([len(contacts), len(holdouts)])
        theory = np.sqrt(([1.5, 1.0] / sizes).sum() / ([2.5, 2.0] / sizes).sum())
        ratios.append(spread["adjusted"] / spread["difference"] / theory)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.03)


def test_deciles_hold_everybody_once_highest_expectation_first():
    log, contacts, holdouts, *_ = campaign(3, n=1500)
    table = evaluate_uplift(log, contacts, holdouts, PLAN, **OPTIONS).table
    groups = table[(table["group"] != "all") & (table["metric"] == "incremental_engagements")]
    assert groups["group"].tolist() == [str(number) for number in range(1, 11)]
    assert groups["contacted"].sum() == len(contacts)
    assert groups["held_out"].sum() == len(holdouts)
    assert groups["held_out_mean"].iloc[0] > groups["held_out_mean"].iloc[-1]


def test_the_answer_says_what_was_seen_and_what_it_is_not():
    log, contacts, holdouts, *_ = campaign(effect=1.0)
    times = BEGIN - pd.to_timedelta([1, 5, 40], "D")
    earlier = pd.DataFrame({"user_id": [1, 2, 3], "timestamp": times})
    result = evaluate_uplift(log, contacts, holdouts, PLAN, earlier=earlier, **OPTIONS)
    assert "the contacts brought more" in result.answer
    assert "no ranking by uplift" in result.answer
    assert "could not be seen" in result.answer
    assert "Campaign 'two' has no users both contacted and held out" in result.answer
    assert "2 contacts in the 14 days before count as plain activity" in result.answer
    none = evaluate_uplift(*campaign(effect=0.0)[:3], PLAN, **OPTIONS)
    assert "no effect can be seen" in none.answer


def test_times_come_from_the_contacts_and_a_model_that_saw_the_campaign_is_refused():
    log, contacts, holdouts, *_ = campaign()
    contacts.attrs["tsgen"] = {"cutoff": BEGIN.isoformat(), "horizon": "14D"}
    result = evaluate_uplift(log, contacts, holdouts, PLAN)
    assert result.facts["test"]["begins"].startswith("2024-03-01")
    contacts.attrs["tsgen"] = {"cutoff": "2024-03-05", "horizon": "14D"}
    with pytest.raises(SettingsError, match="lies after the campaign began"):
        evaluate_uplift(log, contacts, holdouts, PLAN, begin=BEGIN)


def test_bad_input_gets_one_sentence():
    log, contacts, holdouts, *_ = campaign()
    with pytest.raises(SettingsError, match="give begin= and horizon="):
        evaluate_uplift(log, contacts, holdouts, PLAN)
    with pytest.raises(DataError, match="either contacted by a campaign or held out of it"):
        evaluate_uplift(log, contacts, contacts, PLAN, **OPTIONS)
    with pytest.raises(DataError, match=r"which the plan has not\. Did you mean 'one'"):
        evaluate_uplift(log, contacts.assign(campaign="ones"), holdouts, PLAN, **OPTIONS)
    strangers = [part.assign(user_id=part["user_id"] + 10_000) for part in (contacts, holdouts)]
    with pytest.raises(DataError, match="are the ids written as there"):
        evaluate_uplift(log, *strangers, PLAN, **OPTIONS)
    with pytest.raises(DataError, match="No event lies after the contacts"):
        evaluate_uplift(log, contacts, holdouts, PLAN, begin="2025-01-01", horizon="14D")
    with pytest.raises(DataError, match="both contacted and held out"):
        evaluate_uplift(log, contacts, holdouts[:0], PLAN, **OPTIONS)
    one = evaluate_uplift(log, contacts, holdouts[:1], PLAN, **OPTIONS)
    assert "fewer than two users in a group" in one.answer

import numpy as np
import pandas as pd
import pytest

from tsgen import Interactions, RIMEstimator
from tsgen.allocation import Plan, pose
from tsgen.allocation.solving import DensePairs, Limits
from tsgen.errors import SettingsError
from tsgen.evaluation import evaluate_allocation
from tsgen.evaluation.allocation.arms import campaign_by_campaign
from tsgen.evaluation.allocation.curves import diversity_curve, rank_contacts, value_curve
from tsgen.evaluation.allocation.outcome import HindsightPairs, Outcome

PLAN = [
    {"name": "one", "items": ["a"], "at_most": 12, "value": 2.0, "cost": 0.5},
    {"name": "two", "items": ["b", "c"], "at_most": 12, "value": "spend", "cost": 0.5},
]


@pytest.fixture(scope="module")
def log():
    """Eighty users with tastes and paces of their own, over 80 days."""
    draw = np.random.default_rng(0)
    pace, taste = draw.gamma(0.7, 12, 80), draw.dirichlet([0.4] * 5, 80)
    users = np.repeat(np.arange(80), draw.poisson(pace) + 1)
    table = pd.DataFrame({
        "user_id": users,
        "item_id": [draw.choice(list("abcde"), p=taste[user]) for user in users],
        "timestamp": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(draw.integers(0, 80 * 1440, len(users)), "min"),
        "value": draw.gamma(2, 3, len(users)).round(2),
    })  # fmt: skip
    return Interactions.from_frame(table, on_duplicate="keep")


@pytest.fixture(scope="module")
def result(log):
    model = RIMEstimator(horizon="14D", relevance="popularity")
    return evaluate_allocation(log, model, PLAN, max_campaigns=1, holdout=0.05, draws=60, seed=1)


def test_arms_are_ordered_as_they_must_be(result):
    value = {arm: result.value("value", arm=arm) for arm in result.table["arm"].unique()}
    assert value["hindsight"] >= max(value.values()) - 1e-9
    assert value["model"] > value["random"]
    assert set(value) >= {"model", "one after another", "random", "hindsight", "repeat buyers"}
    assert result.value("precision", arm="hindsight") == 1.0
    contacts = [result.value("contacts", arm=arm) for arm in value if arm != "hindsight"]
    assert contacts == [24.0] * len(contacts)
    assert result.value("cost", arm="model") == pytest.approx(12.0)


def test_rows_hold_together(result):
    for arm, part in result.table.groupby("arm"):
        by = part.set_index("metric")
        assert by["value"]["profit"] == pytest.approx(by["value"]["value"] - by["value"]["cost"])
        worth = by["value"]["value"] / by["value"]["contacts"]
        assert by["value"]["value_per_contact"] == pytest.approx(worth)
        assert (by["low"] <= by["value"] + 1e-9).all()
        assert (by["value"] <= by["high"] + 1e-9).all()
        if arm != "model":
            gap = result.value("value", arm="model") - by["value"]["value"]
            assert by["difference"]["value"] == pytest.approx(gap)
    campaigns = pd.DataFrame(result.facts["campaigns"])
    assert campaigns["value"].sum() == pytest.approx(result.value("value", arm="model"))
    assert campaigns["contacts"].sum() == 24


def test_what_is_realised_is_what_the_log_says(log, result):
    begins = pd.Timestamp(result.facts["test"]["begins"])
    table = log.to_frame()
    window = table[table["timestamp"] >= begins]
    model = RIMEstimator(horizon="14D", relevance="popularity").train(
        log.where(log.time < log.read_time(begins)).present(), at=begins
    )
    pool = pose(model, Plan.of(PLAN), spend=log).pool
    outcome = Outcome.of(pool, log.where(log.time >= log.read_time(begins)))
    for row, user in enumerate(pool.candidates.users.ids):
        mine = window[window["user_id"] == user]
        of_one, of_two = mine[mine["item_id"] == "a"], mine[mine["item_id"].isin(["b", "c"])]
        assert outcome.engagements.toarray()[row].tolist() == [len(of_one), len(of_two)]
        expected = [2.0 * len(of_one), of_two["value"].sum()]
        assert outcome.values.toarray()[row] == pytest.approx(expected)
    pairs = HindsightPairs(pool, outcome)
    assert pairs.block(np.arange(3)).values == pytest.approx(outcome.values[:3].toarray(), rel=1e-6)


def test_one_campaign_after_another_is_the_plain_loop():
    draw = np.random.default_rng(3)
    values = draw.gamma(1, 1, (20, 3))
    limits = Limits.of(1, (20, 3), at_most=[5, 6, 7], at_least=[0, 0, 2])
    found = campaign_by_campaign(DensePairs(values), limits)
    free, expected = set(range(20)), set()
    for row in np.argsort(-values[:, 2])[:2]:
        expected.add((int(row), 2))
        free.discard(int(row))
    for column, most in enumerate([5, 6, 5]):
        best = sorted(free, key=lambda row, column=column: -values[row, column])[:most]
        expected |= {(row, column) for row in best}
        free -= set(best)
    assert set(zip(found.rows.tolist(), found.columns.tolist(), strict=True)) == expected


def test_the_value_curve_adds_up_and_its_best_size_is_the_best(log, result):
    model = RIMEstimator(horizon="14D", relevance="popularity").train(log)
    problem = pose(model, Plan.of(PLAN), spend=log)
    outcome = Outcome.of(problem.pool, log)
    ranked = rank_contacts(problem.pool, problem.limits.users, outcome, 0.5)
    curve = value_curve([ranked], draws=30, seed=1)
    assert curve.sizes[-1] == 80
    block = problem.pool.block(np.arange(80))
    best = block.values.argmax(axis=1)
    assert curve.expected[-1] == pytest.approx(0.5 * block.values.max(axis=1).sum(), rel=1e-5)
    came = outcome.values.toarray()[np.arange(80), best]
    assert curve.realised[-1] == pytest.approx(0.5 * came.sum())
    assert curve.cost[-1] == pytest.approx(40.0)
    profit = curve.realised - curve.cost
    assert profit[list(curve.sizes).index(curve.best)] == profit.max()
    assert curve.low <= curve.best <= curve.high
    assert result.arrays["curve"].shape[1] == 4


def test_the_diversity_curve_goes_from_the_users_side_to_the_campaigns(log):
    model = RIMEstimator(horizon="14D", relevance="popularity").train(log)
    plan = Plan.of([{"name": item, "items": [item]} for item in "abcde"])
    problem = pose(model, plan)
    outcome = Outcome.of(problem.pool, log)
    curve = diversity_curve(problem.pool, problem.limits.users, problem.limits, outcome, 1)
    items, users = (curve[curve["side"] == side] for side in ("items", "users"))
    assert items["campaign_perplexity"].is_monotonic_increasing
    assert items["campaign_perplexity"].iloc[-1] == pytest.approx(5.0)
    assert users["user_perplexity"].iloc[0] == pytest.approx(80.0)
    assert users["user_perplexity"].iloc[-1] < 80
    best = problem.pool.block(np.arange(80)).values.argmax(axis=1)
    first = items.iloc[0]
    hits = (outcome.engagements.toarray()[np.arange(80), best] > 0).mean()
    assert first["precision"] == pytest.approx(hits)


def test_the_same_seed_gives_the_same_numbers_and_another_log_is_refused(log, result):
    model = RIMEstimator(horizon="14D", relevance="popularity")
    again = evaluate_allocation(log, model, PLAN, max_campaigns=1, holdout=0.05, draws=60, seed=1)
    pd.testing.assert_frame_equal(again.table, result.table)
    fitted = model.train(log)
    with pytest.raises(SettingsError, match="learnt from events up to"):
        evaluate_allocation(log, fitted, PLAN, at="2024-02-01")
    with pytest.raises(SettingsError, match="margin=2"):
        evaluate_allocation(log, model, PLAN, margin=2)
    assert "Engagements that came anyway count" in result.answer
    assert "one campaign after another" in result.answer

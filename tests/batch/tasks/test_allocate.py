"""Campaigns over partitions: the assignment of one machine's memory."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import tsgen
from small_shop import QUIET, read
from tsgen.batch import AllocateBatch, run_batch
from tsgen.batch.tasks import allocate as module
from tsgen.errors import SettingsError, TrainingInterruptedError, UnknownIdError

CAMPAIGNS = {
    "campaigns": [
        {"name": "one", "items": [100], "at_most": 8},
        {"name": "two", "items": [101, 102], "at_least": 3, "at_most": 9, "value": 2.0},
        {"name": "three", "items": [104], "cost": 0.5, "holdout": 0.1},
    ],
    "max_campaigns": 2,
    "budget": 6.0,
}
PLAN = tsgen.allocation.Plan(**CAMPAIGNS)
TASK = AllocateBatch(campaigns=PLAN, solver="dual")


def allocated(shop, output, task=TASK, **how):
    folder, _, _ = shop
    how = {"jobs": 1, "partitions": 4} | how
    return run_batch(folder / "model", task, folder / "log.parquet", output, **how)


@pytest.mark.parametrize("partitions", [1, 5])
def test_the_contacts_of_the_dual_are_those_of_allocate(shop, written, partitions):
    """Its prices are any at which these contacts are the best: last digits of scores move them."""
    _, model, events = shop
    result = allocated(shop, written(), partitions=partitions)
    expected = tsgen.allocate(model, PLAN, events=events, solver="dual")
    made = pd.read_parquet(written())
    contacts, wanted = (table.drop(columns="price") for table in (made, expected.table))
    pd.testing.assert_frame_equal(contacts, wanted, rtol=1e-5, check_names=False)
    same = ["campaign", "users", "expected_engagements", "expected_value", "cost", "binding"]
    pd.testing.assert_frame_equal(result.details.summary[same], expected.summary[same], rtol=1e-5)
    bounds = [facts["bound"] for facts in (result.details.facts, expected.facts)]
    assert bounds[0] == pytest.approx(bounds[1], rel=1e-4)


@pytest.mark.parametrize("solver", ["exact", "greedy"])
@pytest.mark.parametrize("partitions", [1, 5])
def test_the_contacts_are_those_of_allocate(shop, written, solver, partitions):
    _, model, events = shop
    task = dataclasses.replace(TASK, solver=solver)
    result = allocated(shop, written(), task, partitions=partitions)
    expected = tsgen.allocate(model, PLAN, events=events, solver=solver)
    made = pd.read_parquet(written())
    pd.testing.assert_frame_equal(made, expected.table, rtol=1e-5, check_names=False)
    pd.testing.assert_frame_equal(result.details.summary, expected.summary, rtol=1e-4)
    pd.testing.assert_frame_equal(result.details.holdouts, expected.holdouts, rtol=1e-5)
    assert result.rows == len(made) == len(result.details.table)


def test_limits_hold_exactly_and_the_worth_is_that_of_the_linear_programme(shop, written):
    _, model, events = shop
    users = [int(u) if not isinstance(u, str) else u for u in events.users.ids[:2]]
    task = dataclasses.replace(TASK, exclude=tuple(users))
    allocated(shop, written(), task)
    made = pd.read_parquet(written())
    counts = made["campaign"].value_counts()
    assert counts["one"] <= 8
    assert 3 <= counts["two"] <= 9
    assert made["cost"].sum() <= 6.0
    assert made.groupby("user_id").size().max() <= 2
    assert not made["user_id"].isin(users).any()
    assert not made.duplicated(["user_id", "campaign"]).any()
    best = tsgen.allocate(model, PLAN, events=events, exclude=users, solver="exact")
    worth = made["expected_value"].sum()
    assert (1 - 1e-3) * best.facts["value"] <= worth <= best.facts["bound"] * (1 + 1e-6)


def test_an_interrupted_batch_goes_on_and_ends_with_the_same_bytes(shop, written, monkeypatch):
    allocated(shop, written("whole.parquet"))

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "allocation_of", stopped)
    with pytest.raises(TrainingInterruptedError, match="4 partitions are finished"):
        allocated(shop, written())
    monkeypatch.undo()
    assert allocated(shop, written()).resumed == 4
    assert written().read_bytes() == written("whole.parquet").read_bytes()
    assert not written("out.parquet.batch").exists()


def test_limits_that_clash_are_named_and_may_be_changed_without_new_scores(shop, written):
    _, _, events = shop
    num = len(events.users)
    impossible = [dict(CAMPAIGNS["campaigns"][0], at_most=None, at_least=num + 1)]
    with pytest.raises(SettingsError, match=f"at least {num + 1} users, but {num} may be in it"):
        allocated(shop, written(), AllocateBatch(campaigns=impossible))
    possible = [dict(CAMPAIGNS["campaigns"][0], at_most=None, at_least=num)]
    result = allocated(shop, written(), AllocateBatch(campaigns=possible))
    assert (result.resumed, result.rows) == (4, num)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"items": [777]}, UnknownIdError, "Campaign 'one': "),
        ({"at_most": -1}, SettingsError, "at_most"),
    ],
)
def test_impossible_campaigns_are_refused_before_the_log_is_read(
    shop, written, change, error, said
):
    campaigns = [dict(CAMPAIGNS["campaigns"][0], **change)]
    with pytest.raises(error, match=said):
        allocated(shop, written(), AllocateBatch(campaigns=campaigns))
    assert not written("out.parquet.batch").exists()


def test_an_engagement_is_worth_what_the_model_has_learnt(shop, written, tmp_path):
    table = pd.read_parquet(shop[0] / "log.parquet")
    dear = table["item_id"].to_numpy() % 4 + table["user_id"].str[1:].astype(int) % 3
    past = read(table.assign(value=dear + 1.0)).before("2024-02-20")
    simple = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    model = simple.train(past, options=QUIET)
    model.save(tmp_path / "model")
    campaigns = [{"name": "one", "items": [100, 103], "value": "spend", "at_most": 9}]
    task, how = AllocateBatch(campaigns=campaigns), {"jobs": 1, "partitions": 4}
    run_batch(tmp_path / "model", task, shop[0] / "log.parquet", written(), **how)
    expected = tsgen.allocate(model, campaigns, events=shop[2], spend=past)
    pd.testing.assert_frame_equal(
        pd.read_parquet(written()), expected.table, rtol=1e-5, check_names=False
    )

    unpriced = simple.train(shop[2].before("2024-02-20"), options=QUIET)
    unpriced.save(tmp_path / "unpriced")
    with pytest.raises(SettingsError, match="Campaign 'one' has value='spend', but the model has"):
        run_batch(tmp_path / "unpriced", task, shop[0] / "log.parquet", written("b.csv"), **how)


def test_workers_are_sent_what_they_need_alone():
    task = AllocateBatch(campaigns=PLAN, exclude=(1, 2), users=pd.DataFrame({"user_id": [1]}))
    sent = task.for_partitions()
    assert (sent.exclude, sent.users, sent.seed) == (None, None, 0)
    assert sent.settings() == task.settings()
    assert np.all([sent.campaigns is task.campaigns, task.exclude == (1, 2)])

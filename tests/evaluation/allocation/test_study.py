import pandas as pd
import pytest

from evaluation.allocation.conftest import PLAN
from tsgen import RIMEstimator
from tsgen.errors import SettingsError
from tsgen.evaluation import evaluate_allocation


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
    assert result.arrays["curve"].shape[1] == 4


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

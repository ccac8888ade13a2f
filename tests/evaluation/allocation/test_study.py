import numpy as np
import pandas as pd
import pytest

from evaluation.allocation.conftest import PLAN
from tsgen import RIMEstimator
from tsgen.errors import SettingsError
from tsgen.evaluation import evaluate_allocation

KWARGS = {"max_campaigns": 1, "holdout": 0.05, "draws": 60, "seed": 1}


@pytest.fixture(scope="module")
def result(log):
    model = RIMEstimator(horizon="14D", relevance="popularity")
    return evaluate_allocation(log, model, PLAN, margin=0.4, **KWARGS)


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
        earned = 0.4 * by["value"]["value"] - by["value"]["cost"]
        assert by["value"]["profit"] == pytest.approx(earned)
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


def test_the_margin_changes_profit_alone_and_the_same_seed_gives_the_same_numbers(log, result):
    model = RIMEstimator(horizon="14D", relevance="popularity")
    whole = evaluate_allocation(log, model, PLAN, **KWARGS)
    rest = result.table["metric"] != "profit"
    pd.testing.assert_frame_equal(whole.table[rest], result.table[rest])
    sizes, expected, came, cost = result.arrays["curve"].T
    np.testing.assert_allclose(whole.arrays["curve"].T, [sizes, expected / 0.4, came / 0.4, cost])
    assert result.facts["settings"]["margin"] == 0.4


def test_two_windows_are_those_of_each_by_itself(log):
    model = RIMEstimator(horizon="14D", relevance="popularity")
    times, options = ("2024-02-20", "2024-03-05"), {"exclude": [3, 5], **KWARGS}
    both = evaluate_allocation(log, model, PLAN, at=times[1], origins=2, **options)
    alone = [evaluate_allocation(log, model, PLAN, at=at, **options) for at in times]
    assert set(both.table["windows"]) == {2}
    for metric in ("value", "precision", "contacts"):
        each = [one.value(metric, arm="model") for one in alone]
        assert both.value(metric, arm="model") == pytest.approx(np.mean(each))
    facts, (first, last) = both.facts, (one.facts for one in alone)
    assert [window["begins"][:10] for window in facts["windows"]] == list(times)
    assert facts["test"]["begins"] == first["test"]["begins"]
    assert facts["test"]["ends"] == last["test"]["ends"]
    assert facts["gap"] == max(first["gap"], last["gap"])
    assert facts["counts"] == last["counts"]
    assert facts["counts"]["excluded or without events"] == 2


def test_a_model_that_saw_the_window_is_refused(log, result):
    model = RIMEstimator(horizon="14D", relevance="popularity")
    fitted = model.train(log)
    with pytest.raises(SettingsError, match="learnt from events up to"):
        evaluate_allocation(log, fitted, PLAN, at="2024-02-01")
    with pytest.raises(SettingsError, match="margin=2"):
        evaluate_allocation(log, model, PLAN, margin=2)
    assert "Engagements that came anyway count" in result.answer
    assert "one campaign after another" in result.answer

"""Facts in words, and what a notebook shows of datasets, models and results."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import tsgen
from small_shop import QUIET, log
from study_results import weather_result
from tsgen.curation import AugmentationChoice
from tsgen.displays import (
    amount,
    fact_text,
    flat_facts,
    html_facts,
    in_points,
    people,
    percent,
    short_digests,
)


def test_differences_of_shares_are_points_with_their_sign():
    assert in_points(0.0129) == "+1.29 points"
    assert in_points(-0.2, "") == "-20"
    assert percent(0.3617, 1) == "36.2 %"
    assert percent(0.05, signed=True) == "+5 %"


def test_few_people_have_a_tenth_and_many_none():
    assert [people(n) for n in (0.0, 6.5, 8.0, 9.94, 9.97, 418.4, 12_000.0)] == [
        "0", "6.5", "8", "9.9", "10", "418", "12,000",
    ]  # fmt: skip


def test_facts_are_words_and_numbers_of_six_digits():
    assert fact_text(661.2510319799185) == "661.251"
    assert [fact_text(v) for v in (None, [], True, ["a", 2])] == ["none", "none", "yes", "a, 2"]
    nested = {"a_b": {"c": 1, "rows": [{"x": 1}]}, "d": False}
    assert flat_facts(nested) == {"a b, c": "1", "d": "no"}
    assert flat_facts({"num_users": 3, "maximum num": 1}) == {
        "number of users": "3", "maximum num": "1"}  # fmt: skip
    assert flat_facts(nested, tables="{} rows")["a b, rows"] == "1 rows"


def test_everything_of_a_user_is_escaped_and_long_lists_are_cut():
    evil = "<script>alert(1)</script>"
    shown = html_facts(evil, {evil: evil} | {str(k): k for k in range(30)})
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 3
    assert "7 more" in shown


@pytest.fixture(scope="module")
def model():
    shop = tsgen.Interactions.from_frame(log(), on_duplicate="keep")
    rim = tsgen.RIMEstimator(
        horizon="7D", relevance="popularity", activity="popularity", repeats="none"
    )
    return rim.train(shop, options=QUIET)


def test_forecasters_and_choices_show_themselves(model):
    series = tsgen.data.simulate_series(num_series=3, length=60, seed=1)
    estimator = tsgen.PSAGANForecastEstimator(prediction_length=8, num_steps=4)
    predictor = estimator.train(series, options=QUIET)
    assert "PSAGANPredictor(3 series" in predictor._repr_html_()
    assert "prediction_length=8" in repr(predictor)
    table = pd.DataFrame({"candidate": ["<i>jitter"], "change": [-1.23456], "failed": ["no"]})
    choice = AugmentationChoice(None, None, None, table, {}, {})
    shown = choice._repr_html_()
    assert "&lt;i&gt;jitter" in shown
    assert "-1.23" in shown
    assert "failed" not in shown


def test_amounts_and_digests_are_short():
    assert [amount(v) for v in (96.0964, 0.000123456, 1234.5, -45678.9)] == [
        "96.1", "0.0001235", "1,234", "-45,679"]  # fmt: skip
    digest = "0123456789ab" + "c" * 52
    assert short_digests(f"fingerprint {digest}, seed 12345678") == (
        "fingerprint 0123456789ab…, seed 12345678"
    )


def test_datasets_models_and_results_show_themselves_without_raw_internals(model):
    series = tsgen.load_sample("electricity_hourly")
    plan = [{"name": "<b>tea</b>", "items": [100], "at_most": 5}]
    allocation = tsgen.allocate(model, plan, seed=1)
    for thing, words in (
        (series, "60 series"),
        (model, "39 users"),
        (tsgen.Interactions.from_frame(log(), on_duplicate="keep"), "900 events"),
        (allocation, "contacts"),
        (weather_result(), "It helped."),
    ):
        shown = thing._repr_html_()
        assert words in shown
        assert shown.startswith("<div>")
        for raw in ("null", "None", "{'", "Timestamp(", "<b>tea", "array("):
            assert raw not in shown, (type(thing), raw)


def test_a_long_table_is_cut_and_says_so():
    result = weather_result()
    table = pd.concat([result.table] * 25, ignore_index=True)
    table.loc[0, "note"] = "<i>"
    shown = dataclasses.replace(result, table=table)._repr_html_()
    assert "5 more rows in .table" in shown
    assert "<i>" not in shown
    assert np.isclose(shown.count("<tr"), 22, atol=1)

"""One by one: tables and small multiples of items and of series."""

from dataclasses import replace

import numpy as np

from study_results import audience_result, fidelity_result
from tsgen.report.sections.drill_down import (
    forecast_series_picture,
    forecast_series_table,
    item_picture,
    item_table,
    series_picture,
    series_table,
)


def with_items():
    result = audience_result()
    rows = [
        {"item": "tea", "acted": 20, "found": 12, "at_random": 2.0, "listed": 50},
        {"item": "mug", "acted": 20, "found": 2, "at_random": 2.0, "listed": 50},
        {"item": "jug", "acted": 90, "found": 0, "at_random": 9.0, "listed": 50},
    ]
    curves = np.tile(np.linspace(0.3, 1, 10), (3, 1))
    arrays = dict(result.arrays) | {"by_item.curves": curves}
    return replace(result, facts=result.facts | {"by_item": rows}, arrays=arrays)


def test_items_have_a_verdict_beside_random_lists():
    (table,) = item_table(with_items())
    assert [row[1].text for row in table.rows] == [
        "✓ better than random", "like random", "✗ worse than random",
    ]  # fmt: skip
    assert table.rows[0][2].text == "12 of 20"
    assert table.rows[0][3].text == "60 %"
    (shown,) = item_picture(with_items())
    assert "the first tea, the last jug" in shown.alt
    assert ">tea<" in shown.svg


def test_series_have_a_verdict_by_their_distance():
    rows = [{"series": f"s{k}", "distance": d, "samples": 3} for k, d in enumerate((0.1, 0.5, 2))]
    lines = np.random.default_rng(0).normal(size=(3, 12))
    result = fidelity_result()
    arrays = dict(result.arrays) | {"by_series.real": lines, "by_series.synthetic": lines + 1}
    result = replace(result, facts=result.facts | {"by_series": rows}, arrays=arrays)
    (table,) = series_table(result)
    assert [row[1].tone for row in table.rows] == ["good", "", "bad"]
    (shown,) = series_picture(result)
    assert "3 series with a sample each" in shown.alt


def with_forecasts(arm="mix_up"):
    rows = [
        {"series": f"s{k}", "error": 0.1 + k, "reference_error": 0.2, "change": c, "low": low,
         "high": high, "runs": 3}
        for k, (c, low, high) in enumerate([(-0.5, -0.6, -0.4), (0.1, None, None), (2.0, 1.0, 3.0)])
    ]  # fmt: skip
    facts = {"arm": arm, "reference": "real", "forecaster": "naive", "metric": "mase",
             "num_series": 44, "rows": rows}  # fmt: skip
    lines = np.random.default_rng(0).normal(size=(3, 12))
    arrays = {f"by_series.{role}": lines for role in ("real", "arm", "reference")}
    return replace(fidelity_result(), facts={"by_series": facts}, arrays=arrays)


def test_forecasts_of_series_have_a_verdict_by_their_interval():
    (table,) = forecast_series_table(with_forecasts())
    assert [row[1].tone for row in table.rows] == ["good", "", "bad"]
    assert [row[2].text for row in table.rows] == ["-50.0 %", "+10.0 %", "+200.0 %"]
    assert table.rows[0][2].detail == "[-60.0, -40.0]"
    assert "of 44 (naive, mase" in table.note
    (shown,) = forecast_series_picture(with_forecasts())
    assert "forecast: mix up" in shown.svg
    assert "3 series, the first s0, the last s2" in shown.alt


def test_forecasts_without_a_comparison_have_errors_alone():
    (table,) = forecast_series_table(with_forecasts("real"))
    assert table.columns == ["Series", "Error: real", "Runs"]
    assert "forecast best" in table.note
    (shown,) = forecast_series_picture(with_forecasts("real"))
    assert "forecast: real" in shown.svg


def test_results_of_earlier_versions_have_neither():
    for make in (item_table, item_picture):
        assert make(audience_result()) == []
    for make in (series_table, series_picture, forecast_series_table, forecast_series_picture):
        assert make(fidelity_result()) == []

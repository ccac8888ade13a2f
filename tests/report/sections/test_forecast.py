"""The page of a forecasting study: its tables say what the result says, its pictures draw it."""

from dataclasses import replace

import pytest

from tsgen.evaluation import ForecastStudy, evaluate_forecast
from tsgen.report import write_page
from tsgen.report.sections.forecast import forecast_section


@pytest.fixture(scope="module")
def result():
    from tsgen.data import simulate_series

    study = ForecastStudy(
        data="simulated",
        question="Does jitter help?",
        prediction_length=6,
        num_windows=2,
        seeds=(1, 2, 3),
        forecasters={"naive": {"estimator": "seasonal_naive"}},
        arms={
            "real": {},
            "jitter": {"method": "jitter"},
            "block_bootstrap": {"method": "block_bootstrap"},
            "stopped": {"early_stopping": 1},  # impossible for a rule: a cell that fails
        },
        primary={"forecaster": "naive", "arm": "jitter"},
    )
    return evaluate_forecast(study, simulate_series(num_series=4, length=80, seed=1))


def test_the_primary_comparison_stands_first_against_every_arm(result):
    section = forecast_section(result)
    first = section.tables[0]
    assert section.question == "Does jitter help?"
    assert [row[2].text for row in first.rows] == ["real", "block bootstrap", "stopped"]
    assert set(section.headline) == {
        "Gain over real", "Gain over block_bootstrap", "Gain over stopped",
    }  # fmt: skip


def test_an_interval_on_one_side_of_zero_is_a_verdict(result):
    import dataclasses

    table = result.table.copy()
    table.loc[0, ["difference", "difference_low", "difference_high"]] = [-1.0, -2.0, -0.5]
    better = forecast_section(dataclasses.replace(result, table=table)).tables[0].rows[0]
    assert (better[1].text, better[1].tone) == ("✓ better", "good")
    table.loc[0, ["difference", "difference_low", "difference_high"]] = [1.0, -2.0, 2.5]
    unclear = forecast_section(dataclasses.replace(result, table=table)).tables[0].rows[0]
    assert unclear[1].text == "no clear difference"


def test_all_arms_stand_in_the_order_of_the_study(result):
    arms = forecast_section(result).tables[1]
    assert [row[0].text for row in arms.rows] == ["real", "jitter", "block bootstrap", "stopped"]


def test_failed_cells_are_listed_with_their_reasons(result):
    failed = forecast_section(result).tables[-1]
    assert failed.heading == "Cells that failed"
    assert [row[3].text for row in failed.rows] == ["1", "2", "3"]
    assert "not trained in epochs" in failed.rows[0][4].text


def test_runs_on_other_values_under_the_same_name_are_not_called_comparable(
    result, tmp_path, undrawn
):
    import dataclasses

    data = result.facts["data"]
    other = dataclasses.replace(
        result, facts=result.facts | {"data": data | {"fingerprint": "another"}}
    )
    write_page({"a": result, "b": other}, tmp_path / "page.html")
    assert (
        "differ in data, so their numbers cannot be compared"
        in (tmp_path / "page.html").read_text()
    )
    write_page({"a": result, "b": result}, tmp_path / "page.html", overwrite=True)
    assert "were tested alike" in (tmp_path / "page.html").read_text()


def test_the_page_has_the_answer_and_a_picture_of_each_window(result, tmp_path):
    write_page(result, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert "Does jitter help?" in text
    assert text.count("known values, what came") == 3
    assert "0 of 3 other arms" in text


def test_the_noise_and_what_an_interval_takes_are_shown_where_they_were_asked_for(result):
    assert "Where the noise comes from" not in {t.heading for t in forecast_section(result).tables}
    needs = {"draws": 5, "generators": 2, "seeds": 3, "half_width": 0.019, "cpu_seconds": 1234.5}
    row = {
        "arm": "jitter", "forecaster": "naive", "regime": "half", "runs": 12, "wished": 0.02,
        "series": 0.05, "generator": float("nan"), "seed": 0.011, "rest": 0.0, "needs": needs,
    }  # fmt: skip
    rows = [row, row | {"needs": None}, {**row, "runs": 0, "needs": None}]
    facts = result.facts | {"power": rows}
    tables = forecast_section(replace(result, facts=facts)).tables
    (noise,) = (t for t in tables if t.heading == "Where the noise comes from")
    assert [cell.text for cell in noise.rows[0]] == [
        "jitter", "5.0 %", "–", "1.1 %", "0.0 %", "5 x 2 x 3"]  # fmt: skip
    assert noise.rows[0][5].detail == "for ± 2 %, 1,234 CPU s"
    assert noise.rows[1][5].text == "more than 200 draws"
    assert noise.rows[2][5].text == "–"

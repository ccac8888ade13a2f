"""The page of the question whether series may be handed out."""

from dataclasses import replace

import pandas as pd
import pytest

from tsgen.data import simulate_series
from tsgen.evaluation import Forecaster, evaluate_share
from tsgen.report.sections.share import share_section


@pytest.fixture(scope="module")
def result():
    real = simulate_series(num_series=8, length=80, seed=1)
    linear = {"linear": Forecaster(estimator="reference_linear")}
    made = evaluate_share(
        real, 6, "jitter", forecasters=linear, num_references=2, seed=1, fidelity=False
    )
    row = made.table.iloc[[0]].assign(
        part="fidelity",
        metric="coverage",
        value=0.7,
        spread=0.02,
        floor=0.9,
        floor_spread=0.01,
        better="higher",
        ideal=1.0,
    )
    return replace(made, table=pd.concat([made.table, row], ignore_index=True))


def test_verdict_rates_use_and_fidelity_are_shown(result):
    section = share_section(result)
    assert section.headline["Hand out"].text == result.facts["verdict"] == "no"
    attack, use, fidelity = section.tables
    assert attack.heading == "Members found at 5 % false alarms"
    found, copying = attack.rows
    assert [cell.text for cell in (found[0], copying[0])] == ["generator", "copy of the data"]
    assert found[1].tone == "bad"
    assert copying[1].tone == ""  # a yardstick is no news
    row = result.table[result.table["part"] == "use"].iloc[0]
    assert use.rows[0][3].text == f"{100 * row['change']:+.1f} %"
    assert use.rows[0][1].text == f"{row['floor']:.4f}"
    assert [cell.text for cell in fidelity.rows[0]] == ["coverage", "✗ worse", "0.7", "0.9"]
    assert fidelity.rows[0][0].detail == "higher is better"
    first, _, last = section.verdicts
    assert (first.text[:16], first.tone) == ("Hand them out: n", "bad")
    assert last.text == "1 of 1 measures are worse than between real series."


def test_what_is_found_beyond_chance_and_what_is_lost_is_drawn(result):
    attack, use = share_section(result).pictures
    rows = result.table.set_index(["part", "arm"])
    ours = rows.loc["attack", "generator"]
    assert f"{100 * (ours['value'] - ours['floor']):+.1f} points more than by chance" in attack.alt
    assert "copy of the data" in attack.svg
    assert f"linear {100 * rows.loc['use', 'linear']['change']:+.1f}." in use.alt


def test_forecasters_that_lose_for_certain_are_named(result):
    def said(low):
        table = result.table.assign(
            low=result.table["low"].mask(result.table["part"] == "use", low)
        )
        return share_section(replace(result, table=table)).verdicts[1]

    assert said(0.1) == (
        "1 of 1 forecasters are worse for certain when trained on them: linear.",
        "",
        "bad",
    )
    assert said(-0.1) == ("0 of 1 forecasters are worse for certain when trained on them.", "", "")


def test_without_fidelity_two_tables_are_left(result):
    table = result.table[result.table["part"] != "fidelity"]
    assert len(share_section(replace(result, table=table)).tables) == 2

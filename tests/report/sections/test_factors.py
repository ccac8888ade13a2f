"""The section of factors: scores by split, factor by factor, forecasts, and two pictures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation import StudyResult
from tsgen.report.sections.factors import factors_section
from tsgen.report.shapes import missing_parts

pytestmark = pytest.mark.usefixtures("undrawn")


def result():
    rows = []
    for split in ("random", "extrapolation"):
        for maker, score in (("truth", 1.0), ("psa-gan", 0.8), ("mixing", 0.4)):
            common = {"world": "waves", "split": split, "maker": maker, "spread": np.nan,
                      "protocol": "factors", "n": 5, "seed": 1}  # fmt: skip
            for factor in ("period", "mean"):
                rows.append({"metric": "R2", "factor": factor, "value": score, "better": "higher",
                             **common})  # fmt: skip
            if split == "extrapolation":
                rows.append({"metric": "R2 of values never seen", "factor": "mean",
                             "value": score / 2, "better": "higher", **common})  # fmt: skip
            rows.append({"metric": "change of the forecast error", "factor": "forecast",
                         "value": score - 0.6, "low": score - 0.7, "high": score - 0.5,
                         "better": "lower", **common})  # fmt: skip
    facts = {"study": "factors", "num_training": 80, "budget": "5s"}
    arrays = {f"waves.extrapolation.{maker}": np.ones((3, 64)) for maker in ("truth", "mixing")}
    return StudyResult(pd.DataFrame(rows), "Which.", facts, arrays)


def test_scores_stand_by_split_with_those_of_new_values():
    assert not missing_parts(result())
    section = factors_section(result())
    first = section.tables[0]
    assert list(first.columns) == ["", "random", "extrapolation"]
    mine = first.rows[1]
    assert [cell.text for cell in mine] == ["PSA-GAN", "0.80", "0.80"]
    assert (mine[1].detail, mine[2].detail) == ("", "[new values 0.40]")
    assert section.headline["R², random"] == ("0.80", "PSA-GAN", "")


def test_forecasts_have_their_intervals_and_say_better_or_worse():
    table = factors_section(result()).tables[-1]
    tones = {row[0].text: row[1].tone for row in table.rows}
    assert tones == {"waves, truth": "bad", "waves, PSA-GAN": "bad", "waves, mixing": "good"}
    assert table.rows[2][1][:2] == ("-20 %", "[-30, -10]")


def test_pictures_show_scores_and_the_windows_there_are():
    shown = factors_section(result()).pictures
    assert [p.alt for p in shown] == [
        "R² by split, mean of all splits: truth 1.00; PSA-GAN 0.80; mixing 0.40.",
        "Windows of waves, extrapolation.",
    ]
    assert shown[1].caption.startswith("waves: the same combinations, held out (extrapolation)")


def test_who_comes_nearest_is_said_by_split():
    verdicts = factors_section(result()).verdicts
    assert [cell.text for cell in verdicts] == [
        "random: nearest is PSA-GAN (R² 0.80).",
        "extrapolation: nearest is PSA-GAN (R² 0.80).",
    ]
    assert {cell.tone for cell in verdicts} == {"good"}
    table = result().table
    table.loc[(table["maker"] == "mixing") & (table["metric"] == "R2"), "value"] = 0.9
    beside = factors_section(replace(result(), table=table)).verdicts[0]
    assert beside == ("random: nearest is mixing (R² 0.90; PSA-GAN has 0.80).", "", "bad")

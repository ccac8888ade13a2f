"""A run of an unknown kind shows its table, as much of it as a page holds."""

import numpy as np
import pandas as pd

from study_results import weather_result
from tsgen.evaluation import StudyResult
from tsgen.report.sections import section_of
from tsgen.report.sections.any import any_section


def test_every_row_and_column_is_shown_with_numbers_to_four_digits():
    section = any_section(weather_result())
    (table,) = section.tables
    names = list(weather_result().table)
    assert list(table.columns) == names
    shown = dict(zip(names, (cell.text for cell in table.rows[0]), strict=True))
    assert (shown["value"], shown["spread"], shown["note"], shown["n"]) == ("0.25", "–", "a b", "3")
    assert section.ground == {"protocol": "rolling"}
    assert "“weather”" in section.question
    assert table.note == ""


def test_words_are_set_apart_and_numbers_rounded():
    table = weather_result().table.rename(columns={"note": "some_note"})
    table = table.assign(metric="mean_loss", value=np.pi)
    (shown,) = any_section(StudyResult(table, "", {})).tables
    assert "some note" in shown.columns
    texts = [cell.text for cell in shown.rows[0]]
    assert "mean loss" in texts
    assert "3.142" in texts


def test_what_a_page_cannot_hold_is_counted():
    long = pd.concat([weather_result().table] * 205, ignore_index=True)
    (table,) = any_section(StudyResult(long, "", {})).tables
    assert len(table.rows) == 200
    assert table.note == "5 more rows are in table.csv of the run."
    (table,) = any_section(StudyResult(long[:200], "", {})).tables
    assert (len(table.rows), table.note) == (200, "")


def test_intervals_are_smaller_lines_and_marks_are_gone():
    row = {"metric": "m", "value": 1.0, "spread": float("nan"), "better": "none"}
    table = pd.DataFrame([row | {"protocol": "study", "n": 1, "seed": 1}])
    rows = [["block_bootstrap", "-2.5 [-5.3, +0.3]"], ["*other*", "-"], ["x", "+1.0 (2)"]]
    note = "`block_bootstrap` **is** one."
    part = {"heading": "Ways", "note": note, "columns": ["a_way", "change"], "rows": rows}
    facts = {
        "study": "study file",
        "name": "n",
        "question": "Which?",
        "about": "Of two.",
        "parts": [part],
    }
    section = section_of(StudyResult(table, "a", facts))
    (shown,) = section.tables
    assert section.question == "Which?"
    assert [cell.text for cell in section.verdicts] == ["Of two."]
    assert (shown.heading, list(shown.columns)) == ("Ways", ["a way", "change"])
    assert shown.note == "block_bootstrap is one."
    texts = [[(cell.text, cell.detail) for cell in row] for row in shown.rows]
    assert texts[0] == [("block bootstrap", ""), ("-2.5", "[-5.3, +0.3]")]
    assert texts[1] == [("other", ""), ("–", "")]
    assert texts[2][1] == ("+1.0", "(2)")
    assert shown.is_number(1)

"""The tables of a study's folder on a page."""

import pandas as pd

from tsgen.evaluation import StudyResult
from tsgen.report.sections import section_of


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

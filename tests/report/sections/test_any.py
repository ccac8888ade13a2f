"""A run of an unknown kind shows its table, as much of it as a page holds."""

import re

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
    assert [cell.text for cell in section.verdicts] == [
        "Of two.", "Change: the interval of block bootstrap lies on both sides of 0."
    ]  # fmt: skip
    assert (shown.heading, list(shown.columns)) == ("Ways", ["a way", "change"])
    assert shown.note == "block_bootstrap is one."
    texts = [[(cell.text, cell.detail) for cell in row] for row in shown.rows]
    assert texts[0] == [("block bootstrap", ""), ("-2.5", "[-5.3, +0.3]")]
    assert texts[1] == [("other", ""), ("–", "")]
    assert texts[2][1] == ("+1.0", "(2)")
    assert shown.is_number(1)


def section_with(*parts):
    row = {"metric": "m", "value": 1.0, "spread": float("nan"), "better": "none"}
    table = pd.DataFrame([row | {"protocol": "study", "n": 1, "seed": 1}])
    facts = {"study": "study file", "name": "n", "question": "Which?", "parts": list(parts)}
    return section_of(StudyResult(table, "a", facts))


def part_of(columns, rows, heading="Numbers"):
    return {"heading": heading, "note": "", "columns": columns, "rows": rows}


def tooltips(picture):
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*><title>([^<]*)', picture.svg)
    return {text: (float(x), float(y)) for x, y, text in found}


def test_each_measure_of_the_first_table_is_drawn_with_arms_as_rows():
    rows = [["real against real (floor)", "", "1 ± 0.5", "-"], ["a_b", "1, 2", "**3** [2, 4]", "7"],
            ["c", "1", "2", "+1e-3 (at best 2)"]]  # fmt: skip
    first, second = section_with(part_of(["arm", "seeds", "a_loss", "n"], rows)).pictures
    found = tooltips(first)
    wanted = {
        "reference: a loss 1, real against real (floor)", "value: a loss 3, a b",
        "value: a loss 2, c", "lower end: a loss 0.5, real against real (floor)",
        "upper end: a loss 1.5, real against real (floor)", "lower end: a loss 2, a b",
        "upper end: a loss 4, a b",
    }  # fmt: skip
    assert set(found) == wanted
    (left, low), (right, high) = found["value: a loss 2, c"], found["value: a loss 3, a b"]
    assert left < right
    assert low > high  # SVG counts downwards
    assert found["lower end: a loss 2, a b"] == (left, high)  # its line ends above c's point
    assert "dashed, “real against real (floor)”" in first.caption
    assert first.caption.startswith("A loss: a point a number of the table, a line for what")
    assert set(tooltips(second)) == {"value: n 7, a b", "value: n 0.001, c"}
    assert "line" not in second.caption
    assert "logarithmic" in second.caption
    assert "logarithmic" not in first.caption
    (worst,) = section_with(part_of(["arm", "worst"], [["a", "+0.1"], ["c", "+71.8"]])).pictures
    assert "logarithmic" not in worst.caption  # changes are seen by how far they are from 0


def test_what_the_intervals_say_stands_in_the_verdict():
    rows = [["real against real (floor)", "1 ± 0.5", "5"], ["a", "3 [2, 4]", "1 [0, 2]"],
            ["b", "1.4 [1.2, 2]", "2"], ["c", "9", "3"]]  # fmt: skip
    (verdict,) = section_with(part_of(["arm", "loss", "plain"], rows)).verdicts
    assert verdict.text == (
        "Apart from “real against real (floor)”, by intervals that do not meet: loss 1 of 2."
    )
    changes = [["x", "-2 [-3, -1]"], ["y", "+2 [+1, +3]"], ["z", "-1 [-2, +1]"], ["w", "+1"],
               ["v", "+4 [+1, +5]"]]  # fmt: skip
    (verdict,) = section_with(part_of(["way", "change"], changes)).verdicts
    assert verdict.text == "Change: of 4 intervals, below 0 in 1 (x) and above 0 in 2 (y; v)."
    changes = [["x", "-2 [-3, +1]"], ["y", "+2 [-1, +3]"]]
    (verdict,) = section_with(part_of(["way", "change"], changes)).verdicts
    assert verdict.text == "Change: of 2 intervals, all lie on both sides of 0."


def test_numbers_that_tell_rows_apart_are_no_measures_and_costs_come_last():
    rows = [["1", "0 %", "10", "-1"], ["1", "1 %", "11", "-2"]]
    section = section_with(part_of(["errors", "expected", "CPU s", "change"], rows))
    assert list(section.tables[0].columns) == ["errors", "expected", "change", "CPU s"]
    assert [cell.text for cell in section.tables[0].rows[1]] == ["1", "1 %", "-2", "11"]
    (change,) = section.pictures
    assert [t for t in tooltips(change) if t.startswith("value")] == [
        "value: change -1, errors 1, expected 0 %", "value: change -2, errors 1, expected 1 %"
    ]  # fmt: skip


def test_measures_in_rows_are_drawn_for_who_they_are_of():
    rows = [["men: gap", "0.1 [0, 0.2]", "0.3"], ["women: gap", "-0.1 [-0.2, 0]", "-"],
            ["CPU s", "1", "2"], ["users", "5", "6"]]  # fmt: skip
    gap, users = section_with(part_of(["measure", "rim", "other"], rows)).pictures
    values = {text for text in tooltips(gap) if text.startswith("value")}
    assert values == {"value: gap 0.1, men, rim", "value: gap 0.3, men, other",
                      "value: gap -0.1, women, rim"}  # fmt: skip
    assert set(tooltips(users)) == {"value: users 5, rim", "value: users 6, other"}


def test_comparisons_are_drawn_by_metric_as_changes():
    columns = ["role", "arm", "against", "metric", "arm", "other", "difference", "seeds"]
    rows = [
        ["primary", "x", "real", "mase", "3 ± 1", "4", "-2.5 % [-5.0, +1.0]", "3"],
        ["primary", "y", "real", "mase", "3 ± 1", "4", "+2.5 % [+1.0, +3.0]", "3"],
        ["primary", "x", "real", "nrmse", "5", "6", "+1.0 %", "3"],
        ["primary", "y", "jitter", "nrmse", "5", "6", "-1.0 %", "3"],
    ]
    mase, nrmse = section_with(part_of(columns, rows)).pictures
    values = {text for text in tooltips(mase) if text.startswith("value")}
    assert values == {
        "value: mase: difference (%) -2.5, primary, x, real",
        "value: mase: difference (%) 2.5, primary, y, real",
    }
    assert "value: nrmse: difference (%) -1, primary, y, jitter" in tooltips(nrmse)


def test_later_tables_are_drawn_where_they_have_intervals_and_no_more_than_a_page_holds():
    plain = part_of(["dataset", "auto"], [["a", "-1.0 (5)"], ["b", "+2.0 (5)"]], "Datasets")
    rules = part_of(["errors", "expected", "change"],
                    [["any", "0 %", "-1 [-2, 0]"], ["1", "0 %", "0 [-1, 1]"]], "Rules")  # fmt: skip
    wide = part_of(["arm", *"abcdefghijklmnopqrstuvwxyz"], [[n, *"1" * 26] for n in "xy"])
    first, second = section_with(plain, rules).pictures
    assert first.caption.startswith("Auto:")
    assert second.caption.startswith("Rules: change")
    assert {t for t in tooltips(second) if t.startswith("value")} == {
        "value: change -1, any", "value: change 0, errors 1"
    }  # fmt: skip
    assert len(section_with(wide).pictures) == 24
    assert not section_with(part_of(["arm", "loss"], [["a", "1"]])).pictures
    assert len(section_with(part_of(["arm", "change"], [["a", "+1"]])).pictures) == 1

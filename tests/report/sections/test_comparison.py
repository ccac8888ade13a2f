"""Runs side by side: what may be compared, and what may not."""

import pytest

from study_results import audience_result, fidelity_result, weather_result
from tsgen.report.sections.base import Cell, Section
from tsgen.report.sections.comparison import comparisons


def section(headline=(), **ground):
    return Section("?", [], headline={name: Cell(text) for name, text in headline}, ground=ground)


def compared(*sections, results=None):
    runs = results or [audience_result()] * len(sections)
    names = [f"run {k}" for k in range(len(sections))]
    return comparisons(dict(zip(names, runs, strict=True)), dict(zip(names, sections, strict=True)))


def test_a_single_run_has_nothing_beside_it():
    assert compared(section()) == []


def test_runs_that_were_tested_alike_can_be_compared():
    (found,) = compared(
        section([("AUC", "0.7")], users="9"), section([("Lift", "3"), ("AUC", "0.8")], users="9")
    )
    assert found.sentence == (
        "The audience runs were tested alike, so their numbers can be compared."
    )
    assert list(found.table.columns) == ["", "run 0", "run 1"]
    assert [[cell.text for cell in row] for row in found.table.rows] == [
        ["AUC", "0.7", "0.8"],
        ["Lift", "–", "3"],
    ]


@pytest.mark.parametrize(
    ("first", "second", "unlike"),
    [
        ({"users": "9"}, {"users": "8"}, "users"),
        ({"users": "9", "to": "May"}, {"users": "8", "to": "June"}, "users, to"),
        ({}, {"users": "9"}, "users"),  # one does not say
    ],
)
def test_runs_that_differ_are_told_in_what(first, second, unlike):
    (found,) = compared(section(**first), section(**second))
    assert found.sentence.startswith(f"The audience runs differ in {unlike}, so their numbers can")
    assert "cannot be compared" in found.sentence


def test_without_headlines_there_is_no_table():
    (found,) = compared(section(), section())
    assert found.table is None


def test_runs_of_several_kinds_are_kept_apart():
    results = [audience_result(), weather_result(), audience_result()]
    first, second = compared(*[section()] * 3, results=results)
    assert first.sentence.startswith("These runs are of 2 kinds (audience, weather)")
    assert first.table is None
    assert second.sentence.startswith("The audience runs")
    (only,) = compared(section(), section(), results=[fidelity_result(), weather_result()])
    assert "fidelity, weather" in only.sentence

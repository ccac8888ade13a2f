"""The page of groups: ratios, gaps with their parts, every measure with its meaning."""

import pandas as pd
import pytest

from tsgen.report.sections import section_of
from tsgen.responsible import bias_report
from tsgen.results import StudyResult

PEOPLE = pd.DataFrame({"user_id": range(400), "sex": ["f", "m"] * 200})


@pytest.fixture(scope="module")
def report():
    return bias_report(PEOPLE[PEOPLE["user_id"] % 4 < 3], PEOPLE, facets="sex", line=0.8, draws=20)


def with_parts(report):
    row = report.table[report.table["metric"] == "DPPL"]
    parts = [row.assign(metric=f"DPPL from {p}") for p in ("activity", "relevance", "own past")]
    return StudyResult(pd.concat([report.table, *parts]), report.answer, report.facts)


@pytest.mark.usefixtures("undrawn")
def test_groups_and_measures_are_on_the_page(report):
    section = section_of(report)
    headings = [table.heading for table in section.tables]
    assert headings == ["Who is taken", "Groups", "Every measure"]
    assert [row[0].text for row in section.tables[1].rows] == ["f", "m"]
    assert section.tables[2].rows[0][0].detail.startswith("how much smaller")
    assert "0.8 is the one that was asked for" in section.pictures[0].caption
    assert len(section.pictures) == 1
    assert section.headline["f"].text == "2.000"


@pytest.mark.usefixtures("undrawn")
def test_shares_are_percentages_and_their_differences_points(report):
    taken, groups, every = section_of(report).tables
    shares = report.table.set_index(["metric", "group"])["value"]
    gap = shares["DPPL", "f"]
    assert gap < 0
    assert taken.rows[0][2].text == f"{100 * gap:+.3g} points"
    assert [row[2].text for row in groups.rows] == ["100.0 %", "50.0 %"]
    said = {(row[0].text, row[1].text): row[2] for row in every.rows}
    assert said["DD", "f"].text == f"{100 * shares['DD', 'f']:+.3g} points"
    assert said["DI", "f"].text == "2.000"


@pytest.mark.usefixtures("undrawn")
def test_a_run_that_does_not_name_its_points_has_fractions(report):
    facts = {name: value for name, value in report.facts.items() if name != "points"}
    taken = section_of(StudyResult(report.table, "", facts)).tables[0]
    assert taken.rows[0][2].text == "-0.500"


@pytest.mark.usefixtures("undrawn")
def test_parts_of_the_gap_have_columns_and_a_picture(report):
    section = section_of(with_parts(report))
    assert list(section.tables[0].columns)[3:] == ["by activity", "by relevance", "by own past"]
    assert len(section.pictures) == 2


@pytest.mark.usefixtures("undrawn")
def test_numbers_that_are_not_said_stay_empty(report):
    table = report.table.assign(value=float("nan"), note="too few to say")
    section = section_of(StudyResult(table, "", report.facts))
    assert section.pictures == []
    assert section.tables[0].rows[0][1] == ("–", "too few to say", "")

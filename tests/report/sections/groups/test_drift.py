"""The page of a drift: alarms, numbers, people."""

import numpy as np
import pandas as pd

from small_shop import log, read
from tsgen.report.sections import section_of
from tsgen.responsible import bias_report, compare_audiences
from tsgen.responsible.explanation import ScoreExplanation

MARCH, APRIL = (pd.DataFrame({"user_id": range(k, k + 10)}) for k in (0, 4))


def test_alarms_stand_first_and_people_last():
    section = section_of(compare_audiences(MARCH, APRIL, allowed={"stayed": (0.9, 1)}))
    assert section.question == "Is this list still what it was?"
    assert section.verdicts[0].text == "stayed is 0.6, outside [0.9, 1]."
    assert section.headline["Alarms"] == ("1", "", "bad")
    numbers, people = section.tables
    assert numbers.heading == "Who is listed"
    marks = {row[0].text: row[1].text for row in numbers.rows}
    assert marks == {"entered": "–", "left": "–", "stayed": "alarm"}
    assert [cell.text for cell in people.rows[0]] == ["10", "0"]
    assert len(people.rows) == 4
    assert not section.pictures


def test_measures_that_are_differences_of_shares_are_in_points():
    people = pd.DataFrame({"user_id": range(80), "sex": ["f", "m"] * 40})
    sides = [bias_report(people[people["user_id"] < end], people, facets="sex=f", draws=5)
             for end in (60, 70)]  # fmt: skip
    drift = compare_audiences(*sides, allowed={"DPPL": (-0.05, 0.05)})
    rows = {row[0].text: row for table in section_of(drift).tables for row in table.rows}
    assert rows["DPPL"][3].text == "+0 points"
    assert rows["DPPL"][4].text == "-5 to +5"
    assert not rows["DI"][3].text.endswith("points")


def test_without_people_there_are_numbers_alone():
    section = section_of(compare_audiences(MARCH, MARCH))
    assert len(section.tables) == 1


def test_distributions_are_drawn_before_and_after_with_intervals():
    scores = np.random.default_rng(0).gamma(1, 1, 10)
    sides = [
        one.assign(intensity=k * scores, activity=scores) for k, one in ((1, MARCH), (3, APRIL))
    ]
    section = section_of(compare_audiences(*sides))
    assert [picture.alt for picture in section.pictures] == [
        "Histogram of activity: before and after.", "Histogram of scores: before and after."
    ]  # fmt: skip
    numbers = section.tables[1]
    assert numbers.heading == "How scores and activity are distributed"
    mean = next(row for row in numbers.rows if row[0].text == "mean of scores")
    low, high = (float(end) for end in mean[3].detail.strip("[]").split(", "))
    assert low < float(mean[3].text) < high


def test_groups_and_reasons_have_tables_of_their_own(undrawn):
    people = pd.DataFrame({"user_id": range(200), "sex": ["f", "m"] * 100})
    reports = [
        bias_report(one, people, facets="sex", draws=20) for one in (people[:100], people[50:])
    ]
    groups = section_of(compare_audiences(*reports))
    assert groups.question.startswith("Are groups still treated")
    (table,) = groups.tables
    assert table.heading == "How groups are taken"
    ratio = next(row for row in table.rows if row[0] == ("DI", "f", ""))
    assert ratio[3].detail.startswith("[")
    values = pd.DataFrame({"own": [2.0], "rest": [1.0]}, pd.Index(["ann"]))
    why = [ScoreExplanation(values * k, np.zeros(1), "7D", ("tea",), values).to_result()
           for k in (1, 2)]  # fmt: skip
    reasons = section_of(compare_audiences(*why))
    agreement, attributions = reasons.tables
    assert agreement.heading == "Why"
    assert [cell.text for cell in attributions.rows[0]] == ["own", "2", "4"]


def test_a_log_is_asked_for_activity_alone(undrawn):
    section = section_of(compare_audiences(read(log()), read(log(size=450))))
    assert section.question == "Do users still do as much?"
    assert [table.heading for table in section.tables] == [
        "How scores and activity are distributed"
    ]
    assert len(section.pictures) == 1

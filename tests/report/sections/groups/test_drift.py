"""The page of a drift: alarms, numbers, people."""

import pandas as pd

from tsgen.report.sections import section_of
from tsgen.responsible import compare_audiences

MARCH, APRIL = (pd.DataFrame({"user_id": range(k, k + 10)}) for k in (0, 4))


def test_alarms_stand_first_and_people_last():
    section = section_of(compare_audiences(MARCH, APRIL, allowed={"stayed": (0.9, 1)}))
    assert section.verdicts[0].text == "stayed is 0.6, outside [0.9, 1]."
    assert section.headline["Alarms"] == ("1", "", "bad")
    numbers, people = section.tables
    marks = {row[0].text: row[1].text for row in numbers.rows}
    assert marks == {"entered": "–", "left": "–", "stayed": "alarm"}
    assert [cell.text for cell in people.rows[0]] == ["10", "0"]
    assert len(people.rows) == 4


def test_without_people_there_are_numbers_alone():
    section = section_of(compare_audiences(MARCH, MARCH))
    assert len(section.tables) == 1

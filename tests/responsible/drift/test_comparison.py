"""Who entered and left, what changed, and which of it is an alarm."""

import pandas as pd
import pytest

from small_shop import log, read
from tsgen.errors import DataError, SettingsError
from tsgen.responsible import bias_report, compare_audiences
from tsgen.results import StudyResult

PEOPLE = pd.DataFrame({"user_id": range(400), "sex": ["f", "m"] * 200})
MARCH, APRIL = PEOPLE[:100], PEOPLE[20:220].iloc[::2]


def test_who_entered_and_left_is_named():
    drift = compare_audiences(MARCH.assign(intensity=1.0), APRIL.assign(intensity=2.0))
    assert drift.value("stayed") == 0.4
    assert (drift.value("entered"), drift.value("left")) == (60, 60)
    assert drift.facts["entered"][0] == "100"
    assert drift.value("mean of scores") == 2
    assert drift.value("KS of scores") == 1
    assert drift.facts["alarms"] == []
    assert "no range was given" in drift.answer
    assert drift.answer.endswith(" 40 % of the list stayed: 60 entered, 60 left.")


def test_a_measure_outside_its_range_is_an_alarm():
    allowed = {"DI": (0.8, 1.25), "stayed": (0.1, 1.0)}
    drift = compare_audiences(MARCH, APRIL, users=PEOPLE, facets="sex=f", allowed=allowed)
    row = drift.table[drift.table["metric"] == "DI"].iloc[0]
    assert row["before"] == pytest.approx(1)
    assert row["alarm"]
    assert "DI of 'sex=f' is inf, outside [0.8, 1.25]." in drift.facts["alarms"]
    assert len(drift.facts["alarms"]) == 1
    assert drift.answer.startswith("1 of 2 watched numbers raise an alarm")


def test_a_watched_number_that_one_side_lacks_is_an_alarm_and_not_passed_over():
    """Nobody of the group is left to say anything of: that is no number within its range."""
    few = PEOPLE[PEOPLE["sex"] == "m"].iloc[:10]
    reports = [bias_report(one, PEOPLE, facets="sex=f", draws=10) for one in (MARCH, few)]
    drift = compare_audiences(*reports, allowed={"CI": (-1, 1), "DI": (0.8, 1.25)})
    assert drift.facts["alarms"] == ["DI of 'sex=f' has a value on one side only."]
    assert drift.answer.startswith("1 of 2 watched numbers raise an alarm")
    assert "DI of 'sex=f'" in drift.facts["not_compared"]


def test_logs_and_reports_are_compared():
    drift = compare_audiences(read(log()), read(log(size=450)))
    assert drift.value("mean of activity") < drift.table["before"].max()
    reports = [bias_report(one, PEOPLE, facets="sex=f", draws=10) for one in (MARCH, APRIL)]
    drift = compare_audiences(*reports, allowed={"DPPL": (0.2, 0.3)})
    assert "DPPL" in drift.facts["points"]
    assert drift.facts["alarms"] == ["DPPL of 'sex=f' is -50 points, outside [+20, +30]."]
    with pytest.raises(SettingsError, match="write five points as"):
        compare_audiences(*reports, allowed={"DPPL": (-5, 5)})


def test_attributions_that_change_places_are_an_alarm_by_default():
    def explained(values):
        rows = [{"metric": "mean absolute", "player": p, "value": v} for p, v in values.items()]
        table = pd.DataFrame(rows).assign(spread=0.0, better="one", protocol="x", n=1, seed=0)
        return StudyResult(table, "", {"study": "explanation"})

    march, april = explained({"a": 3.0, "b": 0.1}), explained({"a": 0.1, "b": 3.0})
    assert compare_audiences(march, march).facts["alarms"] == []
    assert "agreement of attributions" in compare_audiences(march, april).facts["alarms"][0]


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DataError, match="Audience and log cannot be compared"):
        compare_audiences(MARCH, read(log()))
    with pytest.raises(SettingsError, match="for 'DI', which is not compared here"):
        compare_audiences(MARCH, APRIL, allowed={"DI": (0.8, 1.25)})
    with pytest.raises(SettingsError, match="is empty"):
        compare_audiences(MARCH, APRIL, allowed={"stayed": (0.8, 0.2)})

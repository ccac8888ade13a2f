"""The page of an interaction study: verdicts, evidence, shares; withheld numbers are dashes."""

import numpy as np
import pytest

from coupled_series import Ridge, coupled, panel_of
from tsgen.report import page_text
from tsgen.report.sections import section_of
from tsgen.responsible import interaction_study

QUICK = {"windows": 60, "absences": 1, "draws": 30, "metric": "squared_error", "seed": 1}


@pytest.fixture(scope="module")
def result():
    return interaction_study(Ridge(), coupled(1.5), **QUICK)


def test_a_page_says_who_uses_whom(result):
    section = section_of(result)
    assert [cell.text for cell in section.verdicts] == [
        one["verdict"] for one in result.facts["targets"]
    ]
    evidence, shares, losses = section.tables
    assert [row[0].text for row in evidence.rows] == ["leader", "follower"]
    numbers = [float(cell.text.rstrip(" %")) for cell in shares.rows[1][1:]]
    assert sum(numbers) == pytest.approx(100, abs=0.3)
    assert shares.columns == ["Series", "own past", "other series", "random series", "calendar"]
    assert len(losses.rows[0]) == 5
    (drawn,) = section.pictures
    assert "2 series" in drawn.alt
    assert "Does the forecaster use the other series?" in page_text(result)


def test_what_is_withheld_is_not_drawn(undrawn):
    walk = panel_of(np.random.default_rng(3).normal(size=(2, 400)).cumsum(axis=1))
    section = section_of(interaction_study(Ridge(), walk, targets=["c0"], **QUICK))
    assert section.tables[1].rows[0][1] == ("–", "withheld", "")
    assert not section.pictures

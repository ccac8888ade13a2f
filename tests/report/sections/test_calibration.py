"""Calibration on a page: the verdict stands beside the groups, on axes that hide nothing."""

from dataclasses import replace

import numpy as np

from study_results import audience_result
from tsgen.report.sections.calibration import (
    calibration_pictures,
    calibration_sentences,
    calibration_tables,
)

FACTS = {
    "verdict": "bad",
    "sentence": "Chances do not mean what they say: for 100 expected, 119 [110, 128] came.",
    "slope": {"value": 0.8, "low": 0.7, "high": 0.9},
    "intercept": {"value": 0.1, "low": -0.1, "high": 0.3},
    "observed_over_expected": {"value": 1.19, "low": 1.1, "high": 1.28},
    "expected_calibration_error": 0.012,
    "expected_calibration_error_by_chance": 0.003,
    "groups": 3,
    "groups_missed": 1,
}


def result():
    old = audience_result()
    groups = np.array([[9, 0.001, 0.002, 0.001], [9, 0.2, 0.3, 0.01], [9, 0.6, 0.61, 0.1]])
    arrays = dict(old.arrays) | {"calibration.chances": groups}
    return replace(old, facts=old.facts | {"calibration": {"chances": FACTS}}, arrays=arrays)


def test_verdicts_come_first_in_every_row():
    counts, numbers, groups = calibration_tables(result(), chances="Customers")
    assert counts.heading == "Expected events of users"
    assert [row[1].tone for row in numbers.rows] == ["bad", "bad", "good", "", "bad"]
    assert numbers.rows[3][2].text == "1.2 points"
    assert numbers.note.startswith(FACTS["sentence"])
    assert [row[1].text for row in groups.rows] == [
        "✓ within two standard errors",
        "✗ too low",
        "✓ within two standard errors",
    ]
    assert groups.rows[1][1].detail == "by 10.0 standard errors"
    assert groups.rows[1][4].text == "1.50"
    assert groups.columns[-1] == "Customers"


def test_linear_axes_stand_beside_the_log_ones():
    pictures = calibration_pictures(result())
    assert [p.alt.split(": ")[0] for p in pictures] == ["Expected events of users"] + 2 * [
        "Chance of at least one event"
    ]
    assert pictures[1].alt.endswith("Linear axes.")
    assert FACTS["sentence"] in pictures[1].caption
    assert pictures[2].alt.endswith("Logarithmic axes.")


def test_results_of_earlier_versions_have_groups_without_a_verdict():
    assert calibration_sentences(audience_result()) == []
    assert len(calibration_tables(audience_result())) == 2
    assert not any(
        "mean what they say" in p.caption for p in calibration_pictures(audience_result())
    )


def test_the_sentence_has_the_tone_of_the_verdict():
    (cell,) = calibration_sentences(result())
    assert (cell.text, cell.tone) == (FACTS["sentence"], "bad")

"""The section of fidelity: every measure beside its floor, and only the pictures there are."""

import numpy as np
import pytest

from study_results import HISTORY, fidelity_result, fidelity_table
from tsgen.evaluation import StudyResult
from tsgen.report.sections.fidelity import fidelity_section

pytestmark = pytest.mark.usefixtures("undrawn")


def row_of(section, name):
    return next(row for row in section.tables[0].rows if row[0].text == name)


def of(table=None, facts=None, arrays=None):
    given = {"study": "fidelity"} if facts is None else facts
    return fidelity_section(
        StudyResult(fidelity_table() if table is None else table, "", given, arrays or {})
    )


def test_a_measure_is_as_good_within_two_standard_deviations_of_its_floor():
    table = fidelity_table().assign(spread=0.06, floor_spread=0.08)  # 0.1 together
    for value, text in ((0.31, "✗ worse"), (0.29, "cannot tell"), (-0.11, "✓ as good")):
        table.loc[0, "value"] = value
        assert row_of(of(table), "Context-FID")[1].text == text
    table.loc[1, ["value", "floor"]] = [0.75, 0.9]  # coverage: higher is better
    assert row_of(of(table), "coverage")[1].text == "cannot tell"
    table.loc[1, "value"] = 0.65
    assert row_of(of(table), "coverage")[1].text == "✗ worse"
    assert row_of(of(table), "coverage")[1].detail == (
        "2.5 standard errors, 3.5 times as far from the ideal"
    )


def test_a_row_says_what_the_measure_means_and_what_real_windows_score():
    table = fidelity_table().assign(spread=0.012, floor_spread=0.5)
    row = row_of(of(table), "Context-FID")
    assert row[0].detail.startswith("Distance between the two sets as a trained encoder sees them.")
    assert row[0].detail.endswith("(lower is better)")
    assert [(cell.text, cell.detail) for cell in row[2:4]] == [("0.3", "± 0.012"), ("0.1", "± 0.5")]
    assert (row[4].text, row[5].text) == ("–", "50")  # a run of an earlier version: no control
    assert row_of(of(table), "<script>")[0].detail == "(lower is better)"


def test_real_windows_without_their_rounding_are_shown_where_they_were_measured():
    table = fidelity_table().assign(unrounded=[0.2, np.nan, 0.3, 0.4, 0.5], unrounded_spread=0.05)
    section = of(table)
    cell = row_of(section, "Context-FID")[4]
    assert (cell.text, cell.detail) == ("0.2", "± 0.05")
    assert row_of(section, "coverage")[4].text == "–"


@pytest.mark.parametrize(
    ("arrays", "count"),
    [((), 1), (("real", "synthetic"), 4), (("real",), 1),
     (("real", "synthetic", "real_embeddings"), 4),
     (("real", "synthetic", "real_embeddings", "synthetic_embeddings"), 5)],
)  # fmt: skip
def test_a_picture_is_drawn_where_its_arrays_are(arrays, count):
    whole = fidelity_result().arrays
    assert len(of(arrays={name: whole[name] for name in arrays}).pictures) == count


def test_losses_and_channels_have_their_own_pictures():
    history = fidelity_section(StudyResult(fidelity_table(), "", {}).with_history(HISTORY))
    assert history.pictures[-1].caption == "Losses of the training."
    whole = dict(fidelity_result().arrays)
    whole |= {f"{role}_cross_correlation": np.zeros((1, 5)) for role in ("real", "synthetic")}
    section = of(facts={"channels": ["a", "b"]}, arrays=whole)
    assert any("pairs of channels" in shown.alt for shown in section.pictures)


def test_what_must_be_equal_for_a_comparison():
    ground = of(facts={"data": {"real": "abc"}}).ground
    assert ground == {"protocol": "held-out", "n": "50", "data": "abc"}
    assert of(facts={"data": {"x": 1}}).ground["data"] == "{'x': 1}"

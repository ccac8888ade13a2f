"""The section of audiences: units, intervals, verdicts, and what the pictures are given."""

import numpy as np
import pytest

from study_results import audience_result
from tsgen.evaluation import StudyResult
from tsgen.report.sections import audience, calibration
from tsgen.report.sections.audience import audience_section


def section(**changes):
    given = audience_result()
    table = given.table.copy()
    for (metric, column), value in changes.get("cells", {}).items():
        row = (table["arm"] == "model") & (table["metric"] == metric)
        table.loc[row, column] = value
    arrays = changes.get("arrays", given.arrays)
    return audience_section(StudyResult(table, "", given.facts, arrays))


def measure(shown, label):
    return next(row for row in shown.tables[1].rows if row[0].text == label)


pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture
def shown():
    return audience_section(audience_result())


def test_shares_are_percentages_and_other_numbers_are_not(shown):
    precision = measure(shown, "audiences: precision@k, over all")
    assert (precision[2].text, precision[2].detail) == ("20 %", "[16, 24]")
    ratio = measure(shown, "expected over observed events")
    assert (ratio[2].text, ratio[2].detail) == ("0.9", "[0.72, 1.08]")
    without = measure(shown, "audiences: effective number of users (exponential of the entropy)")
    assert (without[2].text, without[2].detail, without[3].text) == ("40", "", "–")


def test_no_measure_is_called_as_in_the_code(shown):
    names = [row[0].text for row in shown.tables[1].rows] + shown.tables[0].columns
    assert len(names) == 8
    assert not [name for name in names if "_" in name or "perplexity" in name]


def test_a_measure_stands_beside_the_best_rule_with_the_difference(shown):
    precision = measure(shown, "audiences: precision@k, over all")
    # 0.2 of the model, 0.15 above the rule
    assert (precision[3].text, precision[3].detail) == ("5 %", "random")
    assert (precision[4].text, precision[4].detail) == ("+15 points", "[-10, +30]")


@pytest.mark.parametrize(
    ("better", "low", "high", "verdict"),
    [
        ("higher", 0.1, 0.3, "✓ better"),
        ("higher", -0.3, -0.1, "✗ worse"),
        ("higher", -0.1, 0.3, "no clear difference"),
        ("lower", 0.1, 0.3, "✗ worse"),
        ("lower", -0.3, -0.1, "✓ better"),
        ("lower", -0.3, 0.1, "no clear difference"),
        ("higher", 0.0, 0.3, "no clear difference"),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side_of_zero(better, low, high, verdict):
    name = "user_rec_precision"
    cells = {
        (name, "better"): better,
        (name, "difference_low"): low,
        (name, "difference_high"): high,
    }
    assert measure(section(cells=cells), "audiences: precision@k, over all")[1].text == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.9, 1.1, "✓ 1 is within"),
        (0.8, 0.99, "✗ 1 is not within"),
        (1.01, 1.2, "✗ 1 is not within"),
        (1.0, 1.0, "✓ 1 is within"),
    ],
)
def test_a_ratio_is_right_if_one_lies_within_its_interval(low, high, verdict):
    cells = {("count_ratio", "low"): low, ("count_ratio", "high"): high}
    assert measure(section(cells=cells), "expected over observed events")[1].text == verdict


def test_every_arm_has_a_row_of_the_headline_measures(shown):
    arms = shown.tables[0]
    assert list(arms.columns) == ["", "Verdict", "Audience precision", "Gain at 10 %"]
    assert [[cell.text for cell in row] for row in arms.rows] == [
        ["model", "no clear difference", "20 %", "60 %"],
        ["random", "", "1 %", "10 %"],
    ]
    assert arms.rows[1][0].detail == "Everybody alike."
    assert "12,345 events, from 2024-03-01, to 2024-03-15, users 500, items 30" in arms.note
    assert {name: cell.text for name, cell in shown.headline.items()} == {
        "Audience precision": "20 %",
        "Gain at 10 %": "60 %",
    }


def test_groups_are_shown_with_what_was_said_and_what_came(shown):
    counts, chances = shown.tables[2:]
    cells = [cell.text for cell in counts.rows[1]]
    assert cells == ["2", "✓ within two standard errors", "0.2", "0.3", "1.50", "9"]
    assert counts.rows[1][3].detail == "± 0.1"
    assert [cell.text for cell in chances.rows[1]][2:4] == ["20.000 %", "30.000 %"]


def test_the_pictures_are_given_the_curves_and_groups_of_the_run(monkeypatch):
    given = {}
    for name in ("plot_gain", "plot_lift"):
        monkeypatch.setattr(
            audience, name, lambda *a, name=name, **k: given.setdefault(name, []).append((a, k))
        )
    for module in (audience, calibration):
        monkeypatch.setattr(module, "picture", lambda ax, alt, caption: alt)
    result = audience_result()
    arrays = dict(result.arrays) | {"listed": 2 * result.arrays["depths"]}
    alts = section(arrays=arrays).pictures
    assert "model 32 %, random 10 %" in alts[0]
    (curves, depths), _ = given["plot_gain"][0]
    assert set(curves) == {"model", "random"}
    np.testing.assert_array_equal(depths, arrays["depths"])
    assert given["plot_lift"][0][1]["listed"] is arrays["listed"]
    assert [alt.partition(":")[0] for alt in alts[2:]] == [
        "Expected events of users", "Chance of at least one event"
    ]  # fmt: skip


def test_parts_that_were_chosen_are_shown_with_every_alternative():
    given = audience_result()
    choice = {"windows": 3, "weights": {"a": 0.25, "b": 0.75},
              "scores": {"a": -2.5, "b": -2.25, "stack": -2.125}}  # fmt: skip
    facts = {**given.facts, "model": {"choices": {"activity": choice}}}
    shown = audience_section(StudyResult(given.table, "", facts, given.arrays))
    table = shown.tables[-1]
    assert table.heading == "How the activity was chosen"
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["a", "0.25", "-2.5000"], ["b", "0.75", "-2.2500"], ["stack", "–", "-2.1250"],
    ]  # fmt: skip
    assert "3 past horizons" in table.note
    assert len(audience_section(given).tables) == len(shown.tables) - 1


def test_people_of_a_list_are_counted_beside_the_best_simple_rule(shown):
    (cell,) = shown.verdicts  # a run of an earlier version has no verdict on calibration
    assert cell.text == (
        "Of 5 users listed for an item, 1 act within 14 days on average; of as many listed by the "
        "best simple rule (random) 0.25."
    )
    assert cell.tone == ""
    better = {("user_rec_precision", "difference_low"): 0.01}
    assert section(cells=better).verdicts[0].tone == "good"

import pandas as pd
import pytest

from tsgen.evaluation.studies.totals_table import totals_page, totals_summary


def window(expected, came, last=None, **more):
    return {
        "history": 3.0, "users": 400, "expected_events": expected, "came_events": came,
        "expected_known_events": expected, "came_known_events": came, "expected_pairs": expected,
        "came_pairs": 2 * came, "last_horizon": last, "mean_horizon": last,
        "low": 50.0, "high": 150.0, **more,
    }  # fmt: skip


WINDOWS = [window(90.0, 100, 140.0), window(150.0, 100, 100.0), window(240.0, 200)]


def test_errors_are_relative_and_absolute_and_medians_go_over_cells():
    table = totals_summary(pd.DataFrame(WINDOWS)).set_index("total")
    events = table.loc["events"]
    assert (events["cells"], events["median error"]) == (3, pytest.approx(0.2))
    assert events["within 30 %"] == pytest.approx(2 / 3)
    assert table.loc["buyers: sum of probabilities", "median ratio"] == pytest.approx(0.6)
    assert table.loc["as in the last horizon (events)", "cells"] == 2


def test_the_page_tells_intervals_refusals_and_the_logs_that_nothing_was_chosen_on():
    refused = {"history": 1.5, "users": 400, "came_events": 10, "refused": "No."}
    cells = [
        {"arm": "a", "windows": WINDOWS},
        {"arm": "b", "windows": [window(90.0, 100, 90.0), refused]},
    ]
    study = {
        "question": "Do they come?",
        "arms": {"a": {"data": "mine"}, "b": {"data": "other"}},
        "development": ["mine"],
    }
    page = totals_page(study, cells, "totals")
    assert "**What was expected came within 30 % in 75 % of 4 cells, with a median" in page
    assert "last horizon it would have been 67 %, and 10 %.**" in page
    everything, held_back = page.split("## Logs other than those of development")
    assert "5 cells of 2 logs, 1 refused" in everything
    assert "held 75 %" in everything  # 200 of them lie outside 50 to 150
    assert "in 33 %" in everything  # of three cells with a rule, one expected 150 of 100
    assert "2 cells of 1 logs, 1 refused" in held_back
    assert "| events | 1 | 0.10 | 1.00 | 0.90 |" in held_back


def test_where_nothing_was_served_the_page_says_so():
    refused = {**window(90.0, 100, 90.0), "expected_events": None, "refused": "No."}
    study = {"question": "?", "arms": {"a": {"data": "mine"}}}
    page = totals_page(study, [{"arm": "a", "windows": [refused]}], "totals")
    assert "**No cell has a total that came.**" in page

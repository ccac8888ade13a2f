"""Pages of many measures: a row each, medians over seeds, nothing that breaks a table."""

from tsgen.evaluation.studies.measures_page import measures_page

STUDY = {"question": "Who?", "arms": {"ours": {}, "other": {}, "absent": {}}}


def cell(arm, seed, value, **more):
    measures = {"age=1|2: ratio": {"value": value, "low": value - 1, "high": value + 1}, **more}
    return {"arm": arm, "seed": seed, "cpu_seconds": 10.0 * seed, "measures": measures}


def test_a_row_a_measure_and_a_column_an_arm():
    cells = [cell("ours", 1, 2.0), cell("ours", 2, 4.0), cell("other", 1, 1.0, n={"value": 7})]
    page = measures_page(STUDY, cells, "who").splitlines()
    assert page[0] == "# who"
    assert "| measure | ours | other |" in page
    assert "| age=1 or 2: ratio | 3 [2, 4] | 1 [0, 2] |" in page
    assert "| n | - | 7 |" in page
    assert "| CPU s | 10-20 | 10 |" in page

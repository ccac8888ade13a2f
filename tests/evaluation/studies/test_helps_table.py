"""The page of help: ways over datasets, and what each rule would have done."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from tsgen.evaluation.studies.helps_table import helps_page, rule_page, rule_table, way_table

CHANGES = {"a": [-10.0, 4.0], "b": [2.0, 6.0], "c": [-3.0, -5.0]}


def auto():
    rows = [
        {"dataset": name, "way": "auto", "change": change, "low": change - 3, "high": change + 3,
         "sureness": 2.5 if change < 3 else 0.5, "expected": change}
        for name, changes in CHANGES.items() for change in changes
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_ways_are_means_over_datasets_with_their_interval():
    row = way_table(auto()).iloc[0]
    logs = [np.log1p(np.array(c) / 100).mean() for c in CHANGES.values()]
    low, high = ttest_1samp(logs, 0).confidence_interval(0.95)
    mean, low, high = (100 * np.expm1(v) for v in (np.mean(logs), low, high))
    assert row["change"] == f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]"
    assert row["harm"] == "33 %"  # 4 and 6 of six cells
    assert (row["datasets"], row["cells"], row["worst cell"]) == (3, 6, "+6.0")
    assert way_table(auto().query("dataset == 'a'")).iloc[0]["change"] == "-3.3"


def test_rules_take_what_is_surely_better_and_leave_the_rest_as_it_is():
    table = rule_table(auto()).set_index(["standard errors", "expected"])
    always = table.loc[("any", "0 %")]
    assert (always["taken"], always["worse"], always["harm"]) == ("6 of 6", "50 %", "33 %")
    two = table.loc[("2", "0 %")]  # -10, -3, -5; 2.0 is not expected to be better
    assert (two["taken"], two["worse"], two["harm"]) == ("3 of 6", "0 %", "0 %")
    assert two["change where taken"] == "-6.0"
    logs = [np.log(0.9) / 2, 0.0, np.log(0.97 * 0.95) / 2]
    assert float(two["change"].split()[0]) == pytest.approx(100 * np.expm1(np.mean(logs)), abs=0.06)
    assert table.loc[("3", "0 %")]["taken"] == "0 of 6"
    assert table.loc[("3", "0 %")]["change where taken"] == "-"


def test_the_page_has_ways_datasets_and_rules():
    study = {"question": "Does it help?", "part": "test", "num_series": 5, "reference_seeds": 2,
             "draws": 3, "generator_budget": "7s",
             "arms": {"a-auto": {"data": "a", "way": "auto"},
                      "a-mixing": {"data": "a", "way": "mixing"}}}  # fmt: skip
    change = {"change": {"value": -2.0, "low": -3.0, "high": 1.0}}
    said = {"sureness": {"value": 2.2}, "expected": {"value": -1.5}}
    cells = [
        {"arm": "a-auto", "measures": change | said},
        {"arm": "a-mixing", "measures": change},
        {"arm": "a-mixing", "measures": {"change": {"value": 4.0, "low": 1.0, "high": 7.0}}},
    ]
    page = helps_page(study, cells, "helps")
    assert "| dataset | auto | mixing |" in page
    assert "| a | -2.0 (1) | +1.0 (2) |" in page
    assert "| mixing | 1 | 2 | +1.0 | 50 % | +4.0 |" in page
    assert "| 2 | 1 % | 1 of 1 | -2.0 | -2.0 | 0 % | 0 % |" in page
    only = helps_page(study, cells[1:], "helps")
    assert "## Rules" not in only


def test_the_page_of_many_choices_has_rules_and_datasets():
    study = {"question": "How sure?", "part": "validation", "num_series": 5, "draws": 2,
             "candidates": ["mixing"],
             "arms": {"a": {"data": "a"}, "b": {"data": "b"}}}  # fmt: skip

    def choice(change, sureness):
        measures = {"change": {"value": change, "low": change - 1, "high": change + 1},
                    "sureness": {"value": sureness}, "expected": {"value": -3.0}}  # fmt: skip
        return {"candidate": "mixing 50 %", "measures": measures}

    cells = [
        {"arm": "a", "choices": [choice(-4.0, 3.0), choice(2.0, 1.0)]},
        {"arm": "b", "choices": [choice(0.0, 2.2)]},
    ]
    page = rule_page(study, cells, "rule")
    assert "| any | 0 % | 3 of 3 |" in page
    assert "| 2 | 1 % | 2 of 3 |" in page
    assert "| 2.5 | 2 % | 1 of 3 |" in page
    assert "| a | -1.0 (2) |" in page

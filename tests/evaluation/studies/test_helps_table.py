"""The tables of help: ways over datasets, and what each rule would have done."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from tsgen.evaluation.studies.helps_table import (
    by_rule,
    in_short,
    ratio_table,
    rule_table,
    way_table,
)

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


def test_in_short_names_a_gain_only_where_there_is_one():
    said = in_short(auto())
    assert said.startswith("Of 1 way auto changed the loss most for the better, by -1.2 [")
    none = in_short(auto().assign(change=0.0))
    assert "auto came nearest to a gain, and none gained: it changed the loss by +0.0" in none
    worse = in_short(auto().assign(change=[1.0, 2.0, 1.0, 2.0, 1.0, 2.0]))
    assert "none gained: it changed the loss by +1.5 [" in worse


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


def test_by_the_default_rule_what_is_not_taken_changes_nothing():
    rows = by_rule(auto())
    assert rows["change"].tolist() == [-10.0, 0.0, 0.0, 0.0, -3.0, -5.0]
    by_table = rule_table(auto()).set_index(["standard errors", "expected"])
    assert way_table(rows).iloc[0]["change"] == by_table.loc[("2", "1 %")]["change"]
    assert way_table(rows).iloc[0]["harm"] == "0 %"


def test_pairs_are_of_the_same_cells():
    rows = [("a", 0, "new", -10.0), ("a", 0, "old", -20.0), ("b", 1, "old", 0.0),
            ("b", 2, "new", 21.0), ("b", 2, "old", 10.0)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["dataset", "cell", "way", "change"])
    (row,) = ratio_table(table, {"new": "old", "old": "lost"}).itertuples()
    ratios = np.log([0.9 / 0.8, 1.21 / 1.1])
    low, high = ttest_1samp(ratios, 0).confidence_interval(0.95)
    mean, low, high = (100 * np.expm1(v) for v in (ratios.mean(), low, high))
    assert row.change == f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]"
    assert (row.way, row.against, row.datasets) == ("new", "old", 2)
    assert ratio_table(table, {"new": "lost"}).empty

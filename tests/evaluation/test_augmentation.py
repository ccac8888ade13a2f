"""A choice of augmentation as a result: one row a candidate that ran, the others as failures."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation.augmentation import augmentation_result

FACTS = {"windows_a_series": 3, "series_judged": 20, "seed": 7, "rule": "sure"}


def choice(chosen="mixing"):
    table = pd.DataFrame({
        "candidate": ["mixing", "jitter", "dba"],
        "change": [-4.0, 1.0, np.nan],
        "sureness": [2.0, 0.0, np.nan],
        "runs": [4, 2, 0],
        "failed": ["", "", "too short"],
    })  # fmt: skip
    named = None if chosen is None else SimpleNamespace(name=chosen)
    return SimpleNamespace(table=table, chosen=named, facts=FACTS, answer="Use mixing.")


def test_each_candidate_that_ran_has_its_change_and_its_standard_error():
    result = augmentation_result(choice(), command="tsgen augment")
    assert result.table["candidate"].tolist() == ["mixing", "jitter"]
    assert result.table["value"].tolist() == [-4.0, 1.0]
    np.testing.assert_array_equal(result.table["spread"], [2.0, np.nan])
    assert result.table["n"].tolist() == [60, 60]
    assert result.table["seed"].tolist() == [7, 7]
    assert set(result.table["better"]) == {"lower"}
    assert result.answer == "Use mixing."


@pytest.mark.parametrize(
    ("chosen", "marked"), [("mixing", [True, False]), ("jitter", [False, True]),
                           (None, [False, False])],
)  # fmt: skip
def test_the_chosen_one_is_marked(chosen, marked):
    assert augmentation_result(choice(chosen)).table["chosen"].tolist() == marked


def test_facts_say_what_failed_and_with_what_it_was_made():
    facts = augmentation_result(choice(), command="tsgen augment").facts
    assert facts["failures"] == [{"candidate": "dba", "failed": "too short"}]
    assert (facts["study"], facts["command"], facts["rule"]) == (
        "augmentation",
        "tsgen augment",
        "sure",
    )
    assert "numpy" in facts["versions"]
    assert "failures" not in FACTS  # the choice's own facts stay as they are

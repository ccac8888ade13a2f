"""The section of a choice of augmentation: what is taken, and what is said of the others."""

import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation import StudyResult
from tsgen.report.sections import augmentation
from tsgen.report.sections.augmentation import augmentation_section

ROWS = [
    # candidate, change, low, high, chosen
    ("add_three_mixing", -3.0, -4.3, -1.6, True),
    ("replace_by_psa_gan", 2.0, 0.5, 4.0, False),
    ("add_one_jitter", -1.0, -2.5, 0.4, False),
    ("add_one_scaling", 0.5, -1.0, 2.0, False),
]

pytestmark = pytest.mark.usefixtures("undrawn")


def result(rows=ROWS, failures=()):
    table = pd.DataFrame(rows, columns=["candidate", "value", "low", "high", "chosen"])
    table = table.assign(
        metric="error", spread=np.nan, better="lower", protocol="rolling", n=3, seed=1,
        expected=table["value"] / 2, sureness=2.2, runs=4, forecaster="linear",
    )  # fmt: skip
    facts = {
        "study": "augmentation",
        "failures": list(failures),
        "data": {"fingerprint": "abc"},
        "prediction_length": 24,
        "rule": "2 standard errors and 1 %",
    }
    return StudyResult(table, "Use it.", facts)


def verdicts(section):
    return [(row[0].text, row[1].text, row[1].tone) for row in section.tables[0].rows]


def test_each_candidate_has_its_numbers_and_a_verdict():
    section = augmentation_section(result())
    assert verdicts(section) == [
        ("add three mixing", "✓ use it", "good"),
        ("replace by psa gan", "✗ harms", "bad"),
        ("add one jitter", "not sure", ""),
        ("add one scaling", "no gain", ""),
    ]
    first = section.tables[0].rows[0]
    assert (first[2].text, first[2].detail) == ("-3.0 %", "[-4.3, -1.6]")
    assert [cell.text for cell in first[3:7]] == ["-1.5 %", "2.2", "4", "linear"]
    assert section.tables[0].note.endswith("Taken if better by 2 standard errors and 1 %.")


def test_the_headline_is_the_choice_or_that_there_is_none():
    assert augmentation_section(result()).headline == {
        "Use": ("add_three_mixing", "-1.5 % expected", "good")
    }
    none = augmentation_section(result(ROWS[1:])).headline["Use"]
    assert (none.text, none.tone) == ("none", "bad")


def test_what_failed_is_listed_only_if_something_did():
    assert len(augmentation_section(result()).tables) == 1
    failed = [{"candidate": "dba", "failed": "too short"}]
    table = augmentation_section(result(failures=failed)).tables[1]
    assert [[cell.text for cell in row] for row in table.rows] == [["dba", "too short"]]


def test_runs_may_be_compared_on_one_task_only():
    ground = {"data": "abc", "steps forecast": "24", "rule": "2 standard errors and 1 %"}
    assert augmentation_section(result()).ground == ground


def test_the_picture_has_every_candidate_with_its_interval(monkeypatch):
    given = []

    def recorded(names, *ends, label):
        given.append((names, *(end.tolist() for end in ends)))
        return "axes"

    monkeypatch.setattr(augmentation, "plot_differences", recorded)
    monkeypatch.setattr(augmentation, "picture", lambda ax, alt, caption, wide: alt)
    (alt,) = augmentation_section(result()).pictures
    assert given == [
        (
            [name.replace("_", " ") for name, *_ in ROWS],
            [row[1] for row in ROWS],
            [row[2] for row in ROWS],
            [row[3] for row in ROWS],
        )
    ]
    assert "add three mixing -3.0 %, replace by psa gan +2.0 %" in alt


@pytest.mark.parametrize("missing", ["failures", "data", "rule"])
def test_a_result_without_its_facts_is_no_choice(missing):
    bare = result()
    del bare.facts[missing]
    with pytest.raises(KeyError, match=missing):
        augmentation_section(bare)

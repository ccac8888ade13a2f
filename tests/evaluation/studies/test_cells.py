"""Cells are kept under a name that changes with what their numbers depend on, and only then."""

import datetime
import json
from pathlib import Path

import pytest

from tsgen.errors import DataError
from tsgen.evaluation.studies import cells
from tsgen.evaluation.studies.cells import cell_path, finished_cells, write_cell

STUDY = {
    "question": "Who?",
    "data": "shop",
    "seeds": [1, 2],
    "arms": {"a": {"row": "popularity"}, "b": {"row": "random"}},
}


def name(study=STUDY, arm="a", seed=1):
    return cell_path(Path("place"), study, arm, seed).name


@pytest.mark.parametrize(
    "change",
    [
        {"question": "Why?"},
        {"seeds": [1, 2, 3]},
        {"judged": ["a"]},
        {"against": ["b"]},
        {"reference": {}},
        {"arms": STUDY["arms"] | {"c": {}}},
        {"arms": STUDY["arms"] | {"b": {"row": "other"}}},
    ],
)
def test_how_a_study_is_shown_changes_no_cell(change):
    assert name(STUDY | change) == name()


@pytest.mark.parametrize(
    "change",
    [{"data": "other"}, {"part": "test"}, {"arms": {"a": {"row": "popularity", "users": 1.0}}}],
)
def test_what_the_numbers_depend_on_makes_another_cell(change):
    assert name(STUDY | change) != name()


def test_cells_that_hold_other_things_than_before_have_other_names(monkeypatch):
    study = STUDY | {"protocol": "audience"}
    now = name(study)
    monkeypatch.setattr(cells, "_FORMATS", {})
    before = name(study)
    monkeypatch.setattr(cells, "_FORMATS", {"audience": 4})
    assert len({before, now, name(study)}) == 3
    assert name(STUDY | {"protocol": "totals"}) not in (before, now)


def test_arm_and_seed_are_in_the_name():
    assert name().startswith("a-1-")
    assert name(arm="b", seed=2).startswith("b-2-")
    assert name(dict(reversed(STUDY.items()))) == name()  # the order of the keys says nothing


def test_finished_cells_come_arm_by_arm_and_those_of_another_state_stay_away(tmp_path):
    for arm, seed in (("b", 1), ("a", 2), ("a", 1)):
        write_cell(cell_path(tmp_path / "cells", STUDY, arm, seed), arm, seed, {"value": 3})
    other = STUDY | {"data": "other"}
    write_cell(cell_path(tmp_path / "cells", other, "a", 1), "a", 1, {"value": 4})
    found = finished_cells(tmp_path / "cells", STUDY)
    assert [(cell["arm"], cell["seed"], cell["value"]) for cell in found] == [
        ("a", 1, 3),
        ("a", 2, 3),
        ("b", 1, 3),
    ]
    assert len(finished_cells(tmp_path / "cells", other)) == 1


def test_a_cell_is_replaced_whole(tmp_path):
    path = tmp_path / "deep" / "cell.json"
    write_cell(path, "a", 1, {"value": 3})
    write_cell(path, "a", 1, {"value": 4})
    assert json.loads(path.read_text()) == {"arm": "a", "seed": 1, "value": 4}
    assert [file.name for file in path.parent.iterdir()] == ["cell.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"arm": "a"}', "3"])
def test_a_damaged_cell_is_named_and_what_to_do(tmp_path, content):
    write_cell(cell_path(tmp_path, STUDY, "a", 1), "a", 1, {"measures": {}})
    assert len(finished_cells(tmp_path, STUDY)) == 1
    cell_path(tmp_path, STUDY, "a", 1).write_text(content)
    with pytest.raises(DataError, match=r"a-1-\w+\.json is no cell of a study; delete it"):
        finished_cells(tmp_path, STUDY)


def test_dates_in_a_study_are_part_of_a_cells_name():
    dated = [name(STUDY | {"at": datetime.date(2024, 1, day)}) for day in (1, 2)]
    assert len(set(dated)) == 2

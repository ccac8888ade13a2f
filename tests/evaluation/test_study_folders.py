"""The folder of a study file as a result."""

import pytest

from tsgen.errors import ModelFormatError
from tsgen.evaluation import is_study_folder, study_result

README = """# mine

Which is best?

**a is, by 2.**

Median over seeds.

    python evaluation/run.py evaluation/studies/mine.toml --data DIR

| arm | loss |
| --- | --- |
| a_b | 1 [0, 2] |
| b | - |

## Later

On `new` data.

| arm | loss |
| --- | --- |
| a_b | 3 |
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    (tmp_path / "cells.csv").write_text("arm,seed,metric,value\na_b,1,loss,1.5\n", encoding="utf-8")
    return tmp_path


def test_its_tables_its_answer_and_its_command_are_those_of_the_readme(folder):
    assert is_study_folder(folder)
    result = study_result(folder)
    assert result.answer == "a is, by 2."
    assert result.facts["question"] == "Which is best?"
    assert result.facts["command"].startswith("python evaluation/run.py")
    first, later = result.facts["parts"]
    assert (first["heading"], first["note"]) == ("Numbers", "Median over seeds.")
    assert first["columns"] == ["arm", "loss"]
    assert first["rows"] == [["a_b", "1 [0, 2]"], ["b", "-"]]
    assert (later["heading"], later["note"]) == ("Later", "On `new` data.")
    assert result.value("loss", arm="a_b") == 1.5


def test_tables_under_one_heading_have_names_of_their_own(folder):
    table = README[README.index("| arm") : README.index("## Later")]
    (folder / "README.md").write_text(README + f"\nMore.\n\n{table}\n{table}", encoding="utf-8")
    headings = [part["heading"] for part in study_result(folder).facts["parts"]]
    assert headings == ["Numbers", "Later", "Later, continued", "Later, continued"]


def test_without_a_verdict_the_question_stands_there(folder):
    text = README.replace("**a is, by 2.**\n", "")
    (folder / "README.md").write_text(text, encoding="utf-8")
    assert study_result(folder).answer == "Which is best?"


def test_other_folders_are_refused(folder, tmp_path):
    (folder / "cells.csv").write_text("window,arm,loss\nv,a,1\n", encoding="utf-8")
    with pytest.raises(ModelFormatError, match="not a table of cells"):
        study_result(folder)
    (folder / "cells.csv").unlink()
    assert not is_study_folder(folder)
    with pytest.raises(ModelFormatError, match="not the folder of a study"):
        study_result(folder)


def test_what_follows_the_question_is_not_in_the_heading(folder):
    text = README.replace("Which is best?", "Which is best? Of a and b alone.")
    (folder / "README.md").write_text(text, encoding="utf-8")
    facts = study_result(folder).facts
    assert (facts["question"], facts["about"]) == ("Which is best?", "Of a and b alone.")

"""`tsgen evaluate study`: which engine computes it, and what it is asked."""

import importlib
import os

import pandas as pd
import pytest

from command_line import Recorder, answer, fail, succeed
from tsgen.evaluation import StudyResult


@pytest.fixture
def place(tmp_path):
    (tmp_path / "s.toml").write_text('protocol = "activity"\n')
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "README.md").write_text("the page")
    (tmp_path / "s" / "cells.csv").write_text("")
    return tmp_path


def test_every_option_reaches_the_engine(place, monkeypatch):
    asked = Recorder([{"arm": "a", "seed": 1}])
    monkeypatch.setattr("tsgen.evaluation.studies.run_study", asked)
    words = ["evaluate", "study", place / "s.toml", "--data", place]
    found = answer(*words, "--jobs", 3, "--arm", "a", "--arm", "b", "--seed", 1, "--seed", 4)
    assert found == {"cells": [{"arm": "a", "seed": 1}], "folder": str(place / "s")}
    assert asked.args == (place / "s.toml", place)
    options = dict(asked.kwargs)
    del options["say"]
    assert options == {"jobs": 3, "engine": "local", "arms": ["a", "b"], "seeds": [1, 4],
                       "trust": False, "allow_failures": False}  # fmt: skip
    assert succeed(*words).stdout == f"the page\n{place / 's'}\n"
    assert (asked.kwargs["arms"], asked.kwargs["seeds"]) == ((), ())


def test_one_cell_is_computed_for_the_engine(place, monkeypatch):
    compute = Recorder()
    monkeypatch.setattr("tsgen.evaluation.studies.compute_cell", compute)
    monkeypatch.setattr("tsgen.evaluation.studies.run_study", never := Recorder())
    succeed("evaluate", "study", place / "s.toml", "--data", place, "--cell", "two:arms:7")
    assert compute.args == (place / "s.toml", place, "two:arms", 7)
    assert compute.kwargs == {"trust": False}
    told = fail("evaluate", "study", place / "s.toml", "--data", place, "--cell", "two:arms")
    assert "--cell two:arms is no cell" in told
    os.mkfifo(place / "pipe.toml")
    assert "is a pipe" in fail("evaluate", "study", place / "pipe.toml", "--data", place)
    assert not never.calls


def _half_a_text(path, text, **options):
    path.write_bytes(b"ha")
    raise OSError(28, "No space left on device")


def test_a_study_of_forecasters_goes_to_its_own_engine(place, monkeypatch):
    text = 'data = "load"\nprediction_length = 6\nnum_windows = 2\nseeds = [1]\n'
    text += '[forecasters.naive]\nestimator = "seasonal_naive"\n[arms.real]\n'
    (place / "s.toml").write_text(text)
    row = {"metric": "loss", "value": 1.0, "spread": 0.0, "better": "lower", "protocol": "x"}
    result = StudyResult(
        pd.DataFrame([row | {"n": 5, "seed": 1}]),
        "It helped.",
        {"cells": {"finished": 1, "failed": 0}},
    )
    monkeypatch.setattr("tsgen.evaluation.evaluate_forecast", asked := Recorder(result))
    verb = importlib.import_module("tsgen.cli.evaluate.study")
    monkeypatch.setattr(verb, "find_data", find := Recorder("the data"))
    monkeypatch.setattr("tsgen.evaluation.studies.forecast_page", Recorder("its page"))
    words = ["evaluate", "study", place / "s.toml", "--data", place]
    assert answer(*words)["cells"][0]["value"] == 1.0
    study, data = asked.args
    assert (study.data, data) == ("load", "the data")
    assert find.args == ("load", place, None)
    assert asked.kwargs["cells"] == place / "s"
    assert set(asked.kwargs["synthesizers"]) == {"psa-gan"}
    assert (place / "s" / "README.md").read_text() == "its page"
    assert pd.read_csv(place / "s" / "table.csv")["metric"].tolist() == ["loss"]
    (place / "s" / "table.csv").write_text("of another run")
    monkeypatch.setattr("pathlib.Path.write_text", _half_a_text)
    assert "No space left on device" in fail(*words)
    assert (place / "s" / "table.csv").read_text() == "of another run"
    monkeypatch.undo()
    assert "--arm and --seed are not for a study of forecasters" in fail(*words, "--arm", "real")


def test_a_broken_file_is_left_to_the_engine(place):
    (place / "s.toml").write_text("= nonsense")
    assert "s.toml" in fail("evaluate", "study", place / "s.toml", "--data", place)
    assert "none.toml" in fail("evaluate", "study", place / "none.toml", "--data", place)


@pytest.mark.parametrize(("finished", "told"), [(0, "all 2 cells failed"), (1, "2 cells failed;")])
def test_failed_cells_of_forecasters_make_the_exit_code(place, monkeypatch, finished, told):
    text = 'data = "load"\nprediction_length = 6\nnum_windows = 2\nseeds = [1]\n'
    text += '[forecasters.naive]\nestimator = "seasonal_naive"\n[arms.real]\n'
    (place / "s.toml").write_text(text)
    row = {"metric": "loss", "value": 1.0, "spread": 0.0, "better": "lower", "protocol": "x"}
    count = {"cells": {"finished": finished, "failed": 2}}
    result = StudyResult(pd.DataFrame([row | {"n": 5, "seed": 1}]), "It helped.", count)
    monkeypatch.setattr("tsgen.evaluation.evaluate_forecast", Recorder(result))
    verb = importlib.import_module("tsgen.cli.evaluate.study")
    monkeypatch.setattr(verb, "find_data", Recorder("the data"))
    monkeypatch.setattr("tsgen.evaluation.studies.forecast_page", Recorder("its page"))
    assert told in fail("evaluate", "study", place / "s.toml", "--data", place, code=4)
    assert (place / "s" / "table.csv").exists() == bool(finished)
    allowed = ("evaluate", "study", place / "s.toml", "--data", place, "--allow-failures")
    if finished:
        assert told in succeed(*allowed).stderr
    else:
        assert told in fail(*allowed, code=4)


def test_a_folder_of_the_studys_name_that_is_of_something_else_stays(place):
    (place / "s" / "cells.csv").unlink()
    words = ["evaluate", "study", place / "s.toml", "--data", place]
    assert "README.md would be replaced" in fail(*words)
    assert (place / "s" / "README.md").read_text() == "the page"
    (place / "s" / "model.json").write_text("{}")
    assert "holds something else" in fail(*words)


@pytest.mark.parametrize("name", ["/", ".", "s"])
def test_a_folder_is_no_study(place, monkeypatch, name):
    monkeypatch.chdir(place)
    told = fail("evaluate", "study", name, "--data", place)
    assert f"{name} is a folder; a study is a file of settings" in told

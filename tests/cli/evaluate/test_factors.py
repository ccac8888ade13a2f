"""`tsgen evaluate factors`: options reach the study, and the table is shown."""

import pandas as pd
import pytest

from command_line import Recorder, fail, succeed
from tsgen.evaluation import StudyResult


@pytest.fixture
def asked(monkeypatch):
    row = {"metric": "R2", "value": 0.5, "spread": 0.0, "better": "higher", "protocol": "factors",
           "n": 5, "seed": 1, "world": "shop", "split": "random", "maker": "mixing",
           "factor": "mean"}  # fmt: skip
    asked = Recorder(StudyResult(pd.DataFrame([row]), "It mixes.", {}))
    monkeypatch.setattr("tsgen.evaluation.evaluate_factors", asked)
    monkeypatch.setattr("tsgen.cli.evaluate.runs.write_run", Recorder())
    return asked


def test_everything_is_the_default_and_the_means_are_shown(asked, tmp_path):
    done = succeed("evaluate", "factors", "-o", tmp_path / "run", "--seed", "4")
    assert {"worlds", "splits", "makers"}.isdisjoint(asked.kwargs)
    assert (asked.kwargs["budget"], asked.kwargs["seed"]) == ("60s", 4)
    assert asked.kwargs["settings"] == {}
    assert "mixing" in done.stdout
    assert "0.50" in done.stdout
    assert done.stdout.endswith(f"It mixes.\n{tmp_path / 'run'}\n")


def test_options_reach_the_study(asked, tmp_path):
    succeed("evaluate", "factors", "-o", tmp_path / "run", "--world", "shop", "--split", "random",
            "--maker", "mixing", "--maker", "vae", "--budget", "5s",
            "--set", "latent_size=8")  # fmt: skip
    assert asked.kwargs["worlds"] == ["shop"]
    assert asked.kwargs["splits"] == ["random"]
    assert asked.kwargs["makers"] == ["mixing", "vae"]
    assert asked.kwargs["settings"] == {"latent_size": 8}


def test_an_unknown_world_is_refused_in_a_sentence(tmp_path):
    said = fail("evaluate", "factors", "-o", tmp_path / "run", "--world", "wave")
    assert "no world 'wave'" in said
    assert not (tmp_path / "run").exists()

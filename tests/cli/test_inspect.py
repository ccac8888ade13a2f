"""`tsgen inspect`: what a file or folder is."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from command_line import answer, fail, run
from study_results import fidelity_result
from tsgen.cli import inspect as verb
from tsgen.storage import sealed


def test_inspect_says_what_things_are(place, tmp_path):
    model = answer("inspect", place / "model")
    assert model["is"] == "a psa-gan model"
    assert (model["num_series"], model["freq"], model["seed"]) == (3, "h", 1)
    assert model["settings"]["target_length"] == 8
    data = answer("inspect", place / "load.csv")
    assert (data["is"], data["num_series"], data["rows"]) == ("a dataset of series", 3, 216)
    assert "There is nothing at" in fail("inspect", tmp_path / "nowhere")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.json").write_text("{")
    assert "not a tsgen model" in fail("inspect", tmp_path / "broken")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "state.pt").write_bytes(b"")
    assert "checkpoint" in answer("inspect", tmp_path / "kept")["is"]
    (tmp_path / "kept" / "history.jsonl").write_text('{"step": 25}\n{"ste')
    assert answer("inspect", tmp_path / "kept")["last row"] == {"step": 25}


def test_people_read_words_and_no_raw_values(place, shop):
    for path in (place / "model", shop / "model", shop / "events.csv", place / "load.csv"):
        shown = run("inspect", path).stdout
        for raw in ("None", "null", "{", "[]", "True"):
            assert raw not in shown, (path, raw)


def test_inspect_describes_the_model(shop):
    result = run("inspect", shop / "model", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["is"] == "a rim model"
    assert facts["num_events"] == 500
    assert "users.parquet" in facts["files"]


def test_inspect_tells_an_event_log_from_series(shop, tmp_path):
    facts = json.loads(run("inspect", shop / "events.csv", "--json").stdout)
    assert (facts["is"], facts["num_events"], facts["num_users"]) == ("an event log", 500, 30)
    table = pd.read_csv(shop / "events.csv").rename(columns={"user_id": "customer"})
    (tmp_path / "log").mkdir()
    table.to_parquet(tmp_path / "log" / "part-0.parquet")
    told = run("inspect", tmp_path / "log", "--read", "user_id=customer", "--json")
    assert json.loads(told.stdout)["num_items"] == 3
    result = run("inspect", tmp_path / "log")
    assert result.exit_code == 1
    assert "error: " in result.stderr


def test_a_run_says_its_answer_and_what_its_page_lacks(tmp_path):
    fidelity_result().save(tmp_path / "run")
    found = answer("inspect", tmp_path / "run")
    assert found["is"] == "a run"
    assert found["answer"] == "1 of 5 measures are <good>."
    assert found["seed"] == 1


def test_a_model_that_lacks_a_fact_is_named(place, tmp_path):
    (tmp_path / "m").mkdir()
    facts = json.loads((place / "model" / "model.json").read_text())
    del facts["plan"]
    for file in (place / "model").iterdir():
        (tmp_path / "m" / file.name).write_bytes(file.read_bytes())
    from tsgen.errors import ModelFormatError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tsgen.persistence.read_model_json", lambda path: facts)
        with pytest.raises(ModelFormatError, match=r"model.json lacks 'plan'"):
            verb._model(tmp_path / "m")


def test_what_would_not_be_loaded_without_trust_is_listed(tmp_path, monkeypatch):
    (tmp_path / "forecaster").mkdir()
    names = ["gluonts.torch.DeepAREstimator", "evil.module.Class"]
    monkeypatch.setattr("tsgen.trust.imports_of", lambda folder: names)
    assert verb._imports(tmp_path) == {"not loaded without --trust": ["evil.module.Class"]}
    monkeypatch.setattr("tsgen.trust.imports_of", lambda folder: names[:1])
    assert verb._imports(tmp_path) == {}


def test_an_empty_folder_is_called_so_and_another_says_what_it_has(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "is an empty folder; give a model" in fail("inspect", tmp_path / "empty")
    (tmp_path / "notes.txt").touch()
    assert "it has empty, notes.txt." in fail("inspect", tmp_path)


def test_files_that_no_digest_covers_and_parts_of_another_kind_are_named(shop, tmp_path):
    shutil.copytree(shop / "model", tmp_path / "m")
    assert "not of the model" not in answer("inspect", tmp_path / "m")
    (tmp_path / "m" / "notes.txt").touch()
    assert answer("inspect", tmp_path / "m")["not of the model"] == ["notes.txt"]
    facts = json.loads((tmp_path / "m" / "model.json").read_text())
    content = {k: v for k, v in facts.items() if k != "sha256"} | {"plan": [1]}
    text = json.dumps(sealed(content, tmp_path / "m", "model.json"))
    (tmp_path / "m" / "model.json").write_text(text)
    assert "model.json has parts of another kind." in fail("inspect", tmp_path / "m")


def test_pipes_and_predictors_of_gluonts_are_told_what_they_are(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is a pipe or a device" in fail("inspect", tmp_path / "pipe.csv")
    saved = Path(__file__).parents[1] / "fixtures" / "saved" / "psa-gan-c-gluonts" / "saved"
    assert "is a predictor as GluonTS saves it" in fail("inspect", saved)


def test_a_model_that_loading_refuses_is_told_with_the_reason(place, shop, tmp_path):
    for folder, name in ((place / "model", "psa"), (shop / "model", "rim")):
        shutil.copytree(folder, tmp_path / name)
        assert "not loaded" not in answer("inspect", tmp_path / name)
        arrays = load_file(tmp_path / name / "weights.safetensors")
        key = next(k for k, a in arrays.items() if a.dtype.kind == "f" and not k.endswith("bias"))
        save_file(
            arrays | {key: np.full_like(arrays[key], np.nan)},
            tmp_path / name / "weights.safetensors",
        )
        facts = json.loads((tmp_path / name / "model.json").read_text())
        facts.pop("sha256")
        text = json.dumps(sealed(facts, tmp_path / name, "model.json"))
        (tmp_path / name / "model.json").write_text(text)
        assert "NaN or infinite" in answer("inspect", tmp_path / name)["not loaded"]

"""Folders of somebody else: what they name is neither followed nor imported."""

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

import tsgen
from tsgen.cli.main import app
from tsgen.errors import ModelFormatError, OutputError, TsgenWarning, UntrustedCodeError
from tsgen.evaluation import StudyResult
from tsgen.results import COLUMNS
from tsgen.storage import free_place, sealed

SAVED = Path(__file__).parent.parent / "fixtures" / "saved"
EVIL = """
from pathlib import Path
Path({mark!r}).touch()
from gluonts.model.predictor import Predictor
class Evil(Predictor):
    @classmethod
    def deserialize(cls, path, **_):
        return cls(prediction_length=14)
    def predict(self, dataset, **_):
        return iter(())
"""


@pytest.fixture
def forge(tmp_path):
    """Copy a saved folder, change it, and seal it as a careful forger would."""

    def copy(kind, change=lambda folder: None, header="model.json", **facts):
        folder = tmp_path / kind
        shutil.copytree(SAVED / kind / "saved", folder)
        change(folder)
        content = json.loads((folder / header).read_text()) | facts
        sums = content.pop("sha256")
        whole = sealed(content, folder, header) if "sha256" not in facts else content | facts
        assert sums
        (folder / header).write_text(json.dumps(whole))
        return folder

    return copy


@pytest.fixture
def evil_module(tmp_path, monkeypatch):
    """A module that leaves a mark when it is imported."""
    (tmp_path / "evil_module.py").write_text(EVIL.format(mark=str(tmp_path / "ran")))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "ran"
    sys.modules.pop("evil_module", None)


def names_evil(folder):
    config = folder / "forecaster" / "gluonts-config.json"
    content = json.loads(config.read_text())
    config.write_text(json.dumps(content | {"type": "evil_module.Evil"}))


def test_a_class_of_somebody_else_is_not_imported_without_consent(forge, evil_module):
    folder = forge("rim-forecaster", names_evil)
    with pytest.raises(UntrustedCodeError, match=r"asks to import evil_module\.Evil.*trust=True"):
        tsgen.load(folder)
    assert not evil_module.exists()
    assert (
        tsgen.load(folder, trust=True).seed == tsgen.load(SAVED / "rim-forecaster" / "saved").seed
    )


def test_inspect_flags_it_and_the_verbs_take_trust(forge, evil_module):
    folder = forge("rim-forecaster", names_evil)
    shown = CliRunner().invoke(app, ["inspect", str(folder), "--json"])
    assert json.loads(shown.stdout)["not loaded without --trust"] == ["evil_module.Evil"]
    words = ["recommend", str(folder), "--user", "u00", "--size", "2"]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 1
    assert "evil_module.Evil" in refused.stderr
    assert not evil_module.exists()
    assert CliRunner().invoke(app, [*words, "--trust"]).exit_code == 0


def test_campaigns_take_trust_as_audiences_do(forge, evil_module, tmp_path):
    folder = forge("rim-forecaster", names_evil)
    item = tsgen.load(SAVED / "rim-forecaster" / "saved").items.ids[0]
    plan = tmp_path / "campaigns.toml"
    plan.write_text(f'[[campaigns]]\nname = "one"\nitems = ["{item}"]\nat_most = 2\n')
    words = ["allocate", str(folder), str(plan)]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 1
    assert "evil_module.Evil" in refused.stderr
    assert not evil_module.exists()
    assert CliRunner().invoke(app, [*words, "--trust"]).exit_code == 0


def test_a_forecaster_file_that_no_digest_lists_is_refused(forge):
    folder = forge("rim-forecaster")
    (folder / "forecaster" / "more.json").write_text("{}")
    with pytest.raises(ModelFormatError, match=r"forecaster/more\.json, which its model\.json"):
        tsgen.load(folder)


def test_a_table_that_no_digest_lists_is_not_read(forge):
    folder = forge("rim-popularity", lambda f: (f / "user_attributes.parquet").unlink())
    (folder / "user_attributes.parquet").write_text("not listed")
    with pytest.warns(TsgenWarning, match=r"user_attributes\.parquet, which tsgen did not write"):
        assert tsgen.load(folder).user_table is None


@pytest.mark.parametrize("kind", ["psa-gan-default", "rim-popularity"])
def test_links_are_refused(forge, kind, tmp_path):
    (tmp_path / "elsewhere").write_text("{}")
    folder = forge(kind)
    (folder / "history.jsonl").unlink()
    (folder / "history.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelFormatError, match=r"history\.jsonl is a link or a device"):
        tsgen.load(folder)


def test_a_device_is_refused_without_waiting_for_it(forge):
    folder = forge("psa-gan-default")
    os.mkfifo(folder / "pipe")
    with pytest.raises(ModelFormatError, match="pipe is a link or a device"):
        tsgen.load(folder)


def _shares_of_another_shape(folder):
    arrays = load_file(folder / "weights.safetensors")
    shares = np.zeros(1 + arrays["relevance.shares"].size, np.float32)
    save_file(arrays | {"relevance.shares": shares}, folder / "weights.safetensors")


def _levels_of_another_bit(folder):
    content = bytearray((folder / "users.parquet").read_bytes())
    content[4:40] = bytes(36)
    (folder / "users.parquet").write_bytes(content)


def _no_divisor(folder):
    table = pd.read_parquet(folder / "series.parquet")
    table.assign(grain_divisor=None).to_parquet(folder / "series.parquet")


def _in_header(*place, value):
    def change(folder):
        content = json.loads((folder / "model.json").read_text())
        part = content
        for key in place[:-1]:
            part = part[key]
        part[place[-1]] = value
        (folder / "model.json").write_text(json.dumps(content))

    return change


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("rim-popularity", _shares_of_another_shape),
        ("rim-popularity", _levels_of_another_bit),
        ("psa-gan-grain", _no_divisor),
        ("psa-gan-default", _in_header("data", "freq", value=None)),
        ("psa-gan-statics", _in_header("data", "static_names", value=[["a"]])),
        ("psa-gan-default", _in_header("conditions", "calendar", value=["time of day", 0])),
    ],
)
def test_parts_that_do_not_fit_are_refused_when_the_model_is_loaded(forge, kind, change):
    with pytest.raises(ModelFormatError, match="is not a complete"):
        tsgen.load(forge(kind, change))


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/passwd", "a/../../elsewhere", "./x"])
def test_paths_in_digests_stay_inside(forge, name, tmp_path):
    (tmp_path / "elsewhere").write_text("secret")
    folder = forge("psa-gan-default")
    content = json.loads((folder / "model.json").read_text())
    content["sha256"] = {k: v for k, v in content["sha256"].items() if k != "model.json"}
    content["sha256"][name] = "0" * 64
    from tsgen.storage.digests import _own_sum

    content["sha256"]["model.json"] = _own_sum(content)
    (folder / "model.json").write_text(json.dumps(content))
    with pytest.raises(ModelFormatError, match="outside itself"):
        tsgen.load(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["psa-gan-default", "psa-gan-c-default", "rim-default"])
def test_weights_that_are_not_finite_are_refused(forge, kind, value):
    def change(folder):
        arrays = load_file(folder / "weights.safetensors")
        name = next(n for n, a in arrays.items() if a.dtype.kind == "f" and "bias" not in n)
        arrays[name] = arrays[name].copy()
        arrays[name].flat[0] = value
        save_file(arrays, folder / "weights.safetensors")

    with pytest.raises(ModelFormatError, match="NaN or infinite"):
        tsgen.load(forge(kind, change))


def test_scales_that_are_not_finite_are_refused(forge):
    def change(folder):
        table = pd.read_parquet(folder / "series.parquet")
        table.loc[0, "scale"] = np.inf
        table.to_parquet(folder / "series.parquet", index=False)

    with pytest.raises(ModelFormatError, match="NaN or infinite"):
        tsgen.load(forge("psa-gan-default", change))


# ---- runs ---------------------------------------------------------------------------------------


def test_a_run_of_an_earlier_version_is_unverified_and_one_saved_anew_is_not(tmp_path):
    with pytest.warns(TsgenWarning, match="no digests, so they are unverified"):
        result = StudyResult.load(SAVED / "run-audience" / "saved")
    result.save(tmp_path / "run", pages={"page.html": "<p>"})
    assert StudyResult.load(tmp_path / "run").answer == result.answer  # warnings are errors
    content = json.loads((tmp_path / "run" / "result.json").read_text())
    assert set(content["sha256"]) == {"result.json", "table.csv", "arrays.npz", "page.html"}
    (tmp_path / "run" / "page.html").write_text("<p>forged")
    with pytest.raises(ModelFormatError, match=r"page\.html is missing or damaged"):
        StudyResult.load(tmp_path / "run")


@pytest.mark.parametrize("key", ["answer", "facts", "format"])
def test_an_edited_run_is_refused(forge, key):
    folder = forge("run-fidelity", header="result.json", format=2)
    assert StudyResult.load(folder).kind == "fidelity"
    content = json.loads((folder / "result.json").read_text())
    content[key] = {"answer": "All is well.", "facts": {"study": "fidelity"}, "format": 3}[key]
    (folder / "result.json").write_text(json.dumps(content))
    with pytest.raises(ModelFormatError, match=r"was edited|result format 3"):
        StudyResult.load(folder)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"answer": 5}, "answer is missing or of another kind"),
        ({"facts": []}, "facts is missing or of another kind"),
        ({"format": "2"}, "format is missing or of another kind"),
    ],
)
def test_a_header_of_another_shape_is_refused(forge, facts, told):
    folder = forge("run-fidelity", header="result.json", **{"format": 2} | facts)
    with pytest.raises(ModelFormatError, match=told):
        StudyResult.load(folder)


@pytest.mark.parametrize("kind", ["audience", "forecast"])
def test_report_and_inspect_say_what_a_run_lacks(forge, kind, tmp_path):
    folder = forge(f"run-{kind}", header="result.json", format=2, facts={"study": kind})
    words = ["report", str(folder), "-o", str(tmp_path / "page.html")]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 1
    assert "cannot be shown: it lacks the fact" in refused.stderr
    assert not (tmp_path / "page.html").exists()
    shown = json.loads(CliRunner().invoke(app, ["inspect", str(folder), "--json"]).stdout)
    assert "the fact settings" in shown["missing for its page"]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("kind", ["audience", "forecast", "fidelity"])
@pytest.mark.parametrize("damage", ["columns", "text", "empty"])
def test_a_table_of_another_shape_is_refused_before_a_page_is_made(forge, kind, damage, tmp_path):
    def change(folder):
        table = pd.read_csv(folder / "table.csv")
        if damage == "columns":
            table = table[list(COLUMNS)]
        elif damage == "text":
            table["value"] = "<script>"
        else:
            table = table[:1].assign(metric="other")
        table.to_csv(folder / "table.csv", index=False)

    folder = forge(f"run-{kind}", change, header="result.json", format=2)
    words = ["report", str(folder), "-o", str(tmp_path / "page.html")]
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if damage != "empty":
        assert result.exit_code == 1
        assert "cannot be shown" in result.stderr


# ---- overwriting -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["psa-gan-default", "run-fidelity", "dataset-series"])
def test_what_earlier_versions_wrote_may_be_overwritten_until_it_changes(kind, tmp_path):
    folder = tmp_path / "old"
    shutil.copytree(SAVED / kind / "saved", folder)
    free_place(folder, overwrite=True)
    (folder / "notes.txt").write_text("what I found")
    with pytest.raises(OutputError, match=r"other content \(notes\.txt\)"):
        free_place(folder, overwrite=True)


@pytest.mark.parametrize("name", ["history.jsonl", "series.parquet", "model.json"])
def test_a_file_that_was_changed_since_is_not_deleted(forge, name):
    folder = forge("psa-gan-default")
    free_place(folder, overwrite=True)
    text = (folder / name).read_bytes()
    (folder / name).write_bytes(text.replace(b"1", b"2", 1))
    with pytest.raises(OutputError, match="content that was changed since") as caught:
        free_place(folder, overwrite=True)
    assert "Copy the folder" not in str(caught.value)  # it is to be replaced, not to be read


def test_a_dataset_that_was_edited_is_not_deleted(tmp_path):
    tsgen.data.write_series(
        tsgen.load_sample("electricity_hourly").subset(np.arange(2)), tmp_path / "d"
    )
    free_place(tmp_path / "d", overwrite=True)
    (tmp_path / "d" / "metadata.json").write_text('{"freq": "h", "mine": true}')
    with pytest.raises(OutputError, match=r"changed since.*metadata\.json"):
        free_place(tmp_path / "d", overwrite=True)


def test_a_folder_with_a_folder_or_a_link_of_somebody_else_is_kept(forge, tmp_path):
    folder = forge("psa-gan-default")
    (folder / "my").mkdir()
    with pytest.raises(OutputError, match=r"other content \(my\)"):
        free_place(folder, overwrite=True)
    (folder / "my").rmdir()
    (folder / "photos").symlink_to(tmp_path)
    with pytest.raises(OutputError, match="photos is a link"):
        free_place(folder, overwrite=True)


def column_of(name, column, change):
    """A change of one column of a table in a folder."""

    def changed(folder):
        table = pd.read_parquet(folder / name)
        table[column] = change(table[column])
        table.to_parquet(folder / name)

    return changed


@pytest.mark.parametrize(
    ("kind", "name", "column"),
    [
        ("psa-gan-default", "series.parquet", "location"),
        ("psa-gan-default", "series.parquet", "lengths"),
        ("psa-gan-grain", "series.parquet", "zero_share"),
        ("psa-gan-c-default", "series.parquet", "starts"),
        ("rim-popularity", "vocabulary.parquet", "item_id"),
    ],
)
@pytest.mark.parametrize("value", ["x", None])
def test_tables_of_a_model_that_hold_something_else_are_refused(forge, kind, name, column, value):
    folder = forge(kind, column_of(name, column, lambda values: [value] * len(values)))
    with pytest.raises(ModelFormatError, match=r"is not a complete .* model"):
        tsgen.load(folder)


def test_series_that_repeat_or_have_no_step_are_refused(forge):
    nothing = forge("psa-gan-default", column_of("series.parquet", "lengths", lambda n: n * 0))
    twice = forge("psa-gan-grain", column_of("series.parquet", "item_id", lambda ids: ids[0]))
    for folder in (nothing, twice):
        with pytest.raises(ModelFormatError, match="its series repeat, or some have no step"):
            tsgen.load(folder)


@pytest.mark.parametrize("value", ["x", None, True, [], 10**400])
def test_numbers_of_a_header_that_are_none_are_refused(forge, value):
    with pytest.raises(ModelFormatError, match="is not a complete PSA-GAN model"):
        tsgen.load(forge("psa-gan-default", zero_below=value))


@pytest.mark.parametrize("kind", ["psa-gan-statics", "rim-default"])
def test_a_zone_that_there_is_not_is_no_model(forge, kind):
    data = json.loads((SAVED / kind / "saved" / "model.json").read_text())["data"]
    folder = forge(kind, data=data | {"timezone": "</script>"})
    with pytest.raises(ModelFormatError, match="not a known time zone"):
        tsgen.load(folder)


@pytest.mark.parametrize("summary", [None, "x", {"read_options": []}, {"read_options": {"x": 1}}])
def test_what_a_model_says_of_its_events_has_its_shape(forge, summary):
    data = json.loads((SAVED / "rim-default" / "saved" / "model.json").read_text())["data"]
    with pytest.raises(ModelFormatError, match="is not a complete RIM model"):
        tsgen.load(forge("rim-default", data=data | {"summary": summary}))

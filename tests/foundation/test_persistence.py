"""Model folders: written whole or not at all, and refused with a reason when they are not whole."""

import errno
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors import SafetensorError

import tsgen
from tsgen import persistence
from tsgen.data import simulate_series
from tsgen.errors import (
    ModelFormatError,
    OutputError,
    TooLargeError,
    TsgenWarning,
    UntrustedCodeError,
)
from tsgen.memory import memory_limit
from tsgen.persistence import (
    fault_of,
    read_model_json,
    refusing_damaged,
    require,
    require_finite,
    save_model_folder,
)
from tsgen.psagan import PSAGANEstimator
from tsgen.storage import write_atomically
from tsgen.training import TrainingOptions


@pytest.fixture(scope="module")
def model():
    estimator = PSAGANEstimator(target_length=8, num_steps=2, batch_size=4)
    data = simulate_series(num_series=2, length=30, seed=1)
    return estimator.train(data, options=TrainingOptions(seed=1, progress=False))


@pytest.fixture
def saved(model, tmp_path):
    model.save(tmp_path / "model")
    return tmp_path / "model"


def content(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def full_disk_of_safetensors(*_, **__):
    raise RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")


def edit_json(folder, *, seal=True, **changes):
    """Change the header; `seal` also changes its sum, as a careful forger would."""
    path = folder / "model.json"
    facts = json.loads(path.read_text()) | changes
    if seal:
        del facts["sha256"]["model.json"]
        text = json.dumps(facts, sort_keys=True)
        facts["sha256"]["model.json"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(facts))


# ---- writing -------------------------------------------------------------------------------------


def test_a_model_folder_holds_the_files_of_the_design_and_no_code(saved):
    names = {path.name for path in saved.iterdir()}
    assert names == {"model.json", "weights.safetensors", "series.parquet", "history.jsonl"}
    facts = json.loads((saved / "model.json").read_text())
    assert (facts["format"], facts["kind"], facts["tsgen"]) == (4, "psa-gan", tsgen.__version__)
    assert {"settings", "data", "plan", "seed", "sha256"} <= set(facts)


def test_a_team_can_read_what_one_of_it_saved(model, tmp_path):
    before = os.umask(0o022)
    try:
        model.save(tmp_path / "shared")
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "shared").iterdir()}
    assert modes == {0o644}


@pytest.mark.parametrize("how", [full_disk, full_disk_of_safetensors])
@pytest.mark.parametrize("target", ["weights", "history", "table", "header"])
def test_a_full_disk_leaves_the_old_model_and_no_rubbish(saved, model, monkeypatch, target, how):
    before = content(saved)
    with monkeypatch.context() as patch:
        if target == "weights":
            patch.setattr("tsgen.psagan.model_folder.save_file", how)
        elif target == "table":
            patch.setattr(pd.DataFrame, "to_parquet", how)
        else:
            write = Path.write_text
            name = {"history": "history.jsonl", "header": "model.json"}[target]

            def write_text(self, *arguments, **options):
                if self.name == name:
                    full_disk()
                return write(self, *arguments, **options)

            patch.setattr(Path, "write_text", write_text)
        with pytest.raises(OutputError, match=r"could not be written.*nothing that was there"):
            model.save(saved, overwrite=True)
        with pytest.raises(OutputError, match="could not be written"):
            model.save(saved.with_name("new"))
    assert content(saved) == before
    assert [path.name for path in saved.parent.iterdir()] == ["model"]
    assert tsgen.load(saved).seed == 1


def test_an_error_of_ours_while_writing_is_not_called_a_full_disk(tmp_path):
    def wrong(_):
        raise ValueError("a mistake in the program")

    with pytest.raises(ValueError, match="a mistake"):
        save_model_folder(tmp_path / "model", "psa-gan", {}, {"file": wrong})
    assert list(tmp_path.iterdir()) == []


def test_an_old_model_survives_a_failed_exchange(saved, model, monkeypatch):
    before, rename = content(saved), Path.rename

    def fail_for_the_new_one(self, target):
        if "previous" not in (self.name, Path(target).name):
            full_disk()
        return rename(self, target)

    monkeypatch.setattr("tsgen.storage.exchange._renameat2", lambda: None)
    monkeypatch.setattr(Path, "rename", fail_for_the_new_one)
    with pytest.raises(OutputError):
        model.save(saved, overwrite=True)
    assert content(saved) == before


def test_an_existing_model_is_replaced_on_request_only(saved, model):
    with pytest.raises(OutputError, match="choose another name or allow it with overwrite=True"):
        model.save(saved)
    model.save(saved, overwrite=True)
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_folder_of_somebody_else_is_never_overwritten(model, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("ten years of work")
    with pytest.raises(
        OutputError, match=r"folder with other content \(thesis.txt\), which tsgen does not"
    ):
        model.save(home, overwrite=True)
    assert (home / "thesis.txt").read_text() == "ten years of work"


def test_a_model_folder_with_a_file_of_somebody_else_is_kept(saved, model):
    (saved / "notes.txt").write_text("what I found")
    with pytest.raises(OutputError, match=r"other content \(notes\.txt\)"):
        model.save(saved, overwrite=True)
    with pytest.warns(TsgenWarning, match=r"holds notes\.txt"):
        assert tsgen.load(saved).seed == 1
    (saved / "notes.txt").unlink()
    model.save(saved, overwrite=True)


@pytest.mark.parametrize("name", ["metadata.json", "model.json", "result.json"])
def test_a_name_alone_does_not_make_a_folder_ours(model, tmp_path, name):
    home = tmp_path / "home"
    home.mkdir()
    (home / name).write_text('{"title": "my thesis"}')
    with pytest.raises(OutputError, match="does not overwrite"):
        model.save(home, overwrite=True)
    assert "thesis" in (home / name).read_text()


@pytest.mark.parametrize("renames", [1, 2])
def test_an_old_model_survives_ctrl_c_in_the_middle_of_the_exchange(
    saved, model, monkeypatch, renames
):
    before, rename, done = content(saved), Path.rename, []

    def interrupted(self, target):
        done.append(rename(self, target))
        if len(done) == renames:
            raise KeyboardInterrupt
        return done[-1]

    monkeypatch.setattr("tsgen.storage.exchange._renameat2", lambda: None)
    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.save(saved, overwrite=True)
    monkeypatch.undo()
    assert tsgen.load(saved).seed == 1  # the old one, or the new one: never none
    assert content(saved).keys() == before.keys()
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_file_is_not_replaced_by_a_folder_nor_a_folder_by_a_file(saved, model, tmp_path):
    (tmp_path / "load.csv").write_text("item_id,timestamp,target\n")
    with pytest.raises(OutputError, match=r"load\.csv is a file, the result a folder"):
        model.save(tmp_path / "load.csv", overwrite=True)
    with pytest.raises(OutputError, match="is a folder, the result a file"):  # noqa: SIM117
        with write_atomically(saved, overwrite=True) as fresh:
            fresh.write_text("text")
    assert tsgen.load(saved).seed == 1
    assert (tmp_path / "load.csv").is_file()


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_an_output_needs_a_name(model, name):
    with pytest.raises(OutputError, match="no name of its own"):
        model.save(name, overwrite=True)


def test_folders_on_the_way_are_made_and_a_file_in_the_way_is_told(model, tmp_path):
    model.save(tmp_path / "a" / "b" / "model")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written: "):
        model.save(tmp_path / "file" / "model")


# ---- reading -------------------------------------------------------------------------------------


def test_a_model_that_is_absent_or_none_at_all_is_told(tmp_path):
    with pytest.raises(ModelFormatError, match=r"There is no model at .*nowhere; check the path"):
        tsgen.load(tmp_path / "nowhere")
    with pytest.raises(ModelFormatError, match=r"is not a tsgen model: its model\.json is missing"):
        tsgen.load(tmp_path)


def test_the_model_inside_a_folder_of_gluonts_is_named(tmp_path):
    (tmp_path / "gluonts-config.json").touch()
    with pytest.raises(
        ModelFormatError, match=r"serialized to it: Predictor\.deserialize reads it"
    ):
        tsgen.load(tmp_path)
    (tmp_path / "tsgen").mkdir()
    (tmp_path / "tsgen" / "model.json").touch()
    with pytest.raises(ModelFormatError, match=r"serialized to it: the model is .*/tsgen\."):
        tsgen.load(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "3", '"text"', '{"format": 1}', '{"format": 1, "kind": "psa-gan"}',
     '{"format": 1, "kind": "rim", "sha256": {}, "seed": "1"}', "[" * 100_000,
     '{"format": true, "kind": "rim", "sha256": {}}',
     '{"format": 1.0, "kind": "rim", "sha256": {}}',
     '{"format": 1, "kind": ["x"], "sha256": {}}', '{"format": 1, "kind": "x", "sha256": []}'],
)  # fmt: skip
def test_a_truncated_or_foreign_header_is_told(saved, text):
    (saved / "model.json").write_text(text)
    with pytest.raises(ModelFormatError, match=r"its model\.json is missing or unreadable"):
        tsgen.load(saved)


def test_a_header_that_is_no_text_is_told(saved):
    (saved / "model.json").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ModelFormatError, match="missing or unreadable"):
        tsgen.load(saved)


def test_a_newer_format_is_told_with_what_to_do(saved):
    edit_json(saved, format=5, tsgen="9.9")
    with pytest.raises(ModelFormatError, match=r"model format 5, written by tsgen 9\.9.*Install a"):
        tsgen.load(saved)


def test_an_unknown_kind_gives_the_nearest(saved):
    edit_json(saved, kind="psagan")
    with pytest.raises(ModelFormatError, match=r"unknown kind 'psagan'\. Did you mean 'psa-gan'\?"):
        tsgen.load(saved)


@pytest.mark.parametrize("name", ["weights.safetensors", "series.parquet", "history.jsonl"])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_every_damaged_file_is_named(saved, name, damage):
    path = saved / name
    data = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    with pytest.raises(ModelFormatError, match=f"{name} is missing or damaged"):
        tsgen.load(saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {"target_length": 16, "batch_size": 4, "num_steps": 2}},
        {"settings": {"no_such_setting": 1}},
        {"settings": []},
        {"data": {}},
        {"data": None},
        {"plan": None, "conditions": {}},
        {"conditions": {"calendar": ["phase of the moon"], "longest": 30}},
    ],
)
def test_a_tampered_header_never_gives_a_model_that_breaks_later(saved, changes):
    edit_json(saved, **changes)
    with pytest.raises(ModelFormatError, match="not a complete PSA-GAN model") as caught:
        tsgen.load(saved)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes", [{"seed": 2}, {"zero_below": 9.0}, {"sha256": {}}, {"settings": {}}]
)
def test_an_edited_header_is_told(saved, changes):
    edit_json(saved, seal=False, **changes)
    with pytest.raises(ModelFormatError, match=r"model\.json is damaged or was edited"):
        tsgen.load(saved)


def test_a_file_that_the_header_forgot_is_told(saved):
    (saved / "history.jsonl").unlink()
    edit_json(saved, sha256={"model.json": ""})
    with pytest.raises(ModelFormatError, match="not a complete psa-gan model"):
        tsgen.load(saved)


def test_loading_unpickles_nothing(saved, monkeypatch):
    import pickle

    def refuse(*_, **__):
        raise AssertionError("loading a model must not unpickle")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    monkeypatch.setattr(torch, "load", refuse)
    assert tsgen.load(saved).seed == 1


def test_a_checkpoint_runs_no_code_either(tmp_path):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    from tsgen.training import Checkpoint

    (tmp_path / "kept").mkdir()
    torch.save({"fingerprint": "x", "step": 1, "evil": Evil()}, tmp_path / "kept" / "state.pt")
    with pytest.raises(ModelFormatError, match="damaged and cannot be resumed from"):
        Checkpoint(tmp_path / "kept", "x").load()
    assert not (tmp_path / "ran").exists()


# ---- what every kind of model is read by ---------------------------------------------------------


class Kind:
    """A kind of model that notes how it was asked for."""

    asked: ClassVar[list] = []

    @classmethod
    def from_folder(cls, path, facts, **options):
        cls.asked.append((path, facts["kind"], options))
        return "a model"


@pytest.fixture
def plain(monkeypatch, tmp_path):
    """A folder of a kind of the test's own, with one file."""
    monkeypatch.setitem(persistence._KINDS, "toy", f"{__name__}:Kind")
    monkeypatch.setattr(Kind, "asked", [])
    files = {"rows.txt": lambda path: path.write_text("three")}
    save_model_folder(tmp_path / "toy", "toy", {"seed": 3}, files)
    return tmp_path / "toy"


def test_a_kind_is_asked_with_the_device_and_the_trust_of_the_caller(plain):
    assert tsgen.load(plain) == "a model"
    assert tsgen.load(str(plain), device="cpu", trust=True) == "a model"
    assert Kind.asked == [
        (plain, "toy", {"device": "auto", "trust": False}),
        (plain, "toy", {"device": "cpu", "trust": True}),
    ]


def test_the_header_says_format_kind_version_and_facts(plain):
    facts = read_model_json(plain)
    assert facts["format"] == persistence.FORMAT == 4  # 4: attributes of users, memory of pairs
    assert (facts["kind"], facts["tsgen"], facts["seed"]) == ("toy", tsgen.__version__, 3)
    assert set(facts["sha256"]) == {"rows.txt", "model.json"}


@pytest.mark.parametrize(
    ("number", "read"), [(0, False), (1, True), (2, True), (3, True), (4, True), (5, False)]
)
def test_the_formats_of_this_and_of_earlier_versions_are_read(plain, number, read):
    edit_json(plain, format=number)
    if read:
        assert read_model_json(plain)["format"] == number
    else:
        with pytest.raises(ModelFormatError, match=rf"format {number}, .*reads formats 1 to 4"):
            read_model_json(plain)


def test_a_file_that_a_kind_needs_must_be_listed(plain):
    facts = read_model_json(plain)
    require(plain, facts, ["rows.txt"])
    with pytest.raises(ModelFormatError, match=r"not a complete toy model: .*does not list more"):
        require(plain, facts, ["rows.txt", "more.txt"])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_no_training_leaves_are_refused(plain, bad):
    sound = {"scale": np.array([0.0, 2.5]), "codes": np.arange(3), "ids": np.array(["a", "b"])}
    require_finite(plain, sound)
    with pytest.raises(ModelFormatError, match=r"NaN or infinite \('bias'\)"):
        require_finite(plain, sound | {"bias": np.array([1.0, bad])})


def test_an_existing_folder_is_kept_unless_it_is_to_be_replaced(plain):
    with pytest.raises(OutputError, match="exists"):
        save_model_folder(plain, "toy", {}, {})
    assert read_model_json(plain)["seed"] == 3
    save_model_folder(plain, "toy", {"seed": 4}, {}, overwrite=True)
    assert read_model_json(plain)["seed"] == 4


def test_a_fault_of_a_disk_that_safetensors_wraps_is_said_as_one_of_the_disk(tmp_path):
    for text in ("No space left", "I/O error"):

        def write(path, text=text):
            raise RuntimeError(text)

        with pytest.raises(OutputError, match=text):
            save_model_folder(tmp_path / "m", "toy", {}, {"rows.txt": write})


def test_a_model_larger_than_memory_is_refused(plain):
    size = sum(path.stat().st_size for path in plain.iterdir())
    with memory_limit(2 * size):
        assert tsgen.load(plain) == "a model"
    with memory_limit(2 * size - 1), pytest.raises(TooLargeError, match=f"toy, {size:,} bytes"):
        tsgen.load(plain)


def test_an_empty_path_is_no_model(plain, monkeypatch):
    monkeypatch.chdir(plain)
    assert tsgen.load(".") == "a model"
    with pytest.raises(ModelFormatError, match="path of the model is empty"):
        tsgen.load("")


def test_a_fault_is_said_without_the_words_of_python():
    assert fault_of(KeyError("seed")) == "'seed' is missing"
    assert fault_of(ValueError("a shape:\nmore")) == "a shape"
    for error in (ValueError(), TypeError("__init__() missing 1"), AttributeError("'NoneType'")):
        assert fault_of(error) == "its parts do not fit together"


def test_whatever_python_says_of_a_damaged_folder_is_one_sentence(plain):
    for error in (IndexError("x"), AttributeError("y"), OSError("z"), SafetensorError("s")):
        with (
            pytest.raises(ModelFormatError, match=r"toy is not a complete toy model \((z|s|its p)"),
            refusing_damaged(plain, "toy"),
        ):
            raise error
    for passed in (UntrustedCodeError("ours"), MemoryError()):
        with pytest.raises(type(passed)), refusing_damaged(plain, "toy"):
            raise passed


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_names_that_no_file_has_are_refused_in_reading_and_writing(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFormatError, match=r"There is no model at|cannot be opened"):
        tsgen.load(name)
    with pytest.raises(OutputError, match=r"cannot be written|NUL"), write_atomically(name):
        pass

"""The state of an unfinished training: whole, of this run alone, and safe from a full disk."""

import json
import os
from pathlib import Path

import pytest
import torch

from tsgen.errors import ModelFormatError, OutputError, SettingsError
from tsgen.training import Checkpoint


@pytest.fixture
def kept(tmp_path):
    """A checkpoint after step 10, with rows of the history at 5, 10 and 15."""
    checkpoint = Checkpoint(tmp_path / "kept", "mine")
    checkpoint.begin(7)
    for step in (5, 10, 15):
        checkpoint.append({"step": step, "loss": 1 / step})
    checkpoint.save({"step": 10, "task": {"w": torch.arange(3)}, "finished": False})
    return checkpoint


def steps(checkpoint):
    lines = (checkpoint.folder / "history.jsonl").read_text().splitlines()
    return [json.loads(line)["step"] for line in lines]


def test_what_was_saved_comes_back_with_the_rows_up_to_it(kept):
    state, rows = kept.load()
    assert state["task"]["w"].tolist() == [0, 1, 2]
    assert [row["step"] for row in rows] == [5, 10]
    assert rows[0] == {"step": 5, "loss": 0.2}
    assert steps(kept) == [5, 10]  # the row at 15 will come again
    assert [path.name for path in kept.folder.glob("history*")] == ["history.jsonl"]


def test_what_there_is_can_be_asked_without_loading(kept, tmp_path):
    assert (kept.exists, kept.step, kept.finished) == (True, 10, False)
    kept.save({"step": 20, "finished": True})
    assert (kept.step, kept.finished) == (20, True)
    none = Checkpoint(tmp_path / "nowhere", "mine")
    assert (none.exists, none.step, none.finished) == (False, 0, False)
    (kept.folder / "state.pt").write_bytes(b"damaged")
    assert (kept.exists, kept.step, kept.finished) == (True, 0, False)


class Touching:
    """What a pickle may run when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_nothing_that_a_state_names_is_run(kept, tmp_path):
    state = {"step": 10, "fingerprint": "mine", "task": Touching(tmp_path / "ran")}
    torch.save(state, kept.folder / "state.pt")
    with pytest.raises(ModelFormatError, match="cannot be resumed from"):
        kept.load()
    assert not kept.finished
    assert not (tmp_path / "ran").exists()


def test_another_run_and_a_damaged_state_are_refused(kept):
    with pytest.raises(SettingsError, match="made with other data, settings, budget or another"):
        Checkpoint(kept.folder, "other").load()
    (kept.folder / "state.pt").write_bytes(b"damaged")
    with pytest.raises(ModelFormatError, match=r"state\.pt is damaged .*train anew"):
        kept.load()


@pytest.mark.parametrize("line", ['{"step": 7', "[7]", '{"loss": 1}', ""])
def test_a_line_that_a_killed_process_left_is_passed_over(kept, line):
    with (kept.folder / "history.jsonl").open("a") as file:
        file.write(line)
    assert [row["step"] for row in kept.load()[1]] == [5, 10]


def test_a_new_run_takes_the_folder_of_a_finished_one_only(kept):
    with pytest.raises(OutputError, match=r"holds an unfinished training run\. Continue with"):
        kept.begin(8)
    assert kept.step == 10
    kept.save({"step": 20, "finished": True})
    kept.begin(8)
    assert not kept.exists
    assert (kept.folder / "seed.txt").read_text() == "8\n"
    assert (kept.folder / "history.jsonl").read_text() == ""


def test_a_run_without_a_seed_notes_none(tmp_path):
    Checkpoint(tmp_path / "new", "x").begin(None)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["history.jsonl"]


def test_the_files_of_somebody_else_stay_and_the_folder_with_them(kept):
    (kept.folder / "notes.txt").write_text("mine")
    kept.save({"step": 20, "finished": True})
    with pytest.raises(OutputError, match=r"other content \(notes\.txt\)"):
        kept.begin(8)
    kept.remove()
    assert [path.name for path in kept.folder.iterdir()] == ["notes.txt"]
    (kept.folder / "notes.txt").unlink()
    kept.remove()
    assert not kept.folder.exists()


def test_a_model_is_what_the_training_became_if_its_history_is_the_same(kept, tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    assert not kept.became(model)  # no history there
    (model / "history.jsonl").write_text((kept.folder / "history.jsonl").read_text())
    assert kept.became(model)
    (model / "history.jsonl").write_text('{"step": 5, "loss": 0.5}\n')
    assert not kept.became(model)
    for folder in (model, kept.folder):
        (folder / "history.jsonl").write_text("")
    assert not kept.became(model)  # two empty histories say nothing


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left"), "No space left"),
        (RuntimeError("unexpected pos"), "the disk may be full"),
    ],
)
def test_a_full_disk_keeps_the_older_state_and_says_whether_there_is_one(
    kept, monkeypatch, error, reason
):
    def full(state, path):
        path.write_bytes(b"half")
        raise error

    monkeypatch.setattr(torch, "save", full)
    before = (kept.folder / "state.pt").read_bytes()
    message = f"could not be written: {reason}. .*the older checkpoint is still there"
    with pytest.raises(OutputError, match=message):
        kept.save({"step": 20})
    assert (kept.folder / "state.pt").read_bytes() == before
    (kept.folder / "state.pt").unlink()
    with pytest.raises(OutputError, match="there is no older checkpoint"):
        kept.save({"step": 20})
    assert not (kept.folder / "state.pt.new").exists()


def test_folders_on_the_way_are_made(tmp_path):
    checkpoint = Checkpoint(tmp_path / "runs" / "today" / "kept", "x")
    checkpoint.begin(1)
    assert (checkpoint.folder / "history.jsonl").is_file()


def test_a_history_that_cannot_be_cut_back_is_told(kept, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OutputError, match="cannot be written: Read-only file system"):
        kept.load()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    blocked = Checkpoint(tmp_path / "file" / "kept", "x")
    with pytest.raises(OutputError, match="cannot be written"):
        blocked.begin(1)
    with pytest.raises(OutputError, match=r"history in .* could not be written.*resume=True"):
        blocked.append({"step": 1})


def test_a_pipe_in_place_of_the_state_is_not_waited_for(kept):
    (kept.folder / "state.pt").unlink()
    os.mkfifo(kept.folder / "state.pt")
    assert not kept.finished
    with pytest.raises(ModelFormatError, match="is a pipe or a device"):
        kept.load()

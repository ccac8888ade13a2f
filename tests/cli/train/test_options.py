"""Work that is stopped, or that finds no room: where the state lies, and how to go on."""

import errno
import json
import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tsgen
from command_line import held_elsewhere
from tsgen.cli.main import app
from tsgen.cli.outputs import ExitCode
from tsgen.cli.train import options
from tsgen.data import simulate_series
from tsgen.errors import OutputError, TrainingInterruptedError
from tsgen.interruption import Ended, end_as_interrupt

PSA = ["train", "psa-gan", "load.csv", "-o", "m", "--seed", "1", "--set", "target_length=8"]
PSA += ["--set", "num_steps=30", "--set", "channels=[4]", "--set", "batch_size=4"]
RIM = ["train", "rim", "events.csv", "-o", "m", "--seed", "1", "--set", "relevance=gru"]
RIM += ["--set", "network.hidden_size=8", "--set", "network.max_epochs=3", "--set", "horizon=7D"]
SAVING = {
    "psa": "tsgen.psagan.model_folder.save_file",
    "rim": "tsgen.intensity.model_folder.save_file",
}


def test_the_options_of_a_training_reach_it_and_its_state_lies_beside_the_model():
    given = {"seed": 3, "budget": "2min", "device": "cpu", "devices": 2, "resume": True}
    made = options.training_options(Path("a/m"), checkpoint_every="5s", **given)
    assert (made.seed, made.budget, made.device, made.devices) == (3, 120, "cpu", 2)
    assert (made.checkpoint, made.checkpoint_seconds) == (Path("a/m.checkpoint"), 5)
    assert made.resume


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    simulate_series(num_series=3, length=40, seed=1).to_frame().to_csv("load.csv", index=False)
    draw = np.random.default_rng(0)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(draw.uniform(0, 40, 300)), "D")
    table = {"user_id": draw.integers(0, 20, 300), "item_id": draw.integers(0, 6, 300)}
    pd.DataFrame(table | {"timestamp": days}).to_csv("events.csv", index=False)
    return tmp_path


@pytest.fixture
def sigterm():
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_as_interrupt()
    yield
    signal.signal(signal.SIGTERM, before)


def weights(path="m"):
    return {name: (path / name).read_bytes() for name in ("weights.safetensors",)}


@pytest.mark.parametrize("words", [PSA, RIM], ids=["psa", "rim"])
def test_a_disk_that_fills_while_saving_costs_no_training(place, monkeypatch, words, request):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    kind = request.node.callspec.id
    run(*words[:3], "-o", "usual", *words[5:])
    with monkeypatch.context() as patch:
        patch.setattr(SAVING[kind], full)
        stopped = run(*words)
    assert stopped.exit_code == ExitCode.ERROR
    assert "No space left on device" in stopped.stderr
    assert "The finished training is in m.checkpoint; the same command with --resume saves it." in (
        stopped.stderr
    )
    gone_on = run(*words, "--resume", "--json")
    assert gone_on.exit_code == ExitCode.DONE, gone_on.stderr
    assert "starts anew" not in gone_on.stderr
    assert weights(place / "m") == weights(place / "usual")
    assert {path.name for path in place.iterdir()} == {"load.csv", "events.csv", "m", "usual"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("words", [PSA, RIM], ids=["psa", "rim"])
def test_a_signal_while_saving_says_where_the_training_is(
    place, monkeypatch, sigterm, words, number, code, request
):
    def stopped_here(*_, **__):
        os.kill(os.getpid(), number)
        raise AssertionError("the signal did nothing")

    with monkeypatch.context() as patch:
        patch.setattr(SAVING[request.node.callspec.id.split("-")[0]], stopped_here)
        stopped = run(*words)
    assert stopped.exit_code == code
    assert "m is not saved. The finished training is in m.checkpoint" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert run(*words, "--resume").exit_code == ExitCode.DONE
    assert tsgen.load("m").seed == 1


def test_a_signal_after_saving_says_that_the_model_is_saved(place, monkeypatch):
    def stopped_here(self):
        if self.exists:  # at the end, and not at the start
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr("tsgen.training.Checkpoint.remove", stopped_here)
        stopped = run(*PSA)
    assert stopped.exit_code == ExitCode.INTERRUPTED
    assert "m is saved. Its checkpoint m.checkpoint is still there; --resume removes it." in (
        stopped.stderr
    )
    again = run(*PSA, "--resume", "--json")
    assert again.exit_code == ExitCode.DONE, again.stderr
    assert json.loads(again.stdout) == {"model": "m", "finished": True, "seed": 1}
    assert not (place / "m.checkpoint").exists()


def test_a_finished_run_resumed_says_so_and_changes_nothing(place):
    assert run(*PSA).exit_code == 0
    before = (place / "m" / "model.json").read_bytes()
    again = run(*PSA, "--resume")
    assert again.exit_code == ExitCode.DONE
    assert "m: the training is finished and saved; there is nothing to resume" in again.stdout
    assert (place / "m" / "model.json").read_bytes() == before


def test_an_older_model_is_not_taken_for_what_is_to_be_resumed(place, monkeypatch):
    assert run(*PSA).exit_code == 0
    with monkeypatch.context() as patch:
        patch.setattr(SAVING["psa"], lambda *_: os.kill(os.getpid(), signal.SIGINT))
        other = ["2" if word == "1" else word for word in PSA]
        assert run(*other, "--overwrite").exit_code == ExitCode.INTERRUPTED
    assert tsgen.load("m").seed == 1
    refused = run(*other, "--resume")
    assert refused.exit_code == ExitCode.ERROR
    assert "exists already" in refused.stderr
    assert run(*other, "--resume", "--overwrite").exit_code == 0
    assert tsgen.load("m").seed == 2
    assert not (place / "m.checkpoint").exists()


def test_rim_keeps_what_it_trained_before_its_first_minute(place, monkeypatch):
    kept = []
    save = tsgen.training.Checkpoint.save

    def counted(self, state):
        kept.append(state["step"])
        save(self, state)

    monkeypatch.setattr("tsgen.training.Checkpoint.save", counted)
    assert run(*RIM, "--checkpoint-every", "0s").exit_code == 0
    assert len(kept) > 1
    none = [word.replace("relevance=gru", "relevance=popularity") for word in RIM]
    refused = run(*none, "--overwrite", "--checkpoint-every", "1s")
    assert refused.exit_code == ExitCode.ERROR
    assert "--checkpoint-every is for settings that train a network step by step" in refused.stderr


class Model:
    """A model whose folder can or cannot be written."""

    def __init__(self, error=None):
        self.error, self.saved = error, []

    def save(self, path, *, overwrite):
        if self.error is not None:
            raise self.error
        self.saved.append((path, overwrite))


def test_a_checkpoint_stands_beside_its_model():
    assert options.checkpoint_of(Path("models/load")) == Path("models/load.checkpoint")


def test_saving_passes_overwrite_on_and_removes_the_checkpoint(place):
    (place / "m.checkpoint").mkdir()
    (place / "m.checkpoint" / "state.pt").write_bytes(b"")
    for overwrite in (True, False):
        model = Model()
        options.save_trained(model, place / "m", overwrite=overwrite)
        assert model.saved == [(place / "m", overwrite)]
        assert not (place / "m.checkpoint" / "state.pt").exists()
    with pytest.raises(OutputError, match=r"^full\. Nothing of the training is kept; the same"):
        options.save_trained(Model(OutputError("full.")), place / "m", overwrite=False)


def test_a_checkpoint_without_a_state_goes_when_nothing_of_a_training_is_kept(place):
    (place / "m.checkpoint").mkdir()
    for name in ("history.jsonl", "seed.txt", "state.pt.new"):
        (place / "m.checkpoint" / name).write_text("")
    with pytest.raises(OutputError, match="Nothing of the training is kept"):
        options.save_trained(Model(OutputError("full.")), place / "m", overwrite=False)
    assert not (place / "m.checkpoint").exists()


def test_nothing_to_resume_is_said_where_it_was_asked_for_alone(place, capsys):
    options.report_nothing_to_resume(place / "m", resume=False)
    assert capsys.readouterr().err == ""
    options.report_nothing_to_resume(place / "m", resume=True)
    assert "There is nothing to resume at" in capsys.readouterr().err
    (place / "m.checkpoint").mkdir()
    (place / "m.checkpoint" / "state.pt").write_bytes(b"")
    options.report_nothing_to_resume(place / "m", resume=True)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "number"), [(KeyboardInterrupt(), 2), (SystemExit(), 2), (Ended(), 15)]
)
def test_an_interruption_keeps_its_signal_and_says_where_the_state_lies(place, error, number):
    def work():
        with options.keeping(place / "m"):
            raise error

    with pytest.raises(TrainingInterruptedError, match=r"m is not saved. Nothing of") as stopped:
        work()
    assert stopped.value.signal == number
    assert stopped.value.checkpoint == str(place / "m.checkpoint")


def test_an_error_says_where_a_state_lies_and_leaves_no_folder_without_one(place):
    def work():
        with options.keeping(place / "m"):
            raise MemoryError("Small.")

    with pytest.raises(MemoryError) as stopped:
        work()
    assert not hasattr(stopped.value, "__notes__")
    (place / "m.checkpoint").mkdir()
    (place / "m.checkpoint" / "history.jsonl").write_text("")
    with pytest.raises(MemoryError) as stopped:
        work()
    assert not (place / "m.checkpoint").exists()
    (place / "m.checkpoint").mkdir()
    (place / "m.checkpoint" / "state.pt").write_bytes(b"damaged")
    with pytest.raises(MemoryError) as stopped:
        work()
    assert "m.checkpoint" in stopped.value.__notes__[0]
    assert (place / "m.checkpoint" / "state.pt").read_bytes() == b"damaged"


def test_a_second_run_to_one_output_is_refused_before_any_work(place):
    with held_elsewhere(place / "m") as number:
        second = run(*PSA)
    assert second.exit_code == ExitCode.ERROR
    assert f"m is being written by another run (process {number} " in second.stderr
    assert "series" not in second.stderr  # nothing was read

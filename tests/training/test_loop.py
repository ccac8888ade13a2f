"""The loop: resume to the same numbers, stop cleanly, refuse what cannot be resumed."""

import os
import signal
import sys

import pytest
import torch

from tsgen.errors import (
    ModelFormatError,
    OutputError,
    SettingsError,
    TrainingDivergedError,
    TrainingInterruptedError,
)
from tsgen.rng import torch_stream
from tsgen.training import Checkpoint, Processes, TrainingOptions, fit


class LineTask:
    """Fits y = 2 x + 1; the batch of a step depends on the seed and the step alone."""

    num_steps = 60
    exhausted = False

    def __init__(self, processes: Processes, plan, *, seed=3, rate=0.1, break_at=None):
        torch.manual_seed(0)
        self.line = torch.nn.Linear(1, 1)
        self.optimizer = torch.optim.Adam(self.line.parameters(), lr=rate)
        self.plan = plan or {"made": "once"}
        self.processes, self.seed, self.break_at = processes, seed, break_at

    def step(self, step):
        x = torch.randn((8, 1), generator=torch_stream(self.seed, "batch", step))
        x = x[self.processes.part(len(x))]
        loss = ((self.line(x) - 2 * x - 1) ** 2).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.processes.average_gradients(self.line.parameters())
        self.optimizer.step()
        return {"loss": loss.detach() * (float("nan") if step == self.break_at else 1.0)}

    def facts(self, step):
        return {"stage": 0}

    def state(self):
        return {"line": self.line.state_dict(), "optimizer": self.optimizer.state_dict()}

    def restore(self, state):
        self.line.load_state_dict(state["line"])
        self.optimizer.load_state_dict(state["optimizer"])

    def weights(self):
        return self.line.state_dict()


def run(make=LineTask, fingerprint="data", **options):
    return fit(make, TrainingOptions(log_every=7, **options), label="line", fingerprint=fingerprint)


class InterruptedTask(LineTask):
    """Somebody presses Ctrl-C in the middle of step number 16, between two history rows."""

    def step(self, step):
        if step == 16:
            os.kill(os.getpid(), signal.SIGINT)
        return super().step(step)


def interrupt(folder, **options):
    with pytest.raises(TrainingInterruptedError, match=r"after step 17 of 60.*resume=True"):
        run(InterruptedTask, checkpoint=folder, **options)


def without_seconds(history):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in history]


@pytest.fixture(autouse=True)
def _own_randomness():
    with torch.random.fork_rng():
        yield


def test_training_lowers_the_loss_and_ends_with_the_last_step():
    fitted = run()
    losses = [row["loss"] for row in fitted.history]
    assert losses[-1] < 0.2 * losses[0]
    assert [row["step"] for row in fitted.history] == [7, 14, 21, 28, 35, 42, 49, 56, 60]


def test_one_process_on_the_processor_needs_no_lightning(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightning.fabric", None)  # importing it fails
    assert run().history[-1]["step"] == 60


def test_interrupted_run_resumes_to_the_same_weights_and_history(tmp_path):
    whole = run()
    folder = tmp_path / "checkpoint"
    interrupt(folder)
    resumed = run(checkpoint=folder, resume=True)
    assert all(torch.equal(whole.weights[k], resumed.weights[k]) for k in whole.weights)
    assert without_seconds(resumed.history) == without_seconds(whole.history)


def test_history_rows_are_on_disk_as_they_come(tmp_path):
    seen = []

    def count(row):
        seen.append(len((tmp_path / "history.jsonl").read_text().splitlines()))

    run(checkpoint=tmp_path, on_row=count)
    assert seen == list(range(1, 10))


def test_on_row_can_stop_early():
    fitted = run(on_row=lambda row: row["step"] >= 21)
    assert fitted.history[-1]["step"] == 21


def test_a_loss_that_is_not_finite_stops_with_step_and_advice():
    def make(processes, plan):
        return LineTask(processes, plan, break_at=30)

    with pytest.raises(TrainingDivergedError, match="loss 'loss' became nan by step 35") as error:
        run(make)
    assert error.value.step == 35
    assert error.value.stage == 0


def test_an_unfinished_run_is_not_overwritten(tmp_path):
    interrupt(tmp_path)
    with pytest.raises(OutputError, match="unfinished training run"):
        run(checkpoint=tmp_path)


def test_a_finished_run_makes_way_and_resuming_it_gives_what_it_gave(tmp_path):
    first = run(checkpoint=tmp_path)
    again = run(checkpoint=tmp_path, resume=True)
    assert again.history == first.history
    for name, tensor in first.weights.items():
        torch.testing.assert_close(again.weights[name], tensor, rtol=0, atol=0)
    assert len(run(checkpoint=tmp_path).history) == len(first.history)


def test_a_run_stopped_by_its_caller_is_finished(tmp_path):
    stopped = run(checkpoint=tmp_path, on_row=lambda row: row["step"] >= 21)
    assert run(checkpoint=tmp_path, resume=True).history == stopped.history


def test_a_run_that_is_killed_just_after_its_last_row_is_finished(tmp_path, monkeypatch):
    """The state of the row at which the caller says stop is the last one a killed run leaves."""
    usual = run(on_row=lambda row: row["step"] >= 21)
    save = Checkpoint.save

    def killed(self, state):
        save(self, state)
        if state["step"] == 21:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            run(checkpoint=tmp_path, checkpoint_seconds=0, on_row=lambda row: row["step"] >= 21)
    resumed = run(checkpoint=tmp_path, resume=True, on_row=lambda row: row["step"] >= 21)
    assert without_seconds(resumed.history) == without_seconds(usual.history)


def test_resume_refuses_other_data_or_settings(tmp_path):
    interrupt(tmp_path)
    with pytest.raises(SettingsError, match="other data, settings, budget or another seed"):
        run(checkpoint=tmp_path, resume=True, fingerprint="other data")


def test_a_damaged_checkpoint_is_named(tmp_path):
    interrupt(tmp_path)
    (tmp_path / "state.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(ModelFormatError, match=r"state\.pt is damaged"):
        run(checkpoint=tmp_path, resume=True)


def test_a_full_disk_keeps_the_older_checkpoint(tmp_path, monkeypatch):
    interrupt(tmp_path)
    before = (tmp_path / "state.pt").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OutputError, match="older checkpoint is still there"):
        run(checkpoint=tmp_path, resume=True, checkpoint_seconds=0)
    assert (tmp_path / "state.pt").read_bytes() == before


def test_a_resumed_run_without_a_seed_takes_the_checkpoints_own(tmp_path):
    first = TrainingOptions(checkpoint=tmp_path).resolved()
    interrupt(tmp_path, seed=first.seed)
    again = TrainingOptions(checkpoint=tmp_path, resume=True).resolved()
    assert again.seed == first.seed


class ShortTask(LineTask):
    """A few steps, for processes that have to meet at each."""

    num_steps = 9


def test_two_processes_agree_with_one():
    alone = run(ShortTask)
    together = run(ShortTask, devices=2, progress=False)
    for name, weight in alone.weights.items():
        torch.testing.assert_close(together.weights[name], weight, rtol=1e-5, atol=1e-6)


class DivergingTask(LineTask):
    """The loss of both processes breaks at step 30."""

    def __init__(self, processes, plan):
        super().__init__(processes, plan, break_at=30)


@pytest.mark.slow  # test_spawning.py sees the same in one process
def test_what_goes_wrong_in_another_process_is_told_as_in_this_one():
    with pytest.raises(TrainingDivergedError, match="became nan by step 35") as error:
        run(DivergingTask, devices=2, progress=False)
    assert error.value.step == 35

"""Losses become rows of the history, and the checkpoint is kept as often as it was asked for."""

import math
from pathlib import Path

import pytest
import torch

from tsgen.errors import TrainingDivergedError
from tsgen.training import Processes, TrainingOptions
from tsgen.training import recording as module
from tsgen.training.recording import Recorder


class Task:
    """Says its stage, and its state."""

    plan = {"steps": 9}  # noqa: RUF012
    exhausted = False

    def facts(self, step):
        return {"stage": step // 10}

    def state(self):
        return {"w": 1}


class Kept:
    """A checkpoint that remembers what it was given."""

    folder, exists = Path("kept"), True

    def __init__(self):
        self.rows, self.states = [], []

    def append(self, row):
        self.rows.append(dict(row))

    def save(self, state):
        self.states.append(state)


@pytest.fixture
def clock(monkeypatch):
    """The time, which stands still unless a test moves it."""
    now = [100.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    return now


def recorder(kept=None, history=(), **options):
    alone = Processes(torch.device("cpu"))
    return Recorder(Task(), TrainingOptions(**options), kept, list(history), alone)


def test_a_row_holds_the_means_of_the_losses_since_the_last_one(clock):
    rows = recorder()
    rows.add({"loss": torch.tensor(1.0), "extra": 4.0})
    rows.add({"loss": 2.0})
    clock[0] += 2.5
    assert rows.write(2) is False
    rows.add({"loss": 9.0})
    rows.write(11)
    assert rows.history == [
        {"step": 2, "stage": 0, "loss": 1.5, "extra": 4.0, "seconds": 2.5},
        {"step": 11, "stage": 1, "loss": 9.0, "seconds": 2.5},
    ]


def test_a_resumed_run_counts_its_seconds_on(clock):
    rows = recorder(history=[{"step": 5, "seconds": 40.0}])
    clock[0] += 2
    rows.write(6)
    assert rows.history[-1]["seconds"] == 42.0


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_the_training_and_writes_no_row(clock, bad):
    kept = Kept()
    rows = recorder(kept)
    rows.add({"fine": 1.0, "loss": bad})
    with pytest.raises(
        TrainingDivergedError, match=rf"loss 'loss' became {bad} by step 11.*The checkpoint in kept"
    ) as caught:
        rows.write(11)
    assert (caught.value.step, caught.value.stage) == (11, 1)
    assert (rows.history, kept.rows) == ([], [])
    kept.exists = False
    with pytest.raises(TrainingDivergedError, match=r"extreme values in the data\.$"):
        rows.write(11)


def test_the_state_is_kept_when_its_time_has_come_and_not_before(clock):
    kept = Kept()
    rows = recorder(kept, checkpoint_seconds=60)
    for done, passed in ((1, 59), (2, 1), (3, 59), (4, 1)):
        clock[0] += passed
        rows.add({"loss": 1.0})
        rows.write(done)
    assert [state["step"] for state in kept.states] == [2, 4]
    assert [row["step"] for row in kept.rows] == [1, 2, 3, 4]
    assert kept.states[0] == {
        "step": 2, "plan": {"steps": 9}, "task": {"w": 1}, "pending": [], "finished": False,
    }  # fmt: skip


def test_losses_of_a_row_that_is_not_full_are_kept_as_numbers():
    kept = Kept()
    rows = recorder(kept)
    rows.add({"loss": torch.tensor(2.0)})
    rows.keep(1)
    assert kept.states[0]["pending"] == [{"loss": 2.0}]
    assert kept.states[0]["finished"] is False
    rows.keep(1, finished=True)
    assert kept.states[1]["finished"] is True
    recorder().keep(1)  # without a checkpoint there is nothing to keep


@pytest.mark.parametrize(
    ("answer", "stop"), [(True, True), (False, False), (None, False), (1, False)]
)
def test_only_true_stops_and_a_state_kept_then_is_finished(clock, answer, stop):
    kept = Kept()
    rows = recorder(kept, checkpoint_seconds=0, on_row=lambda row: answer)
    assert rows.write(5) is stop
    assert kept.states[0]["finished"] is stop

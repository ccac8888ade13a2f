"""Ctrl-C and SIGTERM during a training: noted, passed on, and told with how to go on."""

import multiprocessing
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from tsgen.errors import TooLargeError, TrainingDivergedError
from tsgen.interruption import Waiting
from tsgen.training import Checkpoint
from tsgen.training.stopping import (
    asked_to_stop,
    ends_with_error,
    interrupted,
    stop_signal,
    stopping_all_processes,
)


@pytest.fixture
def heard():
    """Signals that reach whoever handled them before."""
    numbers = []
    before = {
        number: signal.signal(number, lambda number, _: numbers.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    yield numbers
    for number, old in before.items():
        signal.signal(number, old)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted_and_the_second_acts(heard, number):
    with stop_signal() as stop:
        assert stop.number is None
        os.kill(os.getpid(), number)
        assert (stop.number, heard) == (number, [])
        os.kill(os.getpid(), number)
        assert heard == [number]
    os.kill(os.getpid(), number)
    assert heard == [number, number]


def test_the_first_signal_is_the_one_that_is_named(heard):
    with stop_signal() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert stop.number == signal.SIGTERM


def test_a_signal_is_passed_on_to_every_process_as_sigterm(heard, monkeypatch):
    sent = []
    children = [SimpleNamespace(pid=11), SimpleNamespace(pid=None), SimpleNamespace(pid=12)]
    with stopping_all_processes() as stop:
        with monkeypatch.context() as patch:
            patch.setattr(multiprocessing, "active_children", lambda: children)
            patch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
            signal.raise_signal(signal.SIGINT)
        assert stop.number == signal.SIGINT
    assert sent == [(11, signal.SIGTERM), (12, signal.SIGTERM)]
    assert heard == []


def test_the_error_says_how_to_go_on():
    kept = interrupted(17, 60, SimpleNamespace(folder=Path("kept")), signal.SIGTERM)
    assert str(kept) == (
        "Training was interrupted after step 17 of 60. The checkpoint is in kept; continue with "
        "resume=True."
    )
    assert (kept.checkpoint, kept.signal) == ("kept", signal.SIGTERM)
    lost = interrupted(17, 60, None, signal.SIGINT)
    assert "There is no checkpoint folder, so it starts anew next time." in str(lost)
    assert lost.checkpoint is None


def test_several_processes_agree_at_full_rows_only():
    asked = []

    def agree(value):
        asked.append(value)
        return signal.SIGTERM

    alone = SimpleNamespace(world=1)
    assert asked_to_stop(Waiting(signal.SIGINT), alone, full=False) == signal.SIGINT
    assert asked_to_stop(Waiting(), alone, full=True) is None
    several = SimpleNamespace(world=2, agree=agree)
    assert asked_to_stop(Waiting(signal.SIGINT), several, full=False) is None
    assert asked == []
    assert asked_to_stop(Waiting(), several, full=True) == signal.SIGTERM
    assert asked == [None]


def ended(checkpoint, error):
    with ends_with_error(checkpoint):
        raise error


OUT_OF_MEMORY = [MemoryError("all gone"), RuntimeError("could not create a primitive")]


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_where_memory_gives_out_an_empty_checkpoint_goes(tmp_path, error):
    checkpoint = Checkpoint(tmp_path / "c", "print")
    checkpoint.begin(3)
    with pytest.raises(type(error)):
        ended(checkpoint, error)
    assert not checkpoint.folder.exists()
    with pytest.raises(type(error)):  # where none was asked for
        ended(None, error)


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_where_memory_gives_out_a_kept_checkpoint_is_named(tmp_path, error):
    checkpoint = Checkpoint(tmp_path / "c", "print")
    checkpoint.begin(3)
    checkpoint.save({"step": 1})
    with pytest.raises(TooLargeError, match=rf"{tmp_path / 'c'}; continue with resume=True"):
        ended(checkpoint, error)
    assert checkpoint.exists
    with pytest.raises(ZeroDivisionError):  # another error stays what it is
        ended(checkpoint, ZeroDivisionError())


def test_the_history_of_a_training_that_diverged_stays(tmp_path):
    checkpoint = Checkpoint(tmp_path / "c", "print")
    checkpoint.begin(3)
    with pytest.raises(TrainingDivergedError):
        ended(checkpoint, TrainingDivergedError("a loss became nan", step=1))
    assert (tmp_path / "c" / "history.jsonl").exists()

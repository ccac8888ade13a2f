"""Ctrl-C and SIGTERM during a training: noted, passed on, and told with how to go on."""

import multiprocessing
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from tsgen.interruption import Waiting
from tsgen.training.stopping import (
    asked_to_stop,
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

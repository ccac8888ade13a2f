"""Ctrl-C and SIGTERM: one way, two exit codes."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tsgen.errors import TrainingInterruptedError
from tsgen.interruption import Ended, end_as_interrupt, exit_code_of, signals_wait


@pytest.fixture
def default_handler():
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


def test_sigterm_is_caught_where_ctrl_c_is(default_handler):
    end_as_interrupt()
    with pytest.raises(KeyboardInterrupt) as caught:
        os.kill(os.getpid(), signal.SIGTERM)
    assert exit_code_of(caught.value) == 143


def test_somebody_elses_handler_stays(default_handler):
    heard = []
    signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    end_as_interrupt()
    os.kill(os.getpid(), signal.SIGTERM)
    assert heard == [signal.SIGTERM]


def test_the_exit_code_follows_the_cause():
    assert exit_code_of(KeyboardInterrupt()) == 130
    assert exit_code_of(TrainingInterruptedError("stopped", signal=signal.SIGTERM)) == 143
    error = SystemExit(1)
    error.__context__ = Ended()
    assert exit_code_of(error) == 143


def test_signals_wait_for_the_end_of_the_block():
    before = signal.getsignal(signal.SIGINT)
    with signals_wait() as waiting:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
    assert waiting.number == signal.SIGINT
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("delay", [0.0, 0.1])
def test_a_signal_during_the_imports_gives_a_sentence_and_no_traceback(number, code, delay):
    program = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["tsgen", "inspect", "nothing.csv"]
from tsgen.__main__ import main
import builtins
importing = builtins.__import__
def heard(name, *rest, **named):
    if name == "typer":
        print("importing", flush=True)
        import time; time.sleep(5)
    return importing(name, *rest, **named)
builtins.__import__ = heard
main()
"""
    words = [sys.executable, "-c", program]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "importing\n"
    time.sleep(delay)
    process.send_signal(number)
    _, told = process.communicate(timeout=20)
    assert told == "interrupted: nothing was written.\n"
    assert process.returncode == code


def test_an_interruption_before_signals_are_looked_after_gives_no_traceback():
    program = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from tsgen.__main__ import main
class Interrupting:
    def find_spec(self, name, *rest):
        if name == "tsgen.interruption":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == "interrupted: nothing was written.\n"
    assert done.returncode == -signal.SIGINT


def test_other_errors_that_nobody_caught_keep_their_traceback():
    program = """
import sys
import tsgen.__main__ as command
sys.modules["tsgen.interruption"] = None
command.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "Traceback" in done.stderr
    assert "ModuleNotFoundError" in done.stderr
    assert done.returncode == 1

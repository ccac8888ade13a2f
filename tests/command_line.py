"""The command line as the tests call it: in this process, output and exit code caught."""

import json
import multiprocessing
from contextlib import contextmanager

from typer.testing import CliRunner

from tsgen.cli.main import app
from tsgen.storage import locked

TINY = ["--set", "target_length=8", "--set", "num_steps=6", "--set", "batch_size=4"]
TINY += ["--set", "channels=[4]"]
"""A PSA-GAN that is trained in no time."""


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def succeed(*words):
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result


def answer(*words):
    """Run with --json; stdout is one JSON value and nothing else."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(succeed(*words, "--json").stdout, parse_constant=refuse)


def fail(*words, code=1):
    """Run; nothing on stdout, one sentence without a traceback on stderr."""
    result = run(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    if code == 1:
        lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1, result.stderr
        return lines[0]
    return result.stderr


class Recorder:
    """Stands in for a function of the library: remembers its arguments, gives an answer."""

    def __init__(self, answer=None):
        self.answer, self.calls = answer, []

    def __call__(self, *args, **kwargs):
        self.calls.append((args, kwargs))
        return self.answer

    @property
    def args(self):
        return self.calls[-1][0]

    @property
    def kwargs(self):
        return self.calls[-1][1]


def recorded_scales(monkeypatch):
    """Return the list of the noise scales that models are asked for, from now on."""
    scales = []

    def with_noise_scale(self, scale):
        scales.append(scale)
        return self

    monkeypatch.setattr("tsgen.psagan.PSAGANSynthesizer.with_noise_scale", with_noise_scale)
    return scales


@contextmanager
def held_elsewhere(path):
    """Let another process hold the lock of an output; yields its id."""
    context = multiprocessing.get_context("fork")
    held, done = context.Event(), context.Event()

    def hold():
        with locked(path):
            held.set()
            done.wait(60)

    other = context.Process(target=hold)
    other.start()
    try:
        assert held.wait(60)
        yield other.pid
    finally:
        done.set()
        other.join()

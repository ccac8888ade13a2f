"""Results on stdout, the rest on stderr."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

from tsgen.cli.outputs import emit, say, show
from tsgen.errors import OutputError


def test_words_and_results_go_apart(capsys):
    say("working")
    emit({"a": 1}, "the text", False)
    emit({"a": 1}, "the text", True)
    assert capsys.readouterr() == ('the text\n{"a": 1}\n', "working\n")


def test_json_has_no_nan_and_what_is_no_json_is_text(capsys):
    told = {
        "nan": float("nan"),
        1: [float("inf"), 0.5, None, True],
        "path": Path("a/b"),
        "number": np.int64(3),
        "deep": {"pair": (1, "x")},
    }
    emit(told, "", True)

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(capsys.readouterr().out, parse_constant=refuse) == {
        "nan": None,
        "1": [None, 0.5, None, True],
        "path": "a/b",
        "number": "3",
        "deep": {"pair": [1, "x"]},
    }


@pytest.mark.parametrize(
    ("error", "expected"),
    [(OSError(errno.ENOSPC, "No space left"), OutputError), (BrokenPipeError(), BrokenPipeError)],
)
def test_a_result_that_finds_no_room_is_said(monkeypatch, error, expected):
    class Full:
        closed = False

        def close(self):
            self.closed = True

    def echo(text):
        raise error

    monkeypatch.setattr(typer, "echo", echo)
    monkeypatch.setattr(sys, "stdout", full := Full())
    with pytest.raises(expected, match="No space left" if expected is OutputError else None):
        show("text")
    assert full.closed == (expected is OutputError)


def test_a_result_that_cannot_be_printed_is_one_sentence(tmp_path):
    (tmp_path / "state.pt").write_bytes(b"")  # a checkpoint: nothing heavy is imported for it
    words = [sys.executable, "-m", "tsgen", "inspect", str(tmp_path)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: The result cannot be printed: No space left on device.\n"

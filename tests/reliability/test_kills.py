"""Runs that are killed lose nothing: see `kill_harness`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).parent / "kill_harness.py"


def kills(number, seed, *options):
    words = [sys.executable, "-W", "ignore", HARNESS, "--kills", str(number), "--seed", str(seed)]
    words += options
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_killed_runs_lose_nothing():
    found = kills(6, 1, "--works", "train", "rim", "overwrite")
    assert found["faults"] == {}, found["cases"]
    assert found["kills"] >= 3


@pytest.mark.slow
def test_many_killed_runs_lose_nothing():
    found = kills(120, 2)
    assert found["faults"] == {}, found["cases"]
    assert found["kills"] >= 100

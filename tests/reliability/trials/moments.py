"""Signals while a command starts, and two commands that write to one output at once."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from reliability.forked import CRASHED, ended, fork
from reliability.fuzz_inputs import write_all
from reliability.trials.surroundings import WRITING

__all__ = ["at_once", "starts"]

NUMBERS = (signal.SIGINT, signal.SIGTERM)
STARTED = 120
"""Signals, evenly over the time."""
SECONDS = 300
LINE = [sys.executable, "-m", "tsgen"]
LINE += ["sample", "psagan", "-n", "2", "-o", "out.csv", "--seed", "1", "--overwrite"]
LOCK = ".tsgen-lock-*"
OURS = re.compile(r'File "[^"]*tsgen/(?!__main__\.py", line \d+, in <module>)')
"""A traceback's line in a file of ours; the first line of `python -m tsgen` is Python's start."""


def starts(place, draw):
    """Yield a name and a verdict for signals at random moments of a command's start."""
    write_all(place)
    os.chdir(place)
    for _ in range(2):  # the second time, what is imported is in memory
        begin = time.monotonic()
        subprocess.run(LINE, check=True, capture_output=True)
        whole = time.monotonic() - begin
    for k in draw(list(range(STARTED))):
        after = whole * 2 * (k // 2 + random.random()) / STARTED
        number = NUMBERS[k % 2]
        yield f"{number.name} after {after:.2f} s", _started(number, after)


def _started(number, after):
    """Send a signal to a command that starts; return the verdict."""
    process = subprocess.Popen(
        LINE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    time.sleep(after)
    process.send_signal(number)
    try:
        told, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return "hang", f"more than {SECONDS} s"
    code = process.returncode
    if left := [path.name for path in Path().glob(".*")]:
        return "silently wrong", f"{left} left"
    if "Traceback" in told:
        return ("traceback" if OURS.search(told) else "traceback of Python's own start"), told[
            -700:
        ]
    if code == -number:
        return "ended before Python could be asked", told
    if code == 0 and "interrupted" not in told:
        return "done before", told
    if code != 128 + number:
        return "unclear", f"exit {code}: {told}"
    return ("clear" if "interrupted: " in told else "unclear"), told


def at_once(place, draw):
    """Yield a name and a verdict for every verb that writes, run twice at once to one output."""
    write_all(place)
    os.chdir(place)
    for words in draw([words for words in WRITING if "--dry-run" not in words]):
        yield " ".join(words), _twice(words)
        for path in [*Path().glob("out*"), Path("held.csv"), Path("prices.json")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _held():
    with suppress(FileNotFoundError):
        return any(path.stat().st_size for path in Path().glob(LOCK))  # signed, and so held


def _twice(words):
    """Stop a run as soon as it holds its output, run another, and let the first go on."""
    first = fork(words, "first.log")
    deadline = time.monotonic() + SECONDS
    while not _held():
        done, status = os.waitpid(first, os.WNOHANG)
        if done:
            return "hang", f"over with {ended(status)} before its lock was seen; try it again"
        if time.monotonic() > deadline:
            os.kill(first, signal.SIGKILL)
            os.waitpid(first, 0)
            return "hang", "no lock"
        time.sleep(0.0002)
    os.kill(first, signal.SIGSTOP)
    code = ended(os.waitpid(fork(words, "second.log"), 0)[1])
    told = Path("second.log").read_text()
    os.kill(first, signal.SIGCONT)
    end = ended(os.waitpid(first, 0)[1])
    if CRASHED in (code, end) or "Traceback" in told:
        return "traceback", told[-700:]
    if code != 1 or "is being written by another run" not in told:
        return "silently wrong", f"the second ends in {code}: {told}"
    first_told = Path("first.log").read_text()
    out = [path.name for path in Path().glob("out*")]
    left = [path.name for path in Path().glob(".*")]
    if left or bool(out) != (end in (0, 3, 4)):
        return (
            "silently wrong",
            f"{left} left, {out} written; the first ends in {end}: {first_told}",
        )
    if end == 1 and ("exists" in first_told or "another run" in first_told):
        return "silently wrong", f"the first lost its output: {first_told}"
    return "clear", told

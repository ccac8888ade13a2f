"""What came of a case: accepted, clear, unclear, a traceback, a hang."""

import datetime
import decimal
import fractions
import os
import re
import shutil
import signal
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
from typer.testing import CliRunner

import tsgen.evaluation
from reliability.fuzz_inputs import write, write_all
from tsgen.cli.inputs import read_id_file, read_table
from tsgen.cli.main import app
from tsgen.data import Interactions, Vocabulary, read_interactions, read_series, to_dataset
from tsgen.errors import TsgenError
from tsgen.evaluation import evaluate_fidelity
from tsgen.settings import read_settings_file

__all__ = ["FINE", "Bench", "Hang", "judged", "judged_end", "limited"]

SECONDS, WALL_SECONDS = 20, 180
"""Of work, and of waiting too: other work on the machine is no hang."""
FINE = "accepted"
_CODES = {0: FINE, 1: "clear", 2: "clear", 3: FINE, 4: FINE}
_RAW = re.compile(
    r"no sentence for|object at 0x|Traceback|<class|<function|has no attribute|unhashable"
    r"|out of range|positional argument|not subscriptable|not iterable"
    r"|KeyError|ValueError|TypeError|AttributeError|IndexError|(?<![./])\.\.$|errors\.pydantic"
)
"""What a sentence for users does not have."""
_LONGEST = 1200


class Hang(BaseException):
    """A case took too long."""


@contextmanager
def limited():
    """Raise `Hang` in a block that works or waits for too long."""

    def stop(number, frame):
        raise Hang

    clocks = {signal.SIGPROF: signal.ITIMER_PROF, signal.SIGALRM: signal.ITIMER_REAL}
    before = {number: signal.signal(number, stop) for number in clocks}
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    try:
        yield
    finally:
        for number, clock in clocks.items():
            signal.setitimer(clock, 0)
            signal.signal(number, before[number])


def _literal(path):
    names = {"pd": pd, "np": np, "datetime": datetime, "decimal": decimal, "fractions": fractions}
    try:
        return eval(path.read_text(), names)  # an expression of `fuzz_cases`
    except (TypeError, ValueError):  # no frame has such columns
        return []


def _with_cheap_judges(*args, **options):
    draws = min(options.get("draws", 2), 2)  # one that is not possible stays so
    return evaluate_fidelity(*args, **{**options, "encoder": None, "draws": draws})


def _entries(path):
    return to_dataset(_literal(path))


def _event_frame(path):
    return Interactions.from_frame(pd.DataFrame(_literal(path)))


class Bench:
    """A folder with whole inputs, in which cases are tried; call it with a case.

    It returns the verdict and what was told; `made` is what was new in the folder then, and
    `page` what stands in out.html. The working folder is the bench's meanwhile.
    """

    def __init__(self, folder):
        self.whole = Path(folder, "whole")
        self.place = Path(folder, "place")
        self.whole.mkdir()
        write_all(self.whole)
        self.renew()
        self.users = Vocabulary(np.array([f"u{k:02d}" for k in range(20)], dtype=object), "user")

    def __call__(self, case):
        write(self.place, case.files)
        with mock.patch.object(tsgen.evaluation, "evaluate_fidelity", _with_cheap_judges):
            return self._tried(case)

    def _tried(self, case):
        before = os.getcwd()
        os.chdir(self.place)
        try:
            with limited(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self._read(case) if case.call[0] in self.reads else self._run(case)
        except Hang:
            return "hang", f"more than {SECONDS} s"
        finally:
            os.chdir(before)
            page = self.place / "out.html"
            self.page = page.read_text(errors="replace") if page.is_file() else ""
            self.made = sorted({*os.listdir(self.place)} - {*os.listdir(self.whole)})
            self.renew()

    def renew(self):
        """Put whole inputs into the working folder."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.whole, self.place, copy_function=os.link)

    @property
    def reads(self):
        from tsgen.allocation import Plan
        from tsgen.evaluation import ForecastStudy
        from tsgen.psagan import PSAGANEstimator

        return {
            "read series": lambda path: read_series(path, freq="h"),
            "read events": read_interactions,
            "read ids": lambda path: read_id_file(path, "user_id", self.users),
            "read attributes": lambda path: read_table(path, "user_id"),
            "read config": lambda path: PSAGANEstimator(**read_settings_file(path)),
            "read campaigns": lambda path: Plan(**read_settings_file(path)),
            "read study": ForecastStudy.from_file,
            "entries": _entries,
            "frame": _entries,
            "event frame": _event_frame,
        }

    def _read(self, case):
        try:
            self.reads[case.call[0]](Path((*case.call, "value.py")[1]))
        except TsgenError as error:
            return judged(str(error))
        except Exception:
            return "traceback", traceback.format_exc(limit=-3)
        return FINE, ""

    def _run(self, case):
        result = CliRunner().invoke(app, list(case.call), prog_name="tsgen")
        error = result.exception
        if error is not None and not isinstance(error, SystemExit):
            if isinstance(error, Hang):
                raise error
            return "traceback", "".join(traceback.format_exception(error, limit=-4))
        return judged_end(result.exit_code, result.stderr, result.output)


def judged_end(code, stderr, output):
    """Return the verdict on a command that ended by itself, and what was told."""
    if code == 1:
        told = [line for line in stderr.splitlines() if line.startswith("error: ")]
        return judged(told[0]) if len(told) == 1 else ("unclear", output[-500:])
    if code not in _CODES:
        return "unclear", f"exit {code}: {output[-500:]}"
    return _CODES[code], stderr[-300:]


def judged(told):
    """Return whether a sentence is clear to users, and the sentence."""
    if not told.strip() or "\n" in told.strip() or len(told) > _LONGEST or _RAW.search(told):
        return "unclear", told
    return "clear", told

"""The user's forecaster judges: what it is run with, what is kept, and what is said of failures."""

from types import FunctionType

import numpy as np
import pytest

from tsgen.curation import Candidate, Transform, Validation
from tsgen.curation.choosing.cells import Cells
from tsgen.curation.choosing.forecasters import user_forecaster
from tsgen.curation.choosing.gains import gain_of
from tsgen.curation.choosing.judging import judgement
from tsgen.data import simulate_series
from tsgen.errors import DataError, TrainingInterruptedError

CUT = Validation.of(simulate_series(num_series=4, length=90, seed=1), 6)
OPERATIONS = {"jitter": Transform("jitter"), "mixing": Transform("mixing")}
TWO = [Candidate.of("jitter", 0.5), Candidate.of("mixing", 0.75)]


class Judge:
    """Loses by the number of synthetic series and the seed."""

    given = "a double"

    def __init__(self, error=None, at=()):
        self.runs, self.error, self.at = [], error, at

    def losses(self, training, validation, seed):
        number = int(training.synthetic.sum())
        self.runs.append((number, seed))
        if number in self.at:
            raise self.error
        return np.full((3, 4), 10.0 - number / 4) + np.arange(12).reshape(3, 4) + seed


def judged(judge, folder=None, draws=2, candidates=TWO):
    cells = Cells(folder, "facts")
    return judgement(judge, CUT, OPERATIONS, candidates, draws=draws, cells=cells, seed=5)


def test_gains_are_against_real_alone_in_the_same_draws():
    judge = Judge()
    made = judged(judge)
    assert judge.runs == [(n, seed) for n in (0, 4, 12) for seed in (5, 6)]
    base = np.arange(12).reshape(3, 4)
    real, four = (np.stack([10.0 - n / 4 + base + seed for seed in (5, 6)]) for n in (0, 4))
    assert made.gains[TWO[0]] == gain_of(four, real)
    assert not made.failed


def test_a_run_that_was_kept_is_not_run_again_by_the_next_process(tmp_path):
    def forecaster(table, horizon):
        return table

    def another(table, horizon):
        return table.copy()

    runs = []

    def loss(self, training, validation, seed):
        runs.append(int(training.synthetic.sum()))
        return np.ones((3, 4))

    def judge(function):
        made = user_forecaster(function)
        return type("Judge", (), {"given": made.given, "losses": loss})()

    judged(judge(forecaster), tmp_path)
    first = len(runs)
    elsewhere = FunctionType(forecaster.__code__, forecaster.__globals__, "forecaster")
    elsewhere.__qualname__ = forecaster.__qualname__  # at another address, as in the next process
    judged(judge(elsewhere), tmp_path)
    assert len(runs) == first == 6
    judged(judge(another), tmp_path)
    assert len(runs) == 2 * first


def test_failures_are_kept_beside_what_could_be_run(tmp_path):
    made = judged(Judge(RuntimeError("no luck"), at=[4]))
    assert list(made.gains) == [TWO[1]]
    assert made.failed == {TWO[0]: "RuntimeError: no luck"}
    with pytest.raises(DataError, match="fails on the real series alone: ValueError: no device"):
        judged(Judge(ValueError("no device"), at=[0]))
    broken = Judge(ValueError("no device"), at=[4, 12])
    said = (
        r"every candidate; jitter 50 %: ValueError: no device\. What.* kept with cells=FOLDER; with"
    )
    with pytest.raises(DataError, match=said):
        judged(broken)
    with pytest.raises(DataError, match=f"are kept in {tmp_path}; without"):
        judged(broken, tmp_path)


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit()])
def test_an_interruption_is_no_failure(stop):
    with pytest.raises(TrainingInterruptedError):
        judged(Judge(stop, at=[4]))

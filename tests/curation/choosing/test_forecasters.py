"""The user's own forecaster: what it is trained on, what it is asked, how its answer is read."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gluonts.model.forecast import SampleForecast

from tsgen.curation import Transform
from tsgen.curation.choosing import Validation, window_losses
from tsgen.curation.choosing.forecasters import reason, user_forecaster
from tsgen.curation.reference import LEVELS
from tsgen.data import simulate_series
from tsgen.errors import DataError, SettingsError

REAL = simulate_series(num_series=4, length=90, seed=1)
CUT = Validation.of(REAL, 6)
LEARNT = type(REAL).concat([CUT.learning, Transform("jitter")(CUT.learning, 0.5, seed=1)])


def last_value_losses():
    """The loss of repeating the last value, by a slow loop: (V, S)."""
    lost = np.zeros((3, 4))
    for window in range(3):
        for s in range(4):
            cut = 90 - (3 - window) * 6
            known, truth = REAL.series(s)[:cut], REAL.series(s)[cut : cut + 6]
            for level in LEVELS:
                gap = truth - known[-1]
                lost[window, s] += (2 * gap * (level - (gap < 0))).sum() / len(LEVELS)
    return lost


class LastValue:
    """A GluonTS-like estimator that repeats the last value, and remembers."""

    def __init__(self, value=None):
        self.trained, self.value, self.draws = [], value, []

    def train(self, entries):
        self.trained.append(entries)
        self.draws.append(np.random.random())  # noqa: NPY002
        return self

    def predict(self, entries):
        for entry in entries:
            level = entry["target"][-1] if self.value is None else self.value
            yield SampleForecast(np.full((2, 6), level), entry["start"] + len(entry["target"]))


def test_an_estimator_is_trained_once_and_judged_window_by_window():
    own = LastValue()
    lost = user_forecaster(own).losses(LEARNT, CUT, seed=1)
    np.testing.assert_allclose(lost, last_value_losses(), rtol=1e-5)
    assert len(own.trained) == 1
    assert [len(e["target"]) for e in own.trained[0]] == LEARNT.lengths.tolist()
    user_forecaster(own).losses(LEARNT, CUT, seed=1)
    user_forecaster(own).losses(LEARNT, CUT, seed=2)
    assert own.draws[0] == own.draws[1] != own.draws[2]


def fit_predict(table, horizon, kind="target"):
    last = table.groupby("item_id").tail(1)
    frames = [last.assign(timestamp=last["timestamp"] + pd.Timedelta(hours=h + 1))
              for h in reversed(range(horizon))]  # fmt: skip
    made = pd.concat(frames)
    if kind == "quantiles":
        made = made.assign(**{str(q): made["target"] + q for q in LEVELS}).drop(columns="target")
    return made


def test_a_function_is_given_what_precedes_each_window_and_the_synthetic_series():
    asked = []

    def remembering(table, horizon):
        asked.append((table.groupby("item_id").size().to_dict(), horizon))
        return fit_predict(table, horizon)

    lost = user_forecaster(remembering).losses(LEARNT, CUT, seed=1)
    np.testing.assert_allclose(lost, last_value_losses(), rtol=1e-5)
    synthetic = dict.fromkeys(("synthetic/jitter/0", "synthetic/jitter/1"), 66)
    for window, (sizes, horizon) in enumerate(asked):
        assert horizon == 6
        assert sizes == synthetic | dict.fromkeys(REAL.item_ids, 72 + 6 * window)
    asked.clear()
    user_forecaster(remembering).losses(CUT.learning, CUT, seed=1)
    assert len(asked[0][0]) == 4


def test_columns_of_quantiles_are_read_as_quantiles():
    made = user_forecaster(lambda t, h: fit_predict(t, h, "quantiles")).losses(LEARNT, CUT, seed=1)
    rows = [
        [REAL.series(s)[90 - (3 - w) * 6 - 1] + np.tile(LEVELS, (6, 1)) for w in range(3)]
        for s in range(4)
    ]
    expected = window_losses(np.concatenate(rows), CUT.judging).reshape(4, 3).T
    np.testing.assert_allclose(made, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda t, h: 3, "must give a long table with the columns"),
        (lambda t, h: t[["item_id", "target"]], "must give a long table with the columns"),
        (lambda t, h: fit_predict(t, h).drop(columns="target"), "neither 'target' nor columns"),
        (lambda t, h: fit_predict(t, h - 1), "gave 5 steps for series .*; 6 were asked"),
        (lambda t, h: fit_predict(t, h).query("item_id != 'simulated/2'"), "gave 0 steps"),
        (lambda t, h: fit_predict(t, h).assign(target=np.nan), "missing or infinite"),
    ],
)
def test_answers_that_cannot_be_judged_are_said(function, message):
    named = replace(CUT, usable=replace(REAL, item_ids=tuple(f"simulated/{i}" for i in range(4))))
    with pytest.raises(DataError, match=message):
        user_forecaster(function).losses(CUT.learning, named, seed=1)


def test_forecasts_that_are_not_finite_are_refused_and_others_are_no_forecasters():
    with pytest.raises(DataError, match="missing or infinite"):
        user_forecaster(LastValue(np.inf)).losses(LEARNT, CUT, seed=1)
    with pytest.raises(SettingsError, match="forecaster=3 is neither a GluonTS estimator"):
        user_forecaster(3)


def test_a_reason_is_one_line_and_names_the_kind_of_a_strangers_error():
    assert reason(DataError("ours\nmore")) == "ours"
    assert reason(ValueError("theirs")) == "ValueError: theirs"
    assert reason(KeyError()) == "KeyError: "
    assert reason(DataError("")) == "DataError"

"""Forecasters trained on either, tested on the same windows after the training part."""

import numpy as np
import pytest

from tsgen.data import simulate_series
from tsgen.evaluation import Forecaster
from tsgen.evaluation.forecast import metric_of
from tsgen.evaluation.share import utility
from tsgen.evaluation.share.utility import DEFAULT_FORECASTERS, compare_forecasters

WHOLE = simulate_series(num_series=4, length=90, seed=1)
TRAIN, _ = WHOLE.split(last=18)
LINEAR = {"linear": Forecaster(estimator="reference_linear")}


def test_what_is_trained_on_what_and_tested_where(monkeypatch):
    trained, scored = [], []
    train, score = utility.train_forecaster, utility.score_forecasts

    def remember(spec, series, *rest):
        trained.append(series)
        return train(spec, series, *rest)

    def scoring(made, windows, season):
        scored.append(windows)
        return score(made, windows, season)

    monkeypatch.setattr(utility, "train_forecaster", remember)
    monkeypatch.setattr(utility, "score_forecasts", scoring)
    made = simulate_series(num_series=4, length=72, seed=9)
    compare_forecasters(TRAIN, lambda: made, WHOLE, 6, LINEAR, (1, 2))
    assert [series is made for series in trained] == [True, True, False, False]
    assert all(series is TRAIN for series in trained[2:])
    for windows in scored:
        assert windows.rows.tolist() == np.repeat(range(4), 3).tolist()
        assert windows.begins.tolist() == [72, 78, 84] * 4


def test_the_same_series_change_nothing_and_noise_loses():
    (same,) = compare_forecasters(TRAIN, lambda: TRAIN, WHOLE, 6, LINEAR, (1,))
    assert (same.change, same.low, same.high) == (0, 0, 0)
    noise = np.random.default_rng(1).normal(size=TRAIN.values.shape)
    from dataclasses import replace

    loud = replace(TRAIN, values=noise)
    (lost,) = compare_forecasters(TRAIN, lambda: loud, WHOLE, 6, LINEAR, (1, 2))
    assert lost.change == pytest.approx(lost.synthetic / lost.real - 1)
    assert lost.low <= lost.change <= lost.high
    assert lost.change > 0
    assert lost.seeds == 2


def test_the_usual_forecasters_are_the_reference_ones_and_deepar():
    assert list(DEFAULT_FORECASTERS) == ["reference", "reference_linear", "deepar"]
    assert metric_of is utility.metric_of

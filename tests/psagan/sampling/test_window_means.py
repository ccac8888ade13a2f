"""A promotion on every day, where training had one in four: said, for nobody saw what it does."""

import warnings

import numpy as np
import pytest

from tsgen.data.series import DynamicFeatures
from tsgen.errors import DataWarning
from tsgen.psagan.sampling.window_means import say_unusual_means, window_means


def test_means_are_those_of_a_slow_loop():
    random = np.random.default_rng(0)
    values, offsets = random.normal(size=23), np.array([0, 9, 12, 23])
    values[[2, 3, 10, 15, 16, 17, 18]] = np.nan
    means, owners = window_means(values, offsets, 4)
    expected = []
    for i in range(3):
        series = values[offsets[i] : offsets[i + 1]]
        for first in range(max(len(series) - 4, 0) + 1):
            window = series[first : first + 4]
            window = window[~np.isnan(window)]
            expected.append((window.mean() if len(window) else np.nan, i))
    np.testing.assert_allclose(means, [mean for mean, _ in expected])
    assert owners.tolist() == [i for _, i in expected]


def features(*series):
    steps = np.concatenate(series)
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in series])])
    return DynamicFeatures(offsets, real=steps[None], real_names=("promo",))


TRAINED = features(np.tile([0.0, 0.0, 0.0, 1.0], 5))


def said(drawn, given=True):
    steps = {"promo": np.full(int(drawn.offsets[-1]), given)}
    say_unusual_means(drawn, TRAINED, steps, 4)


def test_means_beyond_those_of_training_windows_are_said():
    with pytest.warns(
        DataWarning, match="'promo' is 1 on average .* 1 of 2 series .* 0.25 and 0.25"
    ):
        said(features(np.ones(4), np.array([1.0, 0.0, 0.0, 0.0])))
    with pytest.warns(DataWarning, match="'promo' is 0 on average"):
        said(features(np.zeros(6)))


def test_the_usual_and_what_nobody_gave_are_not():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said(features(np.tile([1.0, 0.0, 0.0, 0.0], 3)))
        said(features(np.ones(8)), given=False)

"""A forecaster by name as an estimator: trained quietly, refused where it cannot be built."""

import pytest

from tsgen.data import simulate_series
from tsgen.errors import SettingsError
from tsgen.evaluation.forecast import Forecaster, NamedEstimator


def test_it_trains_what_it_is_given():
    series = simulate_series(num_series=2, length=60, freq="h", seed=1)
    estimator = NamedEstimator(Forecaster(estimator="reference_linear"), series.freq, 3)
    assert not estimator.joint
    assert estimator.context_length is None
    predictor = estimator.train(list(series))
    (first, second) = predictor.predict(list(series))
    assert first.quantile(0.5).shape == second.quantile(0.5).shape == (3,)


def test_predictors_without_training_are_built():
    estimator = NamedEstimator(Forecaster(estimator="seasonal_naive"), "h", 3)
    assert estimator.name == "seasonal_naive"
    (made,) = estimator.train([]).predict([next(iter(simulate_series(1, length=30, seed=1)))])
    assert made.mean.shape == (3,)


def test_mixers_of_channels_say_so_and_settings_are_checked():
    spec = Forecaster(estimator="itransformer", settings={"context_length": 12})
    estimator = NamedEstimator(spec, "h", 3)
    assert estimator.joint
    assert estimator.context_length == 12
    with pytest.raises(SettingsError, match="no setting 'contextlength'"):
        NamedEstimator(Forecaster(estimator="linear", settings={"contextlength": 3}), "h", 3)

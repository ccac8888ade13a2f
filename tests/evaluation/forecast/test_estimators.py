"""Forecasters by name: found, checked with their settings, and trained with the study's own."""

import sys
import types

import pytest

from tsgen.data import simulate_series
from tsgen.errors import SettingsError
from tsgen.evaluation.forecast import estimators as module
from tsgen.evaluation.forecast.estimators import (
    FORECASTERS,
    check_forecaster,
    forecaster_class,
    train_forecaster,
)
from tsgen.evaluation.forecast.settings import Forecaster


class Estimator:
    """Remembers its arguments and what it is trained on."""

    def __init__(self, prediction_length, freq, season_length=1, rate=0.1):
        if rate < 0:
            raise ValueError("rate is\nnegative")
        self.given = prediction_length, freq, season_length, rate

    def train(self, entries):
        return self.given, len(entries)


class ByEpochs(Estimator):
    """One that is trained in epochs."""

    def __init__(self, prediction_length, trainer_kwargs=None):
        self.trainer = trainer_kwargs

    def train(self, entries, validation=None):
        return self.trainer, len(entries), None if validation is None else len(validation)


class Predictor:
    """One that needs no training."""

    def __init__(self, prediction_length, season_length):
        self.given = prediction_length, season_length

    def predict(self, dataset):
        return iter(())


@pytest.fixture(autouse=True)
def _toys(monkeypatch):
    toys = types.ModuleType("toys")
    toys.Estimator, toys.ByEpochs, toys.Predictor, toys.number = Estimator, ByEpochs, Predictor, 5
    monkeypatch.setitem(sys.modules, "toys", toys)


def spec(name, **settings):
    return Forecaster(estimator=name, settings=settings)


def test_names_and_import_paths_lead_to_classes():
    assert forecaster_class("toys:Estimator") is Estimator
    assert forecaster_class("toys.Predictor") is Predictor
    assert forecaster_class("seasonal_naive").__name__ == "SeasonalNaivePredictor"
    assert {path.partition(":")[1] for path in FORECASTERS.values()} == {":"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("deepra", r"no forecaster 'deepra'\. Did you mean 'deepar'\?"),
        ("no.such.module:Thing", "'no.such.module:Thing' cannot be imported"),
        ("toys:Absent", "'toys:Absent' cannot be imported: there is no 'Absent' in 'toys'"),
        ("toys:number", "'toys:number' is not a GluonTS Estimator or Predictor class"),
        ("json:JSONDecoder", "is not a GluonTS Estimator or Predictor class"),
    ],
)
def test_what_is_no_forecaster_is_told(name, told):
    with pytest.raises(SettingsError, match=told):
        forecaster_class(name)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"rte": 1}, r"no setting 'rte'\. Did you mean 'rate'\?"),
        ({"freq": "D"}, "is set to freq='D', the data have 'h'; leave freq out"),
        ({"freq": "h"}, "takes freq from the study; leave it out"),
        ({"prediction_length": 6}, "takes prediction_length from the study"),
        ({"rate": -1}, r"refuses its settings \(rate is negative\)"),
    ],
)
def test_settings_are_checked_before_anything_is_trained(settings, told):
    with pytest.raises(SettingsError, match=told):
        check_forecaster(spec("toys:Estimator", **settings), "h", 6, 24)
    check_forecaster(spec("toys:Estimator", rate=0.5), "h", 6, 24)


def test_the_study_gives_length_frequency_and_season_to_those_who_take_them():
    data = simulate_series(3, 30)
    given, entries = train_forecaster(spec("toys:Estimator", rate=0.5), data, 6, 24)
    assert (given, entries) == ((6, "h", 24, 0.5), 3)
    predictor = train_forecaster(spec("toys:Predictor"), data, 6, 24)
    assert predictor.given == (6, 24)


def test_training_in_epochs_is_quiet_and_keeps_its_own_settings():
    data = simulate_series(3, 30)
    own = spec("toys:ByEpochs", trainer_kwargs={"max_epochs": 2, "logger": True})
    trainer, entries, validation = train_forecaster(own, data, 6, 24)
    assert (trainer["max_epochs"], trainer["logger"]) == (2, True)
    assert (trainer["enable_progress_bar"], trainer["accelerator"]) == (False, "cpu")
    assert (entries, validation) == (3, None)
    assert "callbacks" not in trainer


def test_early_stopping_watches_the_validation_loss_and_needs_epochs():
    data = simulate_series(3, 30)
    trainer, _, validation = train_forecaster(
        spec("toys:ByEpochs"), data, 6, 24, validation=data.subset([0]), patience=4
    )
    (callback,) = trainer["callbacks"]
    assert (callback.monitor, callback.patience, validation) == ("val_loss", 4, 1)
    with pytest.raises(SettingsError, match="is not trained in epochs"):
        train_forecaster(spec("toys:Estimator"), data, 6, 24, validation=data, patience=1)


def test_every_short_name_leads_to_a_forecaster(monkeypatch):
    imported = []

    def recorded(name):
        imported.append(name)
        return types.SimpleNamespace(**dict.fromkeys(
            {path.partition(":")[2] for path in FORECASTERS.values()}, Estimator))  # fmt: skip

    monkeypatch.setattr(module.importlib, "import_module", recorded)
    for name in FORECASTERS:
        assert forecaster_class(name) is Estimator
    assert imported == [path.partition(":")[0] for path in FORECASTERS.values()]

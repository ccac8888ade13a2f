"""Settings that GluonTS's constructors take and no forecaster can have are told before any work."""

import sys
import types

import pytest
import torch

from tsgen.errors import SettingsError, TooLargeError
from tsgen.evaluation.forecast.estimators import FORECASTERS, check_forecaster
from tsgen.evaluation.forecast.settings import Forecaster

NAN = float("nan")


def check(name, **settings):
    check_forecaster(Forecaster(estimator=name, settings=settings), "h", 4, 24)


@pytest.mark.parametrize("name", FORECASTERS)
def test_all_forecasters_are_possible_as_they_come_and_no_random_number_is_used(name):
    before = torch.get_rng_state()
    check(name, **({"patch_len": 4} if name == "patch_tst" else {}))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("deepar", {"hidden_size": -3}, "hidden_size=-3 is not possible"),
        ("deepar", {"hidden_size": "x"}, "hidden_size='x' is no number"),
        ("deepar", {"batch_size": 2.5}, "no whole number from 1"),
        ("deepar", {"num_layers": 0}, "num_layers=0 is no whole number from 1"),
        ("deepar", {"num_layers": True}, "num_layers=True is no number"),
        ("deepar", {"dropout_rate": 7.0}, r"in range \[0, 1\]"),
        ("deepar", {"lr": NAN}, "lr=nan is not possible"),
        ("deepar", {"weight_decay": float("inf")}, "weight_decay=inf is no number"),
        ("deepar", {"cardinality": [-2]}, r"cardinality=\[-2\]"),
        ("deepar", {"context_length": 0}, "context_length=0 is not possible"),
        ("deepar", {"trainer_kwargs": {"max_epochs": -1}}, "without an end"),
        ("deepar", {"trainer_kwargs": {"max_epoch": 1}}, "max_epoch"),
        ("deepar", {"trainer_kwargs": {"max_epochs": NAN}}, "not possible"),
        ("simple_feedforward", {"hidden_dimensions": [8, -1]}, "not possible"),
        ("tft", {"num_heads": 5}, "divisible by num_heads"),
        ("linear", {"scaling": "maen"}, "scaling='maen' is not known; there is 'mean', 'std'"),
        ("tide", {"scaling": True}, "scaling=True is not known"),
        ("patch_tst", {"patch_len": 4, "padding_patch": "start"}, "padding_patch='start' is not"),
        ("deepar", {"scaling": "none"}, "scaling='none' is neither true nor false"),
        ("reference_linear", {"ridge": -1.0}, "ridge=-1.0"),
        ("npts", {"feature_scale": NAN}, "feature_scale=nan"),
        ("toys:Toy", {"level": NAN}, "level=nan"),
    ],
)
def test_impossible_settings_are_told(name, settings, told, toys):
    with pytest.raises(SettingsError, match=rf"'{name}' refuses its settings \(.*{told}"):
        check(name, **settings)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("deepar", {"patience": 0, "num_feat_dynamic_real": 0, "weight_decay": 0, "lr": 1}),
        ("deepar", {"scaling": False, "batch_size": 4.0}),
        ("linear", {"scaling": "std"}),
        ("tide", {"scaling": False}),
        ("patch_tst", {"patch_len": 4, "padding_patch": "none"}),
        ("deepar", {"trainer_kwargs": {"max_epochs": -1, "max_time": "00:00:01:00"}}),
        ("deepar", {"trainer_kwargs": {"max_epochs": -1, "max_steps": 5, "devices": 1}}),
        ("toys:Toy", {"level": -1.0}),
    ],
)
def test_possible_settings_are_not(name, settings, toys):
    check(name, **settings)


def test_a_network_larger_than_memory_is_called_so(toys, monkeypatch):
    def too_large(self):
        raise MemoryError

    monkeypatch.setattr(
        sys.modules["toys"].Toy, "create_lightning_module", too_large, raising=False
    )
    with pytest.raises(TooLargeError, match="'toys:Toy' does not fit into memory"):
        check("toys:Toy")


@pytest.fixture
def toys(monkeypatch):
    """A module of somebody else, whose numbers may mean anything."""

    class Toy:
        def __init__(self, level=1.0):
            self.level = level

        def predict(self, dataset):
            return iter(())

    Toy.__module__ = "toys"
    module = types.ModuleType("toys")
    module.Toy = Toy
    monkeypatch.setitem(sys.modules, "toys", module)

"""A PSA-GAN that knows the public holidays of a country."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

import tsgen
from tsgen.data import simulate_series
from tsgen.errors import SettingsError
from tsgen.psagan import PSAGANEstimator, PSAGANForecastEstimator
from tsgen.training import TrainingOptions

pytest.importorskip("holidays", reason="needs the extra holidays")
ONCE = TrainingOptions(seed=1, progress=False)
SMALL = {"num_steps": 6, "batch_size": 4, "channels": (8,), "holidays": "DE"}


@pytest.fixture(scope="module")
def days():
    return simulate_series(num_series=3, length=120, freq="D")


@pytest.fixture(scope="module")
def model(days):
    return PSAGANEstimator(target_length=8, **SMALL).train(days, options=ONCE)


def test_draws_depend_on_the_holidays_of_their_days(model):
    assert model.conditions.calendar.holidays == "DE"
    drawn = {
        country: _with_holidays(model, country).sample(
            4, items=[model.table.item_ids[0]], start="2024-12-22", seed=3, constraints=None
        ).values
        for country in ("DE", "JP")
    }  # fmt: skip
    assert not np.allclose(drawn["DE"], drawn["JP"])  # 25 and 26 December are no holidays there


def _with_holidays(model, country):
    other = copy(model)
    calendar = replace(model.conditions.calendar, holidays=country)
    conditions = replace(model.conditions, calendar=calendar)
    other.conditions = conditions
    other.drawing = replace(model.drawing, conditions=conditions)
    return other


def test_a_saved_model_keeps_its_holidays(model, tmp_path):
    model.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    assert again.conditions == model.conditions
    request = {"items": [model.table.item_ids[0]], "start": "2024-12-22", "seed": 3}
    np.testing.assert_array_equal(
        again.sample(2, **request).values, model.sample(2, **request).values
    )


def test_forecasts_know_them_too(days):
    estimator = PSAGANForecastEstimator(prediction_length=4, target_length=8, **SMALL)
    assert estimator.train(days, options=ONCE).conditions.calendar.holidays == "DE"


def test_an_unknown_country_is_refused_before_training(days):
    with pytest.raises(SettingsError, match="no such country"):
        PSAGANEstimator(target_length=8, **SMALL | {"holidays": "ZZ"}).train(days, options=ONCE)

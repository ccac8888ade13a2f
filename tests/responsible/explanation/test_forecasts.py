"""Asymmetric Shapley values of forecasts, against the closed form of linear predictors."""

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError, SettingsError
from tsgen.responsible import explain_forecast

START = pd.Period("2024-01-01", "h")
ENTRY = {"start": START, "target": np.random.default_rng(0).normal(size=24)}


class Forecast:
    def __init__(self, mean):
        self.mean = np.asarray(mean, float)

    def quantile(self, q):
        return self.mean + q


class Autoregression:
    """x_t = a x_(t-1) + b x_(t-2), forecast step by step."""

    prediction_length = 4

    def __init__(self, a=0.6, b=-0.3):
        self.a, self.b = a, b

    def predict(self, dataset):
        for entry in dataset:
            series = list(entry["target"])
            for _ in range(self.prediction_length):
                series.append(self.a * series[-1] + self.b * series[-2])
            yield Forecast(series[-self.prediction_length :])


def closed_form(model, target, level, begin, end):
    """What the steps begin to end add, at every horizon step: the forecast is linear in them."""
    only = np.full(len(target), level)
    only[begin:end] = target[begin:end]
    empty = np.full(len(target), level)
    made, base = (next(model.predict([{"target": t}])).mean for t in (only, empty))
    return made - base


@pytest.mark.parametrize("order", ["chronological", "anti-chronological", "both", "any"])
def test_a_linear_autoregression_has_its_closed_form(order):
    model, target = Autoregression(), ENTRY["target"]
    why = explain_forecast(model, ENTRY, blocks=3, order=order)
    assert why.values.shape == (4, 3)
    level = target.mean()
    for place, (begin, end) in enumerate([(0, 16), (16, 20), (20, 24)]):
        expected = closed_form(model, target, level, begin, end)
        np.testing.assert_allclose(why.values.iloc[:, place], expected, atol=1e-12)
    np.testing.assert_allclose(why.base + why.values.sum(axis=1), why.forecast, atol=1e-9)


class Product:
    """The last step times the first: who comes later gets it all."""

    prediction_length = 2

    def predict(self, dataset):
        for entry in dataset:
            yield Forecast([entry["target"][0] * entry["target"][-1]] * 2)


def test_in_time_order_the_later_block_gets_what_both_make():
    entry = {"start": START, "target": np.array([2.0, 1.0, 1.0, 3.0])}
    values = {
        order: explain_forecast(Product(), entry, blocks=2, order=order, baseline="zero").values
        for order in ("chronological", "anti-chronological", "both", "any")
    }
    assert values["chronological"].iloc[0].tolist() == [0, 6]
    assert values["anti-chronological"].iloc[0].tolist() == [6, 0]
    assert values["both"].iloc[0].tolist() == [3, 3]
    assert values["any"].iloc[0].tolist() == [3, 3]


class Drawn:
    """Samples from the global generator around covariates and statics."""

    prediction_length = 2

    def predict(self, dataset, num_samples=100):
        for entry in dataset:
            ahead = entry["feat_dynamic_real"][0, -2:]
            made = Forecast(ahead * entry["feat_static_real"][0] + np.random.normal(size=2))  # noqa: NPY002
            made.samples = np.zeros((num_samples, 2))
            yield made


def test_a_random_predictor_has_one_seed_and_covariates_and_statics_are_players():
    real = np.arange(12.0)[None]
    entry = {"start": START, "target": np.zeros(10), "feat_dynamic_real": real,
             "feat_static_real": np.array([2.0])}  # fmt: skip
    other = {name: np.zeros_like(value) for name, value in entry.items() if name != "start"}
    why = explain_forecast(Drawn(), entry, blocks=2, baseline=other, seed=7)
    assert why.values.columns[0] == "feat_static_real"
    last = next(name for name in why.values if name.endswith("and ahead"))
    np.testing.assert_allclose(why.values[last], [20, 22])
    assert "seed 7" in why.facts["random"]
    again = explain_forecast(Drawn(), entry, blocks=2, baseline=other, seed=7)
    pd.testing.assert_frame_equal(why.values, again.values)


def test_a_quantile_is_explained_by_itself():
    why = explain_forecast(Autoregression(), ENTRY, quantile=0.9)
    np.testing.assert_allclose(why.base + why.values.sum(axis=1), why.forecast)
    plain = explain_forecast(Autoregression(), ENTRY)
    np.testing.assert_allclose(why.forecast, plain.forecast + 0.9)
    assert why.facts["of"] == "quantile 0.9"


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"order": "backwards"}, SettingsError, "order='backwards' is unknown"),
        ({"baseline": "median"}, SettingsError, "baseline='median' is unknown"),
        ({"blocks": 0}, SettingsError, "at least one block"),
        ({"seed": -1}, SettingsError, "seed=-1 is not possible"),
        ({"baseline": {"target": np.zeros(3)}}, DataError, "baseline's target has shape"),
    ],
)
def test_impossible_settings_say_so(options, error, said):
    with pytest.raises(error, match=said):
        explain_forecast(Autoregression(), ENTRY, **options)
    with pytest.raises(DataError, match="one series"):
        explain_forecast(Autoregression(), {"start": START, "target": np.zeros((2, 9))})

"""Forecasts as a table: quantiles and means of the paths, at the steps that follow."""

import numpy as np
import pandas as pd
import pytest
from gluonts.model.forecast import SampleForecast

from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, SettingsError
from tsgen.psagan.conditional.table import forecast_table
from tsgen.psagan.memory import DataFacts

REAL = to_dataset(simulate_series(num_series=2, length=20, freq="2h", seed=1).to_frame().assign(
    shop=lambda t: np.where(t["item_id"] == "series-0", "x", "y")), static=["shop"])  # fmt: skip


class Predictor:
    """Forecasts known paths, and remembers what it was asked."""

    draw_seed = 77
    data = DataFacts.of(REAL)

    def __init__(self):
        self.asked = []

    def predict(self, dataset, num_samples, *, constraints="infer", seed):
        self.asked.append((dataset, num_samples, seed))
        draw = np.random.default_rng(0)
        for entry in dataset:
            start = entry["start"] + len(entry["target"])
            yield SampleForecast(draw.normal(size=(num_samples, 3)), start)


def test_the_constraints_reach_the_predictor():
    class Checked(Predictor):
        def predict(self, dataset, num_samples, *, constraints, seed):
            assert constraints is None
            return super().predict(dataset, num_samples, seed=seed)

    assert len(forecast_table(Checked(), REAL, num_samples=2, constraints=None, seed=1))


def test_one_row_a_series_and_step_with_mean_and_quantiles():
    predictor = Predictor()
    table = forecast_table(predictor, REAL, num_samples=9, quantiles=(0.25, 0.5), seed=4)
    assert predictor.asked[0][1:] == (9, 4)
    drawn = np.stack([f.samples for f in Predictor().predict(REAL, 9, seed=4)])
    np.testing.assert_allclose(table["mean"], drawn.mean(axis=1).ravel())
    np.testing.assert_allclose(table["0.25"], np.quantile(drawn, 0.25, axis=1).ravel())
    np.testing.assert_allclose(table["0.5"], np.median(drawn, axis=1).ravel())
    assert table["item_id"].tolist() == ["series-0"] * 3 + ["series-1"] * 3
    assert table["shop"].tolist() == ["x"] * 3 + ["y"] * 3
    last = REAL.to_frame().groupby("item_id")["timestamp"].max()
    for item_id, rows in table.groupby("item_id"):
        expected = [last[item_id] + pd.Timedelta(hours=2 * k) for k in range(1, 4)]
        assert rows["timestamp"].tolist() == expected
    assert table.attrs["seed"] == 4


def test_without_quantiles_the_paths_themselves():
    table = forecast_table(Predictor(), REAL, num_samples=4, quantiles=None, seed=4)
    drawn = np.stack([f.samples for f in Predictor().predict(REAL, 4, seed=4)])
    assert len(table) == 2 * 4 * 3
    for sample in range(4):
        rows = table[table["sample"] == sample]
        np.testing.assert_allclose(rows["target"], drawn[:, sample].ravel())


def test_without_a_seed_the_predictors_own_is_used_and_kept():
    predictor = Predictor()
    assert forecast_table(predictor, REAL, num_samples=2).attrs["seed"] == 77
    assert predictor.asked[0][2] == 77


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 5])
def test_levels_lie_between_0_and_1(level):
    with pytest.raises(SettingsError, match=f"quantile {level} is not possible"):
        forecast_table(Predictor(), REAL, quantiles=(0.5, level))


def test_data_of_another_frequency_are_refused():
    with pytest.raises(DataError, match="freq 'h', the model was trained on '2h'"):
        forecast_table(Predictor(), simulate_series(num_series=1, length=20))

"""The grain of paths: the grid, what piles up, closed hours; bounds only where values pile up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.data.series import parts_of
from tsgen.errors import DataWarning
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.psagan.conditional.drawing import ContextDrawing
from tsgen.psagan.conditional.grain_ahead import grain_ahead
from tsgen.psagan.conditional.table import forecast_table
from tsgen.psagan.memory import SeriesTable
from tsgen.training import TrainingOptions

STEPS, AHEAD = 240, 24


def table_of_shop():
    """Sales in fives and two, and a battery that is often full and unseen before six."""
    random = np.random.default_rng(2)
    hours = pd.date_range("2024-01-01", periods=STEPS, freq="h")
    wave = np.sin(2 * np.pi * np.arange(STEPS) / 24)
    sales = 5 * np.round(8 + 4 * wave + random.normal(0, 1, STEPS)) + 2
    battery = np.minimum(np.round(90 + 30 * wave + random.normal(0, 4, STEPS), 1), 100)
    battery[hours.hour < 6] = np.nan
    return pd.DataFrame({"item_id": "a", "timestamp": hours, "sales": sales, "battery": battery})


@pytest.fixture(scope="module")
def shop():
    return to_dataset(table_of_shop(), target=["sales", "battery"], freq="h")


@pytest.fixture(scope="module")
def predictor(shop):
    return PSAGANForecastEstimator(
        prediction_length=AHEAD, target_length=16, context_length=24, num_steps=20, batch_size=8,
        channels=(4, 4), min_observed=0.3,
    ).train(shop, options=TrainingOptions(seed=1, progress=False))  # fmt: skip


def test_each_channel_has_its_own_grid_bound_and_pile_up(predictor, shop):
    with pytest.warns(DataWarning, match="6 of the 24 steps ahead of 'a'"):
        (forecast,) = predictor.predict(shop, num_samples=60, seed=3)
    sales, battery = np.moveaxis(forecast.samples, 2, 0)
    assert (sales % 5 == 2).all()
    assert np.allclose(battery, np.round(battery, 1), atol=1e-5)
    assert battery.max() == 100
    assert 0.1 < (battery == 100).mean() < 0.8
    assert np.isfinite(forecast.samples).all()
    assert forecast.info["closed"].shape == (AHEAD, 2)
    assert forecast.info["closed"].nonzero()[0].tolist() == list(range(6))  # from midnight on
    assert not forecast.info["closed"][:, 0].any()


def test_later_windows_take_closed_hours_as_missing(predictor, shop, monkeypatch):
    """Of the battery's column: the second window begins at 16 steps ahead and sees the night."""
    seen, windows = [], ContextDrawing.windows

    def recorded(drawing, frames, *others):
        seen.append(np.isnan(frames[:, :, : drawing.context.before]).any(axis=0))
        return windows(drawing, frames, *others)

    monkeypatch.setattr(ContextDrawing, "windows", recorded)
    with pytest.warns(DataWarning, match="ahead"):
        list(predictor.predict(shop, num_samples=3, seed=3))
    sales, battery = seen[1][:, -16:]
    assert not sales.any()
    assert battery.nonzero()[0].tolist() == list(range(6))


def test_a_table_leaves_closed_hours_empty(predictor, shop):
    with pytest.warns(DataWarning, match="empty"):
        table = forecast_table(predictor, shop, num_samples=5, seed=3)
    night = (table["item_id"] == "a/battery") & (table["timestamp"].dt.hour < 6)
    assert table.loc[night, ["mean", "0.1", "0.5"]].isna().all().all()
    assert table.loc[~night, ["mean", "0.1", "0.5"]].notna().all().all()
    free = forecast_table(predictor, shop, num_samples=5, constraints=None, seed=3)
    assert free["mean"].notna().all()


def test_without_constraints_paths_are_as_they_are_drawn(predictor, shop):
    (forecast,) = predictor.predict(shop, num_samples=60, constraints=None, seed=3)
    sales, battery = np.moveaxis(forecast.samples, 2, 0)
    assert (sales % 5 != 2).any()
    assert battery.max() > 100
    assert "closed" not in forecast.info


def ahead_of(dataset, table, places):
    return grain_ahead(
        dataset.values, dataset.offsets, dataset.starts, "h", table, np.array(places)
    )


def test_only_bounds_at_which_values_pile_up_hold_and_only_until_they_are_passed(shop):
    _, battery = parts_of(shop)
    table = SeriesTable.of(battery, "standard", np.array([1]))
    table.grain.high_reach[0] = 0.1
    known = ahead_of(battery, table, [0])
    assert (known.low, known.high, known.high_reach) == (-np.inf, 100, 0.1)
    rounded = replace(battery, values=battery.values.astype(np.float32) * (1 + 1e-7))
    assert ahead_of(rounded, table, [0]).high == 100
    fuller = battery.values.copy()
    fuller[-1] = 103.0
    passed = ahead_of(replace(battery, values=fuller), table, [0])
    assert passed.high == np.inf
    assert np.isnan(passed.high_reach)


def test_the_grid_is_that_of_the_entry_and_new_entries_have_what_is_typical(shop):
    _, battery = parts_of(shop)
    table = SeriesTable.of(battery, "standard", np.array([1]))
    table.grain.high_reach[0] = 0.1
    whole = replace(battery, values=np.round(battery.values))
    assert ahead_of(whole, table, [0]).step / ahead_of(whole, table, [0]).divisor == 1
    new = ahead_of(battery, table, [-1])
    assert (new.high, new.high_reach) == (100, 0.1)


def test_an_entry_without_values_takes_all_from_memory(shop):
    sales, _ = parts_of(shop)
    table = SeriesTable.of(sales, "standard", np.array([1]))
    empty = ahead_of(replace(sales, values=np.full(STEPS, np.nan)), table, [0])
    assert (empty.step, empty.offset) == (5, 2)


def test_the_sun_is_down_at_night_in_forecasts_and_fills():
    hours = np.arange(STEPS) % 24
    power = np.random.default_rng(1).uniform(0.3, 1, STEPS) * np.sin(np.pi * (hours - 3) / 17)
    power = np.where((hours < 4) | (hours >= 20), 0.0, power)
    entry = {"item_id": "sun", "start": pd.Period("2024-01-01", "h"), "target": power}
    model = PSAGANForecastEstimator(
        prediction_length=AHEAD, target_length=16, context_length=24, num_steps=20, batch_size=8,
        channels=(4, 4),
    ).train([entry], options=TrainingOptions(seed=1, progress=False))  # fmt: skip
    dark = (np.arange(24) < 4) | (np.arange(24) >= 20)
    (forecast,) = model.predict([entry], num_samples=20, seed=3)
    assert (forecast.samples[:, dark] == 0).all()
    assert (forecast.samples[:, ~dark] > 0).mean() > 0.9
    (free,) = model.predict([entry], num_samples=20, constraints=None, seed=3)
    assert (free.samples[:, dark] != 0).any()
    awake = entry | {"target": np.where(power == 0, 0.4, power)}  # now a lamp is on
    (lit,) = model.predict([awake], num_samples=20, seed=3)
    assert (lit.samples[:, dark] != 0).any()
    lacking = power.copy()
    lacking[96:120] = np.nan
    filled = model.impute([entry | {"target": lacking}], num_samples=5, seed=3).values
    assert (filled.reshape(5, STEPS)[:, 96:120][:, dark] == 0).all()

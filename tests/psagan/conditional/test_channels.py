"""PSA-GAN-C of several channels: forecast and filled together, as the data have them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.split import split
from gluonts.model import Predictor

import tsgen
from tsgen.data import MultivariateDataset, to_dataset
from tsgen.errors import DataError, SettingsError
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.psagan.conditional import forecast_table
from tsgen.psagan.learning.batches import ContextBatches
from tsgen.training import TrainingOptions

STEPS, CHANNELS = 8, ("load", "price", "heat")
QUIET = TrainingOptions(seed=1, device="cpu", progress=False)


def pair(num=6, length=96, seed=0):
    """Entries whose channels share their noise: load and price rise together, heat falls."""
    draw = np.random.default_rng(seed)
    tables = []
    for k in range(num):
        common = draw.normal(size=length)
        load = 20 + 3 * common + 0.3 * draw.normal(size=length)
        price = 5 + 1 * common + 0.1 * draw.normal(size=length)
        heat = 50 - 4 * common + 0.4 * draw.normal(size=length)
        times = pd.date_range("2024-01-01", periods=length, freq="D")
        tables.append(pd.DataFrame(
            {"item_id": f"s{k}", "timestamp": times, "load": load, "price": price, "heat": heat}
        ))  # fmt: skip
    return to_dataset(pd.concat(tables), target=CHANNELS)


@pytest.fixture(scope="module")
def data():
    return pair()


@pytest.fixture(scope="module")
def predictor(data):
    estimator = PSAGANForecastEstimator(
        prediction_length=STEPS, context_length=16, num_steps=160, batch_size=32, channels=(12,),
        seasons=(),
    )  # fmt: skip
    return estimator.train(data, options=QUIET)


def correlations(values):
    """Return the correlation of channels (C, many) of steps."""
    return np.corrcoef(values)


def test_forecasts_have_all_channels_in_their_units(data, predictor):
    forecasts = list(predictor.predict(data, num_samples=20, seed=1))
    assert len(forecasts) == len(data)
    for forecast, entry in zip(forecasts, data, strict=True):
        assert forecast.samples.shape == (20, STEPS, 3)
        assert forecast.start_date == entry["start"] + entry["target"].shape[-1]
        assert forecast.mean.shape == (STEPS, 3)
        middle = np.median(forecast.samples, axis=(0, 1))
        real = np.median(entry["target"], axis=1)
        assert (np.abs(middle - real) < 4 * entry["target"].std(axis=1)).all()


def test_draws_of_channels_go_together_as_the_real_ones_do(data, predictor):
    forecasts = predictor.predict(data, num_samples=60, seed=2)
    found = []
    for forecast in forecasts:
        apart = forecast.samples - forecast.samples.mean(axis=0)
        found.append(correlations(apart.reshape(-1, 3).T))
    real = np.mean([correlations(entry["target"]) for entry in data], axis=0)
    assert real[0, 1] > 0.95
    assert real[0, 2] < -0.95
    drawn = np.mean(found, axis=0)
    assert drawn[0, 1] > 0.5
    assert drawn[0, 2] < -0.5
    assert drawn[1, 2] < -0.5


def test_paths_depend_on_the_entry_alone(data, predictor):
    whole = [f.samples for f in predictor.predict(data, num_samples=4, seed=3)]
    entries = list(data)[::-1]
    alone = [next(predictor.predict([e], num_samples=4, seed=3)).samples for e in entries]
    np.testing.assert_array_equal(np.stack(whole), np.stack(alone[::-1]))
    more = next(predictor.predict([entries[-1]], num_samples=6, seed=3)).samples
    np.testing.assert_array_equal(more[:4], whole[0])


def test_it_is_read_back_and_equal(data, predictor, tmp_path):
    predictor.serialize(tmp_path)
    again = Predictor.deserialize(tmp_path)
    assert again == predictor
    one, other = (next(p.predict(data, num_samples=3, seed=4)) for p in (predictor, again))
    np.testing.assert_array_equal(one.samples, other.samples)
    fewer = again.forget("s0")
    assert len(fewer.tables) == 3
    assert "s0" not in fewer.tables[2].item_ids


def gappy(data):
    """Return the data with a gap in each channel, apart and together."""
    table = data.to_frame()
    rows = table.groupby("item_id").cumcount()
    table.loc[rows.between(30, 34), "price"] = np.nan  # the others say what it was
    table.loc[rows.between(60, 63), list(CHANNELS)] = np.nan
    return table


def test_gaps_are_filled_and_what_is_observed_stays(data, predictor):
    table = gappy(data)
    filled = predictor.impute(table, num_samples=2, seed=1)
    assert isinstance(filled, MultivariateDataset)
    assert len(filled) == 2 * len(data)
    assert filled.parts[0].info[0]["imputed_steps"] == 5 + 3 * 4
    for name in CHANNELS:
        given, done = to_dataset(table, target=CHANNELS).channel(name), filled.channel(name)
        for k in range(len(done)):
            before, after = given.series(k // 2), done.series(k)
            seen = ~np.isnan(before)
            np.testing.assert_array_equal(after[seen], before[seen])
            assert np.isfinite(after).all()


def test_a_channel_without_a_value_is_refused_by_its_name(data, predictor):
    heat = data.parts[2]
    values = np.where(np.arange(heat.values.size) < heat.offsets[1], np.nan, heat.values)
    lacking = replace(data, parts=(*data.parts[:2], replace(heat, values=values)))
    with pytest.raises(DataError, match=r"^Series 's0' has no observed value of 'heat' \(1 such"):
        predictor.impute(lacking)


def test_channels_are_filled_whatever_their_order_and_whichever_of_them_lack(data, predictor):
    table = gappy(data)
    table.loc[table.groupby("item_id").cumcount() < 2, "heat"] = np.nan  # from the first step on
    filled = predictor.impute(table, num_samples=2, seed=1)
    other = predictor.impute(table[["heat", "timestamp", "load", "item_id", "price"]], 2, seed=1)
    for name in CHANNELS:
        values = filled.channel(name).values
        np.testing.assert_array_equal(other.channel(name).values, values)
        assert np.isfinite(values).all()


def test_a_gap_of_one_channel_follows_the_others(data, predictor):
    filled = predictor.impute(gappy(data), num_samples=20, seed=1)
    real, found = [], []
    for k, entry in enumerate(data):
        copies = [filled.channel("price").series(20 * k + s)[30:35] for s in range(20)]
        found.append(np.mean(copies, axis=0) - np.mean(copies))
        real.append(entry["target"][1, 30:35] - entry["target"][1, 30:35].mean())
    assert np.corrcoef(np.ravel(real), np.ravel(found))[0, 1] > 0.4


def test_a_table_of_forecasts_has_every_channel_as_a_series(data, predictor):
    table = forecast_table(predictor, data, num_samples=5, seed=1)
    assert table["item_id"].nunique() == 3 * len(data)
    rows = table[table["item_id"] == "s2/heat"]
    assert len(rows) == STEPS
    expected = list(predictor.predict(data, num_samples=5, seed=1))[2].samples[:, :, 2]
    np.testing.assert_allclose(rows["mean"], expected.mean(axis=0), rtol=1e-5)


def test_gluonts_evaluates_it_on_rolling_windows(data, predictor):
    _, template = split(list(data), offset=-2 * STEPS)
    windows = template.generate_instances(prediction_length=STEPS, windows=2)
    for forecast, label in zip(predictor.predict(windows.input, 2), windows.label, strict=True):
        assert forecast.samples.shape[1:] == label["target"].T.shape


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda e: {**e, "target": e["target"][0]}, r"shape \(96,\); the model forecasts the 3 ch"),
        (lambda e: {**e, "target": e["target"][:2]}, r"\(3, steps\) is expected"),
    ],
)
def test_entries_of_other_channels_are_refused(data, predictor, change, told):
    with pytest.raises(DataError, match=told):
        next(predictor.predict([change(data[0])]))
    with pytest.raises(DataError, match="channels"):
        predictor.impute(data.channel("load"))


def test_the_paper_is_univariate(data):
    with pytest.raises(SettingsError, match="preset='paper' is univariate"):
        PSAGANForecastEstimator(preset="paper", prediction_length=16).train(data)


def test_training_hides_all_channels_together_and_each_by_itself(predictor):
    import torch

    batches = ContextBatches.__new__(ContextBatches)
    batches.context, batches.gap_share = predictor.drawing.context, 0.5
    generator = torch.Generator().manual_seed(0)
    drawn = batches._hidden(400, (16, STEPS, 16), generator)
    assert drawn.shape == (400, 3, 16 + STEPS + 16)
    alike = (drawn == drawn[:, :1]).all(dim=2).all(dim=1)
    assert 0.6 < alike.float().mean() < 0.9
    future = drawn[:, :, 16:].all(dim=2).all(dim=1)  # of all channels, as a forecast has it
    assert 0.2 < future.float().mean() < 0.6


def test_the_library_loads_it(predictor, tmp_path, data):
    predictor.save(tmp_path / "m")
    assert tsgen.load(tmp_path / "m") == predictor

"""A PSA-GAN-C with features that change in time: it needs, and uses, the known future."""

import numpy as np
import pytest

import tsgen
from tsgen.data import to_dataset
from tsgen.errors import DataError
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.training import TrainingOptions

OPTIONS = {"dynamic": ["promo", "kind"], "past_dynamic": ["rain"]}


@pytest.fixture(scope="module")
def data(shop):
    return to_dataset(shop(), static=["store"], **OPTIONS)


@pytest.fixture(scope="module")
def predictor(data):
    before, _ = data.split(last=8)
    return PSAGANForecastEstimator(
        target_length=8,
        num_steps=6,
        batch_size=4,
        channels=(8,),
        prediction_length=8,
        context_length=10,
    ).train(before, options=TrainingOptions(seed=1, progress=False))


def test_a_forecast_needs_and_uses_the_known_future(predictor, data, shop):
    before, _ = data.split(last=8)
    with pytest.raises(DataError, match=r"known for 0 steps.*promo, kind for 8"):
        next(predictor.predict(before))
    with pytest.raises(DataError, match="are lacking"):
        next(predictor.predict(list(to_dataset(shop()))))
    table = shop()
    table.loc[table["timestamp"] >= "2024-03-13", "target"] = np.nan
    paths = [
        np.stack([f.samples for f in predictor.predict(rows, num_samples=3, seed=1)])
        for rows in (table, table.assign(promo=1 - table["promo"]), table.assign(rain=0.0))
    ]
    assert not np.allclose(paths[0], paths[1])  # the future and the past of promo
    assert not np.allclose(paths[0], paths[2])  # the past of rain
    ahead = table.assign(rain=table["rain"].where(table["target"].notna(), 99.0))
    unmoved = np.stack([f.samples for f in predictor.predict(ahead, num_samples=3, seed=1)])
    assert np.array_equal(paths[0], unmoved)  # the future of rain is nobody's


def test_a_saved_forecaster_and_gaps(predictor, data, tmp_path, shop):
    predictor.save(tmp_path / "model")
    gappy = shop()
    gappy.loc[20:25, "target"] = np.nan
    gappy = to_dataset(gappy, static=["store"], **OPTIONS)
    ours, theirs = (m.impute(gappy, 2, seed=1) for m in (predictor, tsgen.load(tmp_path / "model")))
    assert np.array_equal(ours.values, theirs.values)
    assert ours.dynamic.lengths.tolist() == [80] * 12

"""Paths, by themselves: windows go on from one another, each channel in its own units."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import simulate_series, to_dataset
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.psagan.conditional.paths import Paths
from tsgen.training import TrainingOptions


@pytest.fixture(scope="module")
def made():
    """Two channels, the second one a hundred times the first and far above it."""
    table = simulate_series(3, 80, seed=1).to_frame()
    both = to_dataset(table.assign(far=lambda t: 100 * t["target"] + 5e4), target=["target", "far"])
    predictor = PSAGANForecastEstimator(
        prediction_length=20, target_length=8, context_length=8, num_steps=4, batch_size=4,
        channels=(4,),
    ).train(both, options=TrainingOptions(seed=1, progress=False))  # fmt: skip
    return both, predictor


def paths_of(predictor):
    return Paths(predictor.drawing, predictor.data, predictor.tables, predictor.settings)


def test_paths_are_as_long_as_asked_in_the_units_of_each_channel(made):
    both, predictor = made
    drawn, _ = paths_of(predictor).drawn(list(both), 3, 7, infer=True)
    assert drawn.shape == (3, 3, 20, 2)
    for paths, entry in zip(drawn, both, strict=True):
        for channel in range(2):
            real = entry["target"][channel]
            assert np.abs(paths[..., channel].mean() - real.mean()) < 6 * real.std()


def test_what_predict_gives_is_what_is_drawn(made):
    both, predictor = made
    drawn, _ = paths_of(predictor).drawn(list(both), 3, 7, infer=True)
    forecasts = list(predictor.predict(both, num_samples=3, seed=7))
    np.testing.assert_allclose(np.stack([f.samples for f in forecasts]), drawn, rtol=1e-5)
    assert forecasts[0].start_date == pd.Period(both[0]["start"], "h") + 80


def test_a_channel_that_was_never_below_zero_stays_there(made):
    both, predictor = made
    drawn, _ = paths_of(predictor).drawn(list(both), 20, 7, infer=True)
    for i in range(len(both)):
        low = both[i]["target"].min(axis=1)
        assert (drawn[i].min(axis=(0, 1))[low >= 0] >= 0).all()

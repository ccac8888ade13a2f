"""PSA-GAN-C as a citizen of GluonTS."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.split import split
from gluonts.ev.metrics import MAPE, MeanWeightedSumQuantileLoss
from gluonts.evaluation import make_evaluation_predictions
from gluonts.model import Predictor, evaluate_model

import tsgen
from tsgen.data import simulate_series
from tsgen.errors import DataError, DataWarning, SettingsError, TooLargeError
from tsgen.psagan import PSAGANForecastEstimator


def samples(predictor, dataset, num_samples=3, **options):
    """All paths, (entries, samples, steps)."""
    made = predictor.predict(dataset, num_samples=num_samples, **options)
    return np.stack([one.samples for one in made])


def entry(values, start="2024-02-01", item_id="new", freq="h"):
    return {"start": pd.Period(start, freq), "target": np.asarray(values), "item_id": item_id}


def paths(predictor, *entries, num_samples=5, seed=3):
    drawn = list(predictor.predict(entries, num_samples=num_samples, seed=seed))
    return drawn if len(entries) > 1 else drawn[0]


def test_forecasts_follow_their_entries(predictor, panel):
    forecasts = list(predictor.predict(panel, num_samples=7))
    assert len(forecasts) == len(panel)
    for one, given in zip(forecasts, panel, strict=True):
        assert one.item_id == given["item_id"]
        assert one.start_date == given["start"] + len(given["target"])
        assert one.samples.shape == (7, predictor.prediction_length)
        assert np.isfinite(one.samples).all()
        assert one.samples.std(axis=0).min() > 0


def test_gluonts_evaluates_it(predictor, panel):
    _, template = split(panel, offset=-48)
    test_data = template.generate_instances(24, windows=2)
    metrics = [MeanWeightedSumQuantileLoss(quantile_levels=[0.1, 0.5, 0.9]), MAPE()]
    table = evaluate_model(predictor, test_data=test_data, metrics=metrics)
    assert np.isfinite(table.to_numpy()).all()
    forecasts, truths = make_evaluation_predictions(panel, predictor, num_samples=4)
    for one, truth in zip(forecasts, truths, strict=True):
        assert one.start_date == truth.index[-24]


def test_forecasts_see_only_what_is_given(predictor, panel):
    """The same past, cut from a longer series, has the same forecast."""
    whole = next(iter(panel))
    early = dict(whole, target=whole["target"][:100])
    changed = whole["target"].copy()
    changed[100:] += 1000
    again = dict(whole, target=changed[:100])
    np.testing.assert_array_equal(paths(predictor, early).samples, paths(predictor, again).samples)


@dataclass(frozen=True)
class OneMore:
    """Stands in for the generator: each step is one more than the step before it."""

    context: Any
    begins: list = field(default_factory=list)
    noise_scale: float = 1.0
    vector_scale: float = 1.0
    length: int = 16

    def covariates(self, facts, features):
        assert facts is None  # this model knows no features

    def windows(self, frames, rows, streams, number, covariates=None):
        self.begins.append(rows.starts[0])
        last = frames[:, self.context.before - 1]
        assert np.isnan(frames[:, self.context.before :]).all()
        return last[:, None] + np.arange(1, 17)


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_beyond_a_window_each_path_goes_on_from_its_own_draws(predictor, monkeypatch):
    monkeypatch.setattr(predictor, "drawing", OneMore(predictor.drawing.context))
    past = np.random.default_rng(0).normal(size=50)
    drawn = paths(predictor, entry(past))
    steps = past[-1] + past.std() * np.arange(1, 25)  # scaled by the series' own deviation
    np.testing.assert_allclose(drawn.samples, np.tile(steps, (5, 1)), rtol=1e-5)
    first, second = predictor.drawing.begins
    assert second - first == 16
    assert first == drawn.start_date.ordinal


def test_missing_values_and_short_series(predictor, panel):
    whole = next(iter(panel))
    gappy = whole["target"].copy()
    gappy[-20:-3] = np.nan
    short = dict(whole, target=whole["target"][:2])
    for one in paths(predictor, dict(whole, target=gappy), short):
        assert np.isfinite(one.samples).all()


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_a_series_it_does_not_know_is_forecast_at_its_own_level(predictor):
    levels = 1e6 * (1 + 0.1 * np.sin(np.arange(100) * 2 * np.pi / 24))
    low, high = paths(predictor, entry(levels * 1e-9), entry(levels))
    assert 0.5e6 < np.median(high.samples) < 2e6
    np.testing.assert_allclose(np.median(low.samples) * 1e9, np.median(high.samples), rtol=0.1)


def test_series_it_does_not_know_are_counted_once_for_all_that_is_forecast(predictor, panel):
    known = next(iter(panel))
    strangers = [entry(known["target"], item_id=f"s{i}") for i in range(2)]
    many = 1500  # so many paths are drawn at a time that each entry is a part of its own
    with pytest.warns(DataWarning) as said:
        list(predictor.predict([known, *strangers], num_samples=many, seed=3))
    (text,) = (str(one.message) for one in said)
    assert text.startswith("2 of 3 series are new to the model (the first is 's0')")
    with pytest.warns(DataWarning, match="1 of 1 series are new to the model .*'s1'"):
        list(predictor.predict(iter([known, strangers[1]]), num_samples=many, seed=3))


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_a_constant_past_stays_constant_and_says_so(predictor):
    with pytest.warns(DataWarning, match=r"1 series have one value only .*'new'"):
        drawn = paths(predictor, entry(np.full(50, 7.0)))
    assert (drawn.samples == 7.0).all()


def test_the_channel_that_is_constant_is_named():
    times = pd.date_range("2024-01-01", periods=60, freq="h")
    table = pd.DataFrame(
        {"item_id": "a", "timestamp": times, "load": np.arange(60) % 7, "price": 2}
    )
    both = tsgen.to_dataset(table, target=["load", "price"])
    estimator = PSAGANForecastEstimator(prediction_length=4, num_steps=3, channels=(4,))
    model = estimator.train(both, options=tsgen.TrainingOptions(seed=1))
    with pytest.warns(DataWarning, match=r"one value only in channel 'price' .the first is 'a'."):
        drawn = next(model.predict(both, num_samples=3)).samples
    assert (drawn[..., 1] == 2).all()
    assert drawn[..., 0].std() > 0


def test_a_table_is_forecast_as_the_dataset_it_means(predictor, panel):
    of_table, of_dataset = (
        samples(predictor, given, num_samples=None, seed=1) for given in (panel.to_frame(), panel)
    )
    np.testing.assert_array_equal(of_table, of_dataset)
    assert of_table.shape[1] == 100


@pytest.mark.parametrize("name", ["start", "target"])
def test_an_entry_without_start_or_target_is_named(predictor, name):
    broken = entry(np.arange(30.0))
    del broken[name]
    with pytest.raises(DataError, match=rf"Entry 0 has no '{name}'"):
        paths(predictor, broken)


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_draws_stay_at_zero_or_above_where_the_series_does(predictor):
    counts = np.random.default_rng(0).poisson(0.3, 200).astype(float)
    assert paths(predictor, entry(counts), num_samples=50).samples.min() >= 0
    assert paths(predictor, entry(counts - 1), num_samples=50).samples.min() < 0


def test_same_seed_same_paths(predictor, panel):
    one, again, other = (samples(predictor, panel, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_without_a_seed_each_call_draws_one_and_the_forecasts_say_which(predictor, panel):
    one, other = (list(predictor.predict(panel, num_samples=3)) for _ in range(2))
    assert not np.array_equal(one[0].samples, other[0].samples)
    again = samples(predictor, panel, seed=one[0].info["seed"])
    np.testing.assert_array_equal(again, np.stack([f.samples for f in one]))
    seeded = predictor.with_seed(4)
    np.testing.assert_array_equal(samples(seeded, panel), samples(predictor, panel, seed=4))
    assert predictor.draw_seed is None
    with pytest.raises(SettingsError, match="seed=-1"):
        predictor.with_seed(-1)


def test_entries_without_id_or_with_one_twice(predictor, panel):
    bare = {k: v for k, v in next(iter(panel)).items() if k in {"start", "target"}}
    assert paths(predictor, bare).item_id is None
    twice = [next(iter(panel))] * 2  # a rolling test set repeats its series
    assert len(list(predictor.predict(twice, num_samples=2))) == 2


def same_draws(one, other, panel):
    drawn = [[f.samples for f in p.predict(panel, num_samples=2, seed=5)] for p in (one, other)]
    np.testing.assert_array_equal(*drawn)


def test_serialize_and_deserialize_through_gluonts(predictor, panel, tmp_path):
    predictor.serialize(tmp_path)
    again = Predictor.deserialize(tmp_path)
    assert again.prediction_length == predictor.prediction_length
    same_draws(predictor, again, panel)
    assert not list(tmp_path.rglob("*.pkl"))


def test_save_and_load(predictor, panel, tmp_path):
    predictor.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    assert again.settings == predictor.settings
    same_draws(predictor, again, panel)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (entry(np.ones(30), freq="D"), "freq 'D', the model was trained on 'h'"),
        (entry(np.full(30, np.nan)), "no observed value"),
        (entry(np.zeros((2, 30))), "2 dimensions"),
        (entry([1.0, np.inf]), "infinite"),
        ({"start": "2024-01-01", "target": np.ones(5)}, "Period is expected"),
    ],
)
def test_what_cannot_be_forecast_is_refused_in_a_sentence(predictor, given, message):
    with pytest.raises(DataError, match=message):
        list(predictor.predict([given]))


@pytest.mark.parametrize("number", [0, -1, True, 1.5, "2", float("nan"), [1]])
def test_impossible_numbers_of_samples(predictor, panel, number):
    with pytest.raises(SettingsError, match="num_samples"):
        list(predictor.predict(panel, num_samples=number))


def test_more_paths_than_memory_holds_are_refused_before_any_is_drawn(predictor, panel):
    with pytest.raises(TooLargeError, match="num_samples=1000000000000 is"):
        next(predictor.predict(panel, num_samples=10**12))


def test_predict_refuses_arguments_that_it_would_not_use(predictor, panel):
    with pytest.raises(SettingsError, match=r"'num_sample'\. Did you mean 'num_samples'"):
        list(predictor.predict(panel, num_sample=3))


def test_business_days_and_half_hours(tmp_path: Path):
    for freq in ("B", "30min"):
        real = simulate_series(num_series=2, length=120, seed=1, freq=freq)
        estimator = PSAGANForecastEstimator(prediction_length=8, num_steps=4, batch_size=2)
        one = next(estimator.train(real).predict(real, num_samples=2))
        first = next(iter(real))
        assert one.start_date == first["start"] + len(first["target"])

"""What GluonTS's own tests ask of estimators, predictors and datasets, asked of all of ours."""

import copy
import pickle
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from gluonts.core import serde
from gluonts.core.component import equals
from gluonts.dataset.arrow import ArrowWriter, File
from gluonts.dataset.common import load_datasets
from gluonts.dataset.split import split
from gluonts.dataset.util import to_pandas
from gluonts.ev.metrics import MSE, MeanWeightedSumQuantileLoss
from gluonts.evaluation import make_evaluation_predictions
from gluonts.model import Predictor, evaluate_model
from gluonts.model.forecast import Forecast
from gluonts.model.predictor import Localizer, ParallelizedPredictor
from gluonts.model.seasonal_naive import SeasonalNaivePredictor
from gluonts.shell.train import run_train_and_test

import tsgen
from tsgen.curation import OnlineAugmentation, ReferenceEstimator, Transform, make_series
from tsgen.data import (
    Interactions,
    MultivariateDataset,
    count_series,
    simulate_series,
    to_dataset,
    write_series,
)
from tsgen.errors import DataWarning
from tsgen.intensity import ForecasterActivity

QUIET = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
SMALL = {"context_length": 8, "num_steps": 3, "batch_size": 4, "channels": (4,)}
STEPS = 6
TEXTS = {"context_length": 8, "target_length": 8, "num_steps": 9, "unheard_of": 1}
FREQUENCIES = ["s", "10s", "min", "15min", "h", "D", "B", "W-SUN", "M", "Q-DEC", "Y-DEC"]


def estimator(**more):
    return tsgen.PSAGANForecastEstimator(prediction_length=STEPS, **SMALL, **more)


def log():
    draw = np.random.default_rng(0)
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(600) * 3, "h")
    bought = {"user_id": draw.integers(0, 12, 600), "item_id": draw.integers(0, 6, 600)}
    kinds = pd.DataFrame({"item_id": range(6), "kind": [*"aabbcc"]})
    return Interactions.from_frame(pd.DataFrame(bought | {"timestamp": times}), items=kinds)


def counts():
    return count_series(log(), "user", "D")


@pytest.fixture(scope="module")
def series():
    return simulate_series(4, 96, seed=1)


def channels(series):
    """Return the same series with another channel beside them."""
    table = series.to_frame().assign(price=lambda t: 3 - t["target"] / 2)
    return to_dataset(table, target=["target", "price"])


@pytest.fixture(scope="module")
def predictors(series):
    """Each predictor, and a dataset that it forecasts."""
    rim = tsgen.RIMEstimator(horizon="7D", relevance="popularity").train(log(), options=QUIET)
    newer = rim.with_items(pd.DataFrame({"item_id": ["new"], "kind": ["a"]}))
    return {
        "psa-gan-c": (estimator().train(series, options=QUIET), series),
        "channels": (estimator().train(channels(series), options=QUIET), channels(series)),
        "rim activity": (rim.activity_predictor("D", STEPS), counts()),
        "rim with new items": (newer.activity_predictor("D", STEPS), counts()),
    }


@pytest.fixture(scope="module")
def datasets(series):
    """Each kind of GluonTS dataset that the library gives."""
    table = series.to_frame().assign(price=1.0)
    model = tsgen.PSAGANEstimator(target_length=8, num_steps=3, batch_size=4, channels=(4,))
    fitted = model.train(series, options=QUIET)
    return {
        "series": series,
        "static": to_dataset(table.assign(shop="x"), static=["shop"]),
        "channels": to_dataset(table, target=["target", "price"]),
        "samples": fitted.sample(3, length=20, seed=1),
        "augmented": tsgen.augment(series, fitted, ratio=0.5, seed=1),
        "counts": counts(),
        "online": OnlineAugmentation(series, {"jitter": 0.5}, seed=1),
        "panel": MultivariateDataset.of_panel(series),
        "made": make_series(series, Transform("mixing"), ratio=0.5, seed=3),
        "channel samples": model.train(channels(series), options=QUIET).sample(
            3, length=20, seed=1
        ),
    }


PREDICTORS = ["psa-gan-c", "channels", "rim activity", "rim with new items"]
UNIVARIATE = ["psa-gan-c", "rim activity"]
DATASETS = ["series", "static", "channels", "samples", "augmented", "counts", "online"]
DATASETS += ["panel", "made", "channel samples"]


# ---- predictors ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PREDICTORS)
def test_a_predictor_gives_one_forecast_an_entry_right_after_it(predictors, name):
    predictor, data = predictors[name]
    entries = list(data)
    forecasts = list(predictor.predict(data, num_samples=5))
    assert len(forecasts) == len(entries)
    for forecast, entry in zip(forecasts, entries, strict=True):
        assert isinstance(forecast, Forecast)
        assert str(forecast.item_id) == str(entry["item_id"])  # GluonTS has texts
        assert forecast.start_date == entry["start"] + entry["target"].shape[-1]
        shape = (predictor.prediction_length, *entry["target"].shape[:-1])
        assert forecast.samples.shape == (5, *shape)
        assert np.isfinite(forecast.quantile(0.9)).all()
        assert forecast.mean.shape == shape


@pytest.mark.parametrize("name", PREDICTORS)
def test_forecasts_do_not_depend_on_what_stands_beside_an_entry(predictors, name):
    predictor, data = predictors[name]
    whole = [f.samples for f in predictor.predict(data, num_samples=4, seed=3)]
    entries = list(data)[::-1]
    alone = [next(iter(predictor.predict([e], num_samples=4, seed=3))).samples for e in entries]
    np.testing.assert_array_equal(np.stack(whole), np.stack(alone[::-1]))
    assert not np.array_equal(whole[0], whole[1])


@pytest.mark.parametrize("name", PREDICTORS)
def test_a_predictor_equals_itself_after_it_was_serialized(predictors, name, tmp_path):
    predictor, data = predictors[name]
    predictor.serialize(tmp_path)
    again = Predictor.deserialize(tmp_path)
    assert again == predictor
    assert hash(again) == hash(predictor)
    assert again != "another"
    seeds = {"num_samples": 3, "seed": 5}
    for one, other in zip(predictor.predict(data, **seeds), again.predict(data, **seeds), strict=1):
        np.testing.assert_array_equal(one.samples, other.samples)


def test_predictors_that_differ_are_unequal(predictors, series):
    predictor, _ = predictors["psa-gan-c"]
    assert estimator().train(series, options=tsgen.TrainingOptions(seed=2)) != predictor
    assert predictor.with_seed(3) != predictor
    rim, _ = predictors["rim activity"]
    assert rim != predictor
    assert copy.copy(rim) == rim


@pytest.mark.parametrize("name", PREDICTORS)
def test_wrappers_of_gluonts_give_the_same_forecasts(predictors, name):
    predictor, data = predictors[name]
    entries = list(data)
    workers = ParallelizedPredictor(predictor, num_workers=2, chunk_size=1)
    asked = {"num_samples": 5, "seed": 4}
    shared = {str(f.item_id): f.quantile(0.8) for f in workers.predict(entries, **asked)}
    workers.terminate()
    assert len(shared) == len(entries)
    for forecast in predictor.predict(entries, **asked):
        np.testing.assert_array_equal(shared[str(forecast.item_id)], forecast.quantile(0.8))


@pytest.mark.parametrize("name", PREDICTORS)
def test_draws_of_different_items_are_independent_in_a_serving_loop(predictors, name):
    predictor, data = predictors[name]
    one, other = (
        next(iter(predictor.predict([entry], num_samples=200))).samples.reshape(200, -1)
        for entry in list(data)[:2]
    )
    shared = [np.corrcoef(a, b)[0, 1] for a, b in zip(one.T, other.T, strict=True) if a.std() > 0]
    assert np.abs(shared).mean() < 0.2


def test_a_localizer_trains_a_model_for_each_entry(series):
    local = Localizer(estimator())
    few = list(series)[:2]
    forecasts = list(local.predict(few, num_samples=300))
    assert [f.item_id for f in forecasts] == ["series-0", "series-1"]
    one, other = (forecast.samples for forecast in forecasts)
    shared = [np.corrcoef(a, b)[0, 1] for a, b in zip(one.T, other.T, strict=True)]
    assert np.abs(shared).max() < 0.25


@pytest.mark.parametrize("name", UNIVARIATE)
def test_a_predictor_is_backtested_on_rolling_windows(predictors, name):
    predictor, data = predictors[name]
    _, template = split(list(data), offset=-3 * STEPS)
    rolling = template.generate_instances(prediction_length=STEPS, windows=3)
    assert len(list(predictor.predict(rolling.input, num_samples=2))) == 3 * len(data)
    table = evaluate_model(
        predictor,
        test_data=rolling,
        metrics=[MSE(), MeanWeightedSumQuantileLoss([0.1, 0.5, 0.9])],
        batch_size=7,
    )
    assert np.isfinite(table.to_numpy(dtype=float)).all()


@pytest.mark.parametrize("name", UNIVARIATE)
def test_a_predictor_goes_through_the_evaluator_of_gluonts(predictors, name):
    predictor, data = predictors[name]
    forecasts, targets = make_evaluation_predictions(data, predictor, num_samples=7)
    for forecast, target in zip(forecasts, targets, strict=True):
        assert forecast.samples.shape == (7, STEPS)
        assert forecast.start_date == target.index[-STEPS]


def test_the_reference_forecaster_of_choices_is_used_like_one_of_gluonts(series):
    made = ReferenceEstimator(prediction_length=STEPS, freq="h", num_networks=2, seed=1)
    predictor = made.train(series)
    whole = list(predictor.predict(series, num_samples=100))
    for forecast, entry in zip(whole, series, strict=True):
        assert forecast.item_id == entry["item_id"]
        assert forecast.start_date == entry["start"] + len(entry["target"])
        alone = next(predictor.predict([entry]))
        np.testing.assert_allclose(alone.quantile(0.9), forecast.quantile(0.9), rtol=1e-5)
    local = Localizer(made).predict(list(series)[:1])
    assert [forecast.item_id for forecast in local] == ["series-0"]
    _, template = split(list(series), offset=-3 * STEPS)
    rolling = template.generate_instances(prediction_length=STEPS, windows=3)
    table = evaluate_model(predictor, test_data=rolling, metrics=[MSE()])
    assert np.isfinite(table.to_numpy(dtype=float)).all()


# ---- estimators ---------------------------------------------------------------------------------


@pytest.mark.parametrize("freq", FREQUENCIES)
def test_every_frequency_trains_and_predicts(freq):
    start = pd.Period("2020-01-01", freq)
    targets = {str(n): 5 + np.sin(np.arange(float(n))) for n in (40, 41)}
    data = [{"item_id": i, "start": start, "target": values} for i, values in targets.items()]
    predictor = estimator().train(data, options=QUIET)
    for forecast in predictor.predict(data, num_samples=2):
        assert forecast.start_date == start + int(forecast.item_id)


@pytest.mark.parametrize("value", [0.0, 3.0, -7.5])
def test_constant_series_train_and_stay_as_they_are(value):
    start = pd.Period("2024-01-01", "h")
    data = [{"item_id": str(k), "start": start, "target": np.full(48, value + k)} for k in range(3)]
    with pytest.warns(DataWarning, match="Every series is constant"):
        predictor = estimator().train(data, options=QUIET)
    with pytest.warns(DataWarning, match="have one value only"):
        forecasts = list(predictor.predict(data, num_samples=3))
    for k, forecast in enumerate(forecasts):
        np.testing.assert_allclose(forecast.samples, value + k, atol=1e-5)
    with pytest.warns(DataWarning, match="Every series is constant"):
        model = tsgen.PSAGANEstimator(target_length=8, num_steps=3, channels=(4,)).train(
            data, options=QUIET
        )
    for item_id, level in zip("012", value + np.arange(3), strict=True):
        drawn = model.sample(2, items=[item_id], seed=1)
        np.testing.assert_allclose(drawn.values, level, atol=1e-5)


@pytest.mark.parametrize(
    "made",
    [
        estimator(),
        tsgen.PSAGANForecastEstimator(prediction_length=STEPS, preset="paper"),
        tsgen.PSAGANEstimator(target_length=16, channels=(4, 8)),
        tsgen.RIMEstimator(horizon="7D", relevance="popularity", activity="hawkes"),
        tsgen.RIMEstimator(
            horizon="7D",
            activity=ForecasterActivity(SeasonalNaivePredictor(7, season_length=7), start="first"),
        ),
    ],
    ids=lambda made: type(made).__name__,
)
def test_estimators_survive_serde_and_pickle(made):
    assert serde.decode(serde.encode(made)) == made
    assert serde.load_json(serde.dump_json(made)) == made
    assert equals(made, serde.load_json(serde.dump_json(made)))
    assert pickle.loads(pickle.dumps(made)) == made
    assert copy.deepcopy(made) == made


def test_the_forecaster_of_a_rim_is_part_of_it():
    def rim(season):
        activity = ForecasterActivity(SeasonalNaivePredictor(7, season_length=season))
        return tsgen.RIMEstimator(horizon="7D", relevance="popularity", activity=activity)

    assert rim(7) == rim(7)
    assert hash(rim(7)) == hash(rim(7))
    assert rim(7) != rim(1)
    again = serde.decode(serde.encode(rim(7))).train(log(), options=QUIET)
    expected = rim(7).train(log(), options=QUIET).audience(1, size=3)
    pd.testing.assert_frame_equal(again.audience(1, size=3), expected)


@pytest.mark.parametrize("name", ["psa-gan-c", "channels"])
def test_an_estimator_goes_on_from_a_predictor(predictors, name, tmp_path):
    predictor, data = predictors[name]
    before = predictor.weights
    tuned = estimator().train_from(predictor, list(data), options=QUIET)
    assert tuned.plan["schedule"][-1] == SMALL["num_steps"]
    assert sum(tuned.plan["schedule"]) == SMALL["num_steps"]
    assert tuned.table.item_ids == predictor.table.item_ids
    assert any((tuned.weights[k] != w).any() for k, w in before.items())
    for key, weight in predictor.weights.items():
        np.testing.assert_array_equal(weight, before[key])
    tuned.serialize(tmp_path)
    assert Predictor.deserialize(tmp_path) == tuned
    assert len(list(tuned.predict(data, num_samples=2))) == len(data)


def test_hyperparameters_come_as_gluonts_gives_them(series):
    kind = tsgen.PSAGANForecastEstimator
    given = {"prediction_length": "6", "num_steps": "9", "unheard_of": 1, "freq": "h"}
    given |= {"channels": [4], "context_length": 8}
    with pytest.warns(DataWarning, match="has no setting unheard_of; left out"):
        made = kind.from_hyperparameters(**given)
    assert (made.prediction_length, made.num_steps) == (6, 9)
    with pytest.warns(DataWarning, match="unheard_of"):
        assert kind.from_inputs(series, **given) == made


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (tsgen.PSAGANEstimator, {"target_length": "16", "num_steps": "9", "channels": [4]}),
        (tsgen.RIMEstimator, {"horizon": "7D", "relevance": "popularity", "scale_support": "20"}),
    ],
)
def test_every_estimator_takes_hyperparameters(kind, given):
    with pytest.warns(DataWarning, match="has no setting epochs; left out"):
        made = kind.from_hyperparameters(**given, epochs=3)
    plain = {"target_length": 16, "num_steps": 9, "scale_support": 20}
    assert made == kind(**{name: plain.get(name, value) for name, value in given.items()})


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # GluonTS's evaluator forks
def test_the_shell_trains_and_tests(series, tmp_path):
    write_series(series, tmp_path / "data")
    data = load_datasets(tmp_path / "data", tmp_path / "data" / "train", None)

    (tmp_path / "model").mkdir()
    environment = SimpleNamespace(
        datasets={"train": data.train, "test": data.train},
        hyperparameters={"prediction_length": "6", **{k: str(v) for k, v in TEXTS.items()}},
        current_host="local",
        path=SimpleNamespace(model=tmp_path / "model", output=tmp_path),
    )
    with pytest.warns(DataWarning):
        run_train_and_test(environment, tsgen.PSAGANForecastEstimator)
    assert Predictor.deserialize(tmp_path / "model").prediction_length == 6


# ---- datasets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DATASETS)
def test_a_dataset_is_read_again_and_again_and_has_a_length(datasets, name):
    data = datasets[name]
    one, other = list(data), list(data)
    assert len(one) == len(other) == len(data)
    keys = {frozenset(entry) for entry in one}
    assert len(keys) == 1
    for entry in one:
        assert isinstance(entry["start"], pd.Period)
        assert entry["target"].dtype == np.float32
    if name != "online":  # fresh at every pass, by design
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a["target"], b["target"])


@pytest.mark.parametrize("name", [n for n in DATASETS if n != "online"])
def test_entries_are_taken_by_place_and_slices_are_datasets(datasets, name):
    data = datasets[name]
    for place in (0, len(data) // 2, -1):
        one, other = data[place], list(data)[place]
        assert one.keys() == other.keys()
        assert (one["item_id"], one["start"]) == (other["item_id"], other["start"])
        np.testing.assert_array_equal(one["target"], other["target"])
    assert data[-1:].item_ids == data.item_ids[-1:]
    assert type(data[:1]) is type(data)
    with pytest.raises(IndexError):
        data[len(data)]


@pytest.mark.parametrize("name", DATASETS)
def test_a_dataset_goes_through_gluonts_files_with_its_info(datasets, name, tmp_path):
    entries = list(datasets[name])
    ArrowWriter().write_to_file(iter(entries), tmp_path / "x.arrow")
    for entry, again in zip(entries, File.infer(tmp_path / "x.arrow"), strict=True):
        assert again["start"] == entry["start"].to_timestamp()
        np.testing.assert_array_equal(np.asarray(again["target"]), entry["target"])
        for key, value in entry.get("info", {}).items():
            assert again["info"][key] == value


@pytest.mark.parametrize("name", ["series", "static", "samples", "augmented", "counts", "made"])
def test_a_dataset_is_split_and_turned_into_pandas(datasets, name):
    data = datasets[name]
    train, template = split(data, offset=-4)
    windows = template.generate_instances(prediction_length=2, windows=2)
    assert len(list(train)) == len(data)
    assert len(list(windows)) == 2 * len(data)
    frame = to_pandas(data[0], freq=data.freq)
    np.testing.assert_array_equal(frame.to_numpy(), data[0]["target"])
    assert len(to_dataset(list(train))) == len(data)


@pytest.mark.parametrize("name", ["series", "static", "samples", "augmented", "counts", "made"])
def test_a_dataset_trains_an_estimator_of_gluonts(datasets, name):
    data = datasets[name]
    predictor = SeasonalNaivePredictor(prediction_length=2, season_length=1)
    for entry, forecast in zip(data, predictor.predict(data), strict=True):
        assert forecast.mean[0] == entry["target"][-1]


def test_saved_folders_have_what_gluonts_reads(series, tmp_path):
    write_series(series, tmp_path / "data")
    read = load_datasets(tmp_path / "data", tmp_path / "data" / "train", None)
    assert read.metadata.freq == "h"
    assert Path(tmp_path, "data", "metadata.json").is_file()
    for entry, again in zip(series, read.train, strict=True):
        np.testing.assert_allclose(again["target"], entry["target"], rtol=1e-6)

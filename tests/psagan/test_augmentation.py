"""Augmentation: how many, after whom, in which order, and that GluonTS trains on it."""

import copy
import warnings

import numpy as np
import pandas as pd
import pytest

from tsgen.data import read_series, to_dataset, write_series
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.psagan import PSAGANEstimator, augment
from tsgen.training import TrainingOptions


def sources(dataset):
    return [facts["source_item_id"] for facts in dataset.info if facts["synthetic"]]


@pytest.mark.parametrize(("ratio", "count"), [(0.25, 2), (0.5, 4), (1.0, 8), (2.5, 20)])
def test_ratio_is_synthetic_over_real(model, panel, ratio, count):
    augmented = augment(panel, model, ratio, seed=1)
    assert len(augmented) == 8 + count
    assert int(augmented.synthetic.sum()) == count


def test_real_entries_come_first_and_are_untouched(model, panel):
    augmented = augment(panel, model, 0.5, seed=1)
    assert augmented.synthetic.tolist() == [False] * 8 + [True] * 4
    assert augmented.item_ids[:8] == panel.item_ids
    assert np.array_equal(augmented.values[: panel.values.size], panel.values)
    assert augmented.starts[:8].tolist() == panel.starts.tolist()


def test_no_source_is_taken_twice_before_all_were_taken_once(model, panel):
    taken = sources(augment(panel, model, 2.5, seed=1))
    assert sorted(taken[:8]) == sorted(taken[8:16]) == sorted(panel.item_ids)
    assert len(set(taken[16:])) == 4
    assert taken[:8] != list(panel.item_ids)


def test_each_synthetic_series_begins_with_its_source_and_has_its_length(model, panel):
    ragged = panel.cut(np.arange(3), np.array([0, 7, 90]), np.array([240, 60, 120]))
    augmented = augment(ragged, model, 1.0, seed=1)
    for entry, source in zip(list(augmented)[3:], sources(augmented), strict=True):
        real = next(e for e in ragged if e["item_id"] == source)
        assert entry["start"] == real["start"]
        assert len(entry["target"]) == len(real["target"])


def test_every_entry_has_the_same_keys(model, panel):
    for dataset in (panel, list(panel)):
        keys = {frozenset(entry) for entry in augment(dataset, model, 0.5, seed=1)}
        assert len(keys) == 1
        assert {"start", "target", "item_id", "feat_static_cat", "info"} <= set(*keys)


def test_an_augmented_dataset_gets_more_after_its_real_series(model, panel, tmp_path):
    once = augment(panel, model, 0.5, seed=1)
    twice = augment(once, model, 1.0, seed=1)
    assert int(twice.synthetic.sum()) == 4 + 8
    assert twice.item_ids[:12] == once.item_ids
    assert sorted(sources(twice)[4:]) == sorted(panel.item_ids)
    numbers = {item_id: item_id.rsplit("/", 1)[1] for item_id in twice.item_ids[12:]}
    assert sorted(numbers.values()) == ["0"] * 4 + ["1"] * 4
    drawn = {twice.series(i).tobytes() for i in range(8, 20)}
    assert len(drawn) == 12, "the same seed must not draw the same series again"
    again = augment(once, model, 1.0, seed=1)
    assert np.array_equal(again.values, twice.values)
    write_series(once, tmp_path / "once.csv")
    from_file = augment(read_series(tmp_path / "once.csv"), model, 1.0, seed=1)
    assert from_file.item_ids == twice.item_ids


def test_a_dataset_without_real_series_is_refused(model, panel):
    made = augment(panel, model, 0.5, seed=1)
    only = made.subset(np.flatnonzero(made.synthetic))
    with pytest.raises(SettingsError, match=r"of 0 real series.*give real series"):
        augment(only, model, 1.0)


def test_a_seed_repeats_it(model, panel):
    first, again, other = (augment(panel, model, 0.5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.values, again.values)
    assert first.item_ids == again.item_ids
    assert first.item_ids != other.item_ids or not np.array_equal(first.values, other.values)


def test_windows_are_drawn_with_a_warning(model, panel):
    with pytest.warns(DataWarning, match="one window of 24 steps; a forecaster whose lags"):
        augmented = augment(panel, model, 2.0, length="window", seed=1)
    assert augmented.lengths[8:].tolist() == [24] * 16
    places = augmented.starts[8:] - panel.starts[0]
    assert places.min() >= 0
    assert places.max() <= 216
    assert len(set(places.tolist())) > 5


def test_windows_are_no_longer_than_their_source(model, panel):
    short = panel.cut(np.arange(2), np.array([0, 0]), np.array([10, 240]))
    with pytest.warns(DataWarning):
        augmented = augment(short, model, 1.0, length="window", seed=1)
    lengths = dict(zip(sources(augmented), augmented.lengths[2:].tolist(), strict=True))
    assert lengths == {"series-0": 10, "series-1": 24}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ratio": 0}, "ratio=0 is not possible"),
        ({"ratio": -1.0}, "ratio=-1.0 is not possible"),
        ({"ratio": float("nan")}, "ratio=nan is not possible"),
        ({"ratio": float("inf")}, "ratio=inf is not possible"),
        ({"ratio": "0.5"}, "ratio='0.5' is not possible"),
        ({"ratio": 0.01}, "no synthetic series at all; raise the ratio"),
        ({"length": "long"}, "length='long' is not possible"),
    ],
)
def test_an_impossible_request_is_one_sentence(model, panel, arguments, message):
    with pytest.raises(SettingsError, match=message):
        augment(panel, model, **arguments)


def with_dynamic(panel):
    return [entry | {"feat_dynamic_real": np.zeros((1, 240), np.float32)} for entry in panel]


def test_dynamic_features_are_refused_or_dropped(model, panel):
    with pytest.raises(DataError, match=r"trained without features.*feat_dynamic_real"):
        augment(with_dynamic(panel), model, 0.5)
    with pytest.warns(DataWarning, match="left out of 8 series"):
        augmented = augment(with_dynamic(panel), model, 0.5, dynamic_features="drop", seed=1)
    assert all("feat_dynamic_real" not in entry for entry in augmented)


# ---- a model that was trained with features ------------------------------------------------------

FEATURES = {"dynamic": ["promo"], "past_dynamic": ["rain"]}


@pytest.fixture(scope="module")
def sales(shop):
    return to_dataset(shop(), static=["store"], **FEATURES)


@pytest.fixture(scope="module")
def follower(sales):
    """A PSA-GAN that follows promotions."""
    small = {"target_length": 8, "num_steps": 6, "batch_size": 4, "channels": (8,)}
    return PSAGANEstimator(**small).train(sales, options=TrainingOptions(seed=1, progress=False))


@pytest.mark.parametrize("kind", [lambda d: d, list, lambda d: d.to_frame()])
@pytest.mark.filterwarnings("ignore:The static codes")
def test_dropped_features_are_followed_all_the_same(follower, sales, kind):
    kept = augment(kind(sales), follower, 1.0, seed=1)
    with pytest.warns(DataWarning, match="follow the features promo, rain, which were left out"):
        dropped = augment(kind(sales), follower, 1.0, dynamic_features="drop", seed=1)
    assert dropped.item_ids == kept.item_ids
    np.testing.assert_array_equal(dropped.values, kept.values)
    assert kept.dynamic.names == ("promo", "rain")
    assert dropped.dynamic is None
    assert not any("dynamic" in key for entry in dropped for key in entry)


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_series_the_model_never_met_lend_their_features_before_these_are_dropped(follower, shop):
    met = shop().assign(item_id=lambda t: "new " + t["item_id"])
    with pytest.warns(DataWarning, match="follow the features"):
        augmented = augment(
            to_dataset(met, static=["store"], **FEATURES), follower, dynamic_features="drop", seed=1
        )
    assert (len(augmented), augmented.dynamic) == (12, None)


@pytest.mark.parametrize("dynamic_features", ["keep", "drop"])
def test_series_without_features_get_synthetic_ones_without(follower, shop, dynamic_features):
    bare = to_dataset(shop(), static=["store"])
    with pytest.warns(DataWarning, match="lack the features promo, rain; those of the same series"):
        augmented = augment(bare, follower, dynamic_features=dynamic_features, seed=1)
    assert (len(augmented), augmented.dynamic) == (12, None)


@pytest.mark.parametrize("kind", [lambda d: d, list, lambda d: d.to_frame()])
@pytest.mark.filterwarnings("ignore:The static codes")
def test_features_are_refused_where_that_was_asked_for(follower, sales, kind):
    with pytest.raises(DataError, match=r"dynamic features promo, rain; they were to be refused"):
        augment(kind(sales), follower, dynamic_features="error", seed=1)


def test_statics_of_the_real_series_travel(model, panel):
    frame = panel.to_frame()
    frame["shop"] = "shop " + frame["item_id"].str[-1]
    real = to_dataset(frame, static=["shop"])
    augmented = augment(real, model, 1.0, seed=1)
    assert augmented.static_cardinalities == (8,)
    for entry, source in zip(list(augmented)[8:], sources(augmented), strict=True):
        own = next(e for e in real if e["item_id"] == source)
        assert entry["feat_static_cat"].tolist() == own["feat_static_cat"].tolist()


def test_constraints_hold_the_synthetic_part_only(model, panel):
    frame = panel.to_frame()
    frame["target"] = -frame["target"] - 0.5
    real = to_dataset(frame)
    augmented = augment(real, model, 1.0, constraints=["non-negative", "integer"], seed=1)
    synthetic = augmented.values[real.values.size :]
    assert (augmented.values[: real.values.size] < 0).all()
    assert (synthetic >= 0).all()
    assert (synthetic == np.round(synthetic)).all()


def test_the_gaps_of_a_source_are_those_of_the_series_drawn_after_it(model, panel):
    entries = list(panel)
    entries[0]["target"][5:9] = np.nan
    kept = augment(entries, model, 1.0, seed=1)
    after = 8 + sources(kept).index("series-0")
    assert np.flatnonzero(np.isnan(kept.series(0))).tolist() == [5, 6, 7, 8]
    assert np.flatnonzero(np.isnan(kept.series(after))).tolist() == [5, 6, 7, 8]
    assert int(np.isnan(kept.values).sum()) == 8
    filled = augment(entries, model, 1.0, missing="none", seed=1)
    assert int(np.isnan(filled.values).sum()) == 4
    same = ~np.isnan(kept.values)
    np.testing.assert_array_equal(kept.values[same], filled.values[same])


def test_synthetic_series_have_the_grid_of_their_source(model, panel):
    entries = list(panel)
    for entry in entries:
        entry["target"] = np.round(entry["target"] * 4) / 4
    augmented = augment(entries, model, 1.0, seed=1)
    made = augmented.values[augmented.offsets[8] :]
    np.testing.assert_array_equal(made, np.round(made * 4) / 4)
    free = augment(entries, model, 1.0, constraints=None, seed=1).values[augmented.offsets[8] :]
    assert (free != np.round(free * 4) / 4).mean() > 0.9


def test_what_is_given_is_not_changed(model, panel):
    entries = list(panel)
    before = copy.deepcopy(entries)
    augment(entries, model, 0.5, seed=1)
    for entry, old in zip(entries, before, strict=True):
        assert entry.keys() == old.keys()
        assert np.array_equal(entry["target"], old["target"])


@pytest.mark.parametrize("name", ["augmented", "augmented.parquet", "augmented.csv"])
def test_it_is_written_and_read_back(model, panel, tmp_path, name):
    augmented = augment(panel, model, 0.5, seed=1)
    write_series(augmented, tmp_path / name)
    again = read_series(tmp_path / name)
    assert again.item_ids == augmented.item_ids
    np.testing.assert_allclose(again.values, augmented.values)
    assert again.synthetic.tolist() == augmented.synthetic.tolist()


def test_gluonts_reads_the_folder(model, panel, tmp_path):
    from gluonts.dataset.common import load_datasets

    augmented = augment(panel, model, 0.5, seed=1)
    write_series(augmented, tmp_path / "augmented")
    folder = tmp_path / "augmented"
    read = load_datasets(folder, folder / "train", None)
    entries = list(read.train)
    assert read.metadata.freq == "h"
    assert [entry["item_id"] for entry in entries] == list(augmented.item_ids)
    assert entries[0]["start"] == pd.Period("2024-01-01", "h")
    np.testing.assert_allclose(entries[9]["target"], augmented.series(9), rtol=1e-6)


@pytest.fixture
def one_epoch(tmp_path):
    """Arguments of a GluonTS forecaster's trainer, for a moment and without a word."""
    import torch

    with warnings.catch_warnings(), torch.random.fork_rng():
        warnings.simplefilter("ignore")  # Lightning's advice about workers and loggers
        yield {
            "max_epochs": 1,
            "accelerator": "cpu",
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": False,
            "default_root_dir": str(tmp_path),
        }


def test_a_gluonts_forecaster_trains_on_it(model, panel, one_epoch):
    from gluonts.torch import SimpleFeedForwardEstimator

    estimator = SimpleFeedForwardEstimator(
        prediction_length=6, num_batches_per_epoch=2, batch_size=8, trainer_kwargs=one_epoch
    )
    predictor = estimator.train(augment(panel, model, 0.5, seed=1))
    forecast = next(iter(predictor.predict(panel)))
    assert forecast.mean.shape == (6,)
    assert np.isfinite(forecast.mean).all()


def test_deepar_trains_on_it_with_features_and_predicts_real_entries(
    follower, sales, shop, one_epoch
):
    from gluonts.torch import DeepAREstimator

    estimator = DeepAREstimator(
        "D", 7, num_feat_dynamic_real=1, num_feat_static_cat=1, cardinality=[2], num_layers=1,
        hidden_size=8, num_batches_per_epoch=2, batch_size=8, trainer_kwargs=one_epoch,
    )  # fmt: skip
    predictor = estimator.train(augment(sales, follower, 1.0, seed=1))
    longer = shop(steps=87)
    future = longer["timestamp"] >= longer["timestamp"].unique()[80]
    longer.loc[future, "target"] = np.nan  # promotions are planned seven days ahead
    test = to_dataset(longer, static=["store"], **FEATURES)
    assert test.lengths.tolist() == [80] * 6
    assert test.dynamic.lengths.tolist() == [87] * 6
    forecasts = list(predictor.predict(test, num_samples=5))
    assert [f.item_id for f in forecasts] == list(sales.item_ids)
    assert [f.start_date for f in forecasts] == [pd.Period("2024-03-21", "D")] * 6
    assert all(f.samples.shape == (5, 7) and np.isfinite(f.samples).all() for f in forecasts)

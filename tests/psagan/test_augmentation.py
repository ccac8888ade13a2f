"""Augmentation: how many, after whom, in which order, and that GluonTS trains on it."""

import copy
import warnings

import numpy as np
import pandas as pd
import pytest

from tsgen.data import read_series, to_dataset, write_series
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.psagan import augment


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


def test_a_gluonts_forecaster_trains_on_it(model, panel, tmp_path):
    import torch

    augmented = augment(panel, model, 0.5, seed=1)
    with warnings.catch_warnings(), torch.random.fork_rng():
        warnings.simplefilter("ignore")  # Lightning's advice about workers and loggers
        from gluonts.torch import SimpleFeedForwardEstimator

        quiet = {
            "max_epochs": 1,
            "accelerator": "cpu",
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": False,
            "default_root_dir": str(tmp_path),
        }
        estimator = SimpleFeedForwardEstimator(
            prediction_length=6, num_batches_per_epoch=2, batch_size=8, trainer_kwargs=quiet
        )
        predictor = estimator.train(augmented)
        forecast = next(iter(predictor.predict(panel)))
    assert forecast.mean.shape == (6,)
    assert np.isfinite(forecast.mean).all()

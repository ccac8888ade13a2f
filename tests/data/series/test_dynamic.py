"""Features that change in time: cut, joined, read back from tables, entries and folders."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import MultivariateDataset, SeriesDataset, read_series, to_dataset, write_series
from tsgen.data.series import DynamicFeatures
from tsgen.errors import DataError, DataWarning

OPTIONS = {"dynamic": ["promo", "kind"], "past_dynamic": ["rain"]}


def table(ids=("a", "b"), steps=10, known=4):
    """A table whose last `known` rows of each series have features and no target."""
    random = np.random.default_rng(0)
    parts = []
    for item_id in ids:
        target = random.normal(size=steps)
        target[steps - known :] = np.nan
        part = {"item_id": item_id, "timestamp": pd.date_range("2024", periods=steps, freq="D")}
        part |= {"target": target, "promo": random.integers(0, 2, steps)}
        part |= {"kind": random.choice(["x", "y"], steps), "rain": random.normal(size=steps)}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def dataset():
    return to_dataset(table(), **OPTIONS)


def test_rows_without_a_target_at_the_end_are_known_future(dataset):
    assert dataset.lengths.tolist() == [6, 6]
    assert dataset.dynamic.lengths.tolist() == [10, 10]
    assert np.array_equal(dataset.dynamic.real[0], table()["promo"])
    inside = ~np.isnan(dataset.dynamic.past[0])
    assert inside.reshape(2, 10).sum(axis=1).tolist() == [6, 6]


def test_entries_have_the_fields_of_gluonts(dataset):
    entry = list(dataset)[1]
    assert entry["feat_dynamic_real"].shape == (1, 10)
    assert entry["feat_dynamic_cat"].shape == (1, 10)
    assert entry["past_feat_dynamic_real"].shape == (1, 6)
    kinds = np.array(dataset.dynamic.cat_categories[0], dtype=object)
    assert kinds[entry["feat_dynamic_cat"][0]].tolist() == table()["kind"].tolist()[10:]


@pytest.mark.parametrize("name", ["data.csv", "data.parquet", "folder"])
def test_a_file_gives_back_what_was_written(dataset, tmp_path, name):
    write_series(dataset, tmp_path / name)
    options = {} if name == "folder" else OPTIONS
    assert read_series(tmp_path / name, **options).fingerprint() == dataset.fingerprint()


def test_entries_without_names_keep_values_and_may_be_named(dataset):
    read = to_dataset(list(dataset))
    assert read.dynamic.names[0] == "feat_dynamic_real_0"
    assert np.array_equal(read.dynamic.real, dataset.dynamic.real)
    named = to_dataset(list(dataset), **OPTIONS)
    assert named.dynamic.names == ("promo", "kind", "rain")
    with pytest.raises(DataError, match="dynamic= names 1 features, the entries have 2"):
        to_dataset(list(dataset), dynamic=["promo"])


def test_a_cut_keeps_the_known_future_of_the_last_step_only(dataset):
    before, after = dataset.split(last=2)
    assert before.dynamic.lengths.tolist() == [4, 4]
    assert after.dynamic.lengths.tolist() == [6, 6]
    joined = np.concatenate([before.dynamic.real[0][:4], after.dynamic.real[0][:6]])
    assert np.array_equal(joined, dataset.dynamic.real[0][:10])


def test_joined_datasets_have_everybodys_features_and_categories(dataset):
    other = to_dataset(table(ids=("c",)).replace({"kind": {"x": "z"}}), **OPTIONS)
    both = SeriesDataset.concat([dataset, other])
    assert both.dynamic.cat_categories == (("x", "y", "z"),)
    pairs = both.dynamic.columns(), other.dynamic.columns()
    assert pairs[0]["kind"][20:].tolist() == pairs[1]["kind"].tolist()
    with pytest.raises(DataError, match="different dynamic features"):
        SeriesDataset.concat([dataset, to_dataset(table(ids=("c",), known=0))])


def test_missing_features_are_counted():
    holes = table()
    holes.loc[[1, 2, 13], "promo"] = np.nan
    holes.loc[3, "kind"] = None
    with pytest.warns(DataWarning, match="promo at 3 of 20 steps, kind at 1 of 20 steps"):
        read = to_dataset(holes, **OPTIONS)
    assert read.dynamic.columns()["kind"][3] is None


def test_channels_share_their_features():
    wide = table().assign(other=lambda t: t["target"] * 2)
    made = to_dataset(wide, target=["target", "other"], **OPTIONS)
    assert isinstance(made, MultivariateDataset)
    assert next(iter(made))["feat_dynamic_real"].shape == (1, 10)
    assert made.to_frame()["kind"].tolist() == wide["kind"].tolist()


def test_rows_that_are_added_up_keep_the_features_of_the_first():
    twice = pd.concat([table(known=0), table(known=0).assign(promo=9)], ignore_index=True)
    with pytest.warns(DataWarning):
        read = to_dataset(twice, on_duplicate="sum", **OPTIONS)
    assert set(read.dynamic.real[0]) <= {0, 1}
    assert np.allclose(read.values, 2 * table(known=0)["target"])


def test_parts_that_do_not_fit_are_refused(dataset):
    with pytest.raises(DataError, match="shape"):
        DynamicFeatures(np.array([0, 3]), real=np.zeros((1, 2)), real_names=("a",))
    with pytest.raises(DataError, match="'dynamic' does not fit"):
        SeriesDataset(
            np.zeros(5), np.array([0, 5]), np.array([0]), "D", ("a",),
            dynamic=DynamicFeatures(np.array([0, 3]), real=np.zeros((1, 3)), real_names=("a",)),
        )  # fmt: skip


def test_series_keep_all_but_the_features_that_are_put_in_the_others_place(dataset):
    bare = dataset.with_dynamic(None)
    assert bare.dynamic is None
    np.testing.assert_array_equal(bare.values, dataset.values)
    both = MultivariateDataset((bare, bare), ("sales", "visits")).with_dynamic(dataset.dynamic)
    assert both.channels == ("sales", "visits")
    assert all(part.dynamic is dataset.dynamic for part in both.parts)
    assert both.parts[0].with_dynamic(None).fingerprint() == bare.fingerprint()

import warnings

import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.common import ListDataset
from gluonts.dataset.pandas import PandasDataset
from gluonts.dataset.split import split
from hypothesis import given

from strategies import panels
from tsgen.data import read_series, simulate_series, to_dataset, to_frame, write_series
from tsgen.errors import DataError, DataWarning, SettingsError


def entry(**fields):
    return {"start": pd.Period("2024-01-01", "h"), "target": np.arange(5.0), **fields}


@given(panels())
def test_our_own_entries_read_back_equal_but_for_names(panel):
    dataset = to_dataset(panel.table, freq=panel.grid.freq, static=["shop", "size"])
    again = to_dataset(list(dataset))
    np.testing.assert_array_equal(again.values, dataset.values.astype(np.float32))
    np.testing.assert_array_equal(again.starts, dataset.starts)
    np.testing.assert_array_equal(again.static_cat, dataset.static_cat)
    assert (again.item_ids, again.freq) == (dataset.item_ids, dataset.freq)
    assert again.static_names == ("static_0", "static_1")


def test_entries_have_what_gluonts_expects():
    entries = list(simulate_series(2, 30, seed=1))
    assert [e["item_id"] for e in entries] == ["series-0", "series-1"]
    for e in entries:
        assert e["start"] == pd.Period("2024-01-01 00:00", "h")
        assert (e["target"].dtype, e["target"].shape) == (np.float32, (30,))
        assert e["feat_static_cat"].tolist() == [0]
        assert set(e) == {"item_id", "start", "target", "feat_static_cat"}
    assert to_dataset(entries).static_names == ()


@pytest.mark.parametrize(
    ("freq", "offset"), [("h", "h"), ("5min", "5min"), ("D", "D"), ("W-SUN", "W-SUN"), ("M", "MS")]
)
def test_pandas_datasets_give_what_the_table_gives(freq, offset):
    stamps = pd.date_range("2024-01-01", periods=12, freq=offset)
    parts = [
        pd.DataFrame({"item_id": k, "timestamp": stamps[n:], "target": np.arange(12.0 - n)})
        for n, k in enumerate("ab")
    ]
    table = pd.concat(parts, ignore_index=True)
    theirs = PandasDataset.from_long_dataframe(
        table, item_id="item_id", timestamp="timestamp", target="target", freq=freq
    )
    dataset, direct = to_dataset(theirs), to_dataset(table)
    np.testing.assert_array_equal(dataset.values, direct.values)
    np.testing.assert_array_equal(dataset.starts, direct.starts)
    assert (dataset.freq, dataset.item_ids) == (direct.freq, direct.item_ids)


def test_list_datasets_and_generators_are_read():
    theirs = ListDataset([{"start": "2024-01-01", "target": [1, "NaN", 3]}], freq="D")
    dataset = to_dataset(e for e in theirs)
    np.testing.assert_array_equal(dataset.series(0), [1, np.nan, 3])
    assert (dataset.freq, dataset.item_ids) == ("D", ("0",))
    assert to_frame(theirs)["timestamp"][0] == pd.Timestamp("2024-01-01")


def test_texts_as_start_need_a_frequency():
    raw = [{"start": "2024-01-01", "target": [1.0, 2.0]}]
    assert to_dataset(raw, freq="ME").freq == "M"
    with pytest.raises(DataError, match="pass freq="):
        to_dataset(raw)


def test_our_dataset_is_a_gluonts_dataset_that_splits():
    training, template = split(simulate_series(3, 50), offset=-10)
    assert [len(e["target"]) for e in training] == [40, 40, 40]
    pairs = template.generate_instances(prediction_length=10)
    assert [len(label["target"]) for _, label in pairs] == [10, 10, 10]


def test_a_series_dataset_passes_through_unless_something_else_is_asked_for():
    dataset = simulate_series(1, 10)
    assert to_dataset(dataset, freq="H") is dataset
    with pytest.raises(DataError, match="freq='D' was asked for"):
        to_dataset(dataset, freq="D")
    with pytest.raises(DataError, match="timezone='UTC' was asked for"):
        to_dataset(dataset, timezone="UTC")
    with pytest.raises(SettingsError, match="feat_static_cat"):
        to_dataset(list(dataset), static=["shop"])


@pytest.mark.parametrize("freq", ["B", "M", "W-SUN", "Q-DEC", "Y-DEC"])
def test_no_deprecation_of_pandas_reaches_the_user(freq, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = simulate_series(2, 30, freq)
        before, _ = to_dataset(to_frame(dataset), freq=freq).split(last=5)
        again = to_dataset(to_dataset(list(before)).to_frame())
        write_series(again, tmp_path / "folder")
        assert read_series(tmp_path / "folder").facts()["rows"] == 50


def test_real_features_and_info_are_carried():
    given_entries = [
        entry(item_id=k, feat_static_real=[0.5, float(k)], info={"synthetic": k == 1})
        for k in range(3)
    ]
    dataset = to_dataset(given_entries)
    assert dataset.static_real.tolist() == [[0.5, 0.0], [0.5, 1.0], [0.5, 2.0]]
    assert dataset.synthetic.tolist() == [False, True, False]
    again = next(iter(dataset.subset([1])))
    assert again["info"] == {"synthetic": True}
    assert again["feat_static_real"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "no entries"),
        ([1], "Entry 0 .* int, not a dictionary"),
        ([{"target": [1.0]}], "no field 'start'"),
        ([{"start": pd.Period("2024", "Y")}], "no field 'target'"),
        ([entry(target=np.ones((2, 5, 1)))], "3 dimensions.*multivariate"),
        ([entry(item_id="a"), entry(item_id="b", target=np.ones((2, 5)))], "'b' has 2 dim"),
        ([entry(target=[])], "empty"),
        ([entry(target=["x"])], "not a list of numbers"),
        ([entry(target=[np.nan])], "no observed value"),
        ([entry(item_id="b", target=[1, np.inf])], "infinite.*item 'b'"),
        ([entry(feat_dynamic_real=np.ones((1, 5)))], "dynamic_features='drop'"),
        ([entry(feat_dynamic_cat=np.ones((1, 5)))], "dynamic_features='drop'"),
        ([entry(past_feat_dynamic_real=np.ones((1, 5)))], "dynamic_features='drop'"),
        ([entry(), entry(start=pd.Period("2024", "D"))], "frequency 'D'.*'h'"),
        ([entry(item_id="a"), entry(item_id="a")], "'a' stands on 2 entries.*rolling"),
        ([entry(item_id=None)], "Entry 0 has the item_id None"),
        ([entry(item_id="a"), entry()], "Entry 1 and entry 0 differ in the fields item_id"),
        ([entry(), entry(info={})], "differ in the fields info"),
        ([entry(info="made")], "info must be a dictionary"),
        ([entry(feat_static_cat=[-1])], "whole numbers from 0"),
        ([entry(feat_static_cat=[0.5])], "whole numbers from 0"),
        ([entry(feat_static_cat=[0]), entry(feat_static_cat=[0, 1])], "same number of features"),
        ("train.csv", "read_series"),
        (5, "neither a long table"),
    ],
)
def test_each_broken_rule_is_refused(entries, message):
    with pytest.raises(DataError, match=message):
        to_dataset(entries)


def test_dynamic_features_are_left_out_on_request():
    both = [entry(feat_dynamic_real=np.ones((3, 5)), past_feat_dynamic_real=[[1.0] * 5])] * 2
    both = [{**e, "item_id": str(i)} for i, e in enumerate(both)]
    said = r"out of 2 series: 3 of feat_dynamic_real, 1 of past_feat_dynamic_real\."
    with pytest.warns(DataWarning, match=said):
        dataset = to_dataset(both, dynamic_features="drop")
    assert not [key for key in next(iter(dataset)) if "dynamic" in key]


def test_unknown_fields_are_mentioned():
    with pytest.warns(DataWarning, match="horizon"):
        to_dataset([entry(horizon=3)])


def test_another_frequency_than_asked_for_is_refused():
    with pytest.raises(DataError, match="freq='D' was asked for"):
        to_dataset([entry()], freq="D")

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


def test_our_dataset_is_a_gluonts_dataset_that_splits():
    training, template = split(simulate_series(3, 50), offset=-10)
    assert [len(e["target"]) for e in training] == [40, 40, 40]
    pairs = template.generate_instances(prediction_length=10)
    assert [len(label["target"]) for _, label in pairs] == [10, 10, 10]


@pytest.mark.parametrize("freq", ["B", "M", "W-SUN", "Q-DEC", "Y-DEC"])
def test_no_deprecation_of_pandas_reaches_the_user(freq, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = simulate_series(2, 30, freq)
        before, _ = to_dataset(to_frame(dataset), freq=freq).split(last=5)
        again = to_dataset(to_dataset(list(before)).to_frame())
        write_series(again, tmp_path / "folder")
        assert read_series(tmp_path / "folder").facts()["rows"] == 50

"""Frames of other libraries are read as what they hold, or refused with the line that converts."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tsgen.data import as_pandas, conversion_of, to_dataset
from tsgen.errors import DataError

COLUMNS = {
    "item_id": [3, None, 3],
    "timestamp": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
    "target": [1.5, None, 2.5],
    "shop": ["a", "b", None],
}


def table():
    return pa.table({
        "item_id": pa.array(COLUMNS["item_id"], pa.int64()),
        "timestamp": pa.array(COLUMNS["timestamp"]),
        "target": pa.array(COLUMNS["target"], pa.float64()),
        "shop": pa.array(COLUMNS["shop"]),
    })  # fmt: skip


class Interchanged:
    """Has its columns by the interchange protocol alone."""

    def __init__(self, held):
        self._held = held

    def __dataframe__(self, **options):
        return self._held.__dataframe__(**options)


class Streamed:
    """Has its columns by the Arrow protocol alone."""

    def __init__(self, held):
        self._held = held

    def __arrow_c_stream__(self, requested_schema=None):
        return self._held.__arrow_c_stream__(requested_schema)


def frames():
    made = {
        "table": table(),
        "batch": table().to_batches()[0],
        "reader": table().to_reader(),
        "interchange": Interchanged(table()),
        "stream": Streamed(table()),
    }
    return made | {"polars": pl.from_arrow(table())}


@pytest.mark.parametrize("kind", ["table", "batch", "reader", "interchange", "stream", "polars"])
def test_every_frame_comes_as_the_same_pandas_table(kind):
    read = as_pandas(frames()[kind])
    assert isinstance(read, pd.DataFrame)
    assert read.columns.tolist() == list(COLUMNS)
    assert [None if pd.isna(i) else i for i in read["item_id"]] == [3, None, 3]
    assert all(isinstance(i, int) for i in read["item_id"].dropna())  # 3, and not 3.0
    np.testing.assert_array_equal(read["target"], [1.5, np.nan, 2.5])
    assert read["timestamp"].tolist() == list(COLUMNS["timestamp"])
    assert read["shop"].tolist()[:2] == ["a", "b"]


def test_series_of_other_libraries_come_as_those_of_pandas():
    assert as_pandas(pa.chunked_array([[1.0], [2.0]])).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("data", [5, "a", None, [1], {"a": 1}, np.ones(3), (x for x in "ab")])
def test_what_is_no_frame_is_left_alone(data):
    assert as_pandas(data) is data


def test_pandas_tables_are_not_copied():
    frame = pd.DataFrame({"a": [1]})
    assert as_pandas(frame) is frame


def test_lazy_frames_are_to_be_collected():
    lazy = pl.DataFrame({"target": [1.0]}).lazy()
    with pytest.raises(DataError, match=re.escape("LazyFrame is lazy")) as caught:
        as_pandas(lazy)
    line = re.search(r"give (.*)\.$", str(caught.value)).group(1)
    assert as_pandas(eval(line, {"data": lazy}))["target"].tolist() == [1.0]


def test_a_broken_protocol_is_refused_with_its_reason():
    class Broken:
        def __arrow_c_stream__(self, requested_schema=None):
            raise RuntimeError("no connection")

        def to_pandas(self):
            return pd.DataFrame()

    with pytest.raises(DataError, match=r"Broken cannot be read .*no connection.*data\.to_pandas"):
        as_pandas(Broken())


@pytest.mark.parametrize(
    ("methods", "line"),
    [
        (["collect", "to_pandas"], "x.collect()"),
        (["compute"], "x.compute()"),
        (["toPandas"], "x.toPandas()"),
        (["to_dataframe"], "x.to_dataframe()"),
        ([], ""),
    ],
)
def test_the_line_that_converts_is_one_that_the_object_has(methods, line):
    made = type("Other", (), {name: lambda self: None for name in methods})()
    assert conversion_of(made, "x") == line
    assert conversion_of({"a": [1]}, "x") == "pandas.DataFrame(x)"


def test_a_table_of_series_is_refused_with_the_line_that_converts_it():
    hours = pd.date_range("2024-01-01", periods=3, freq="h")
    cells = [pd.Series([1.0, 2.0, 3.0 + k], hours) for k in range(2)]
    nested = pd.DataFrame({"power": cells}, index=["a", "b"])
    with pytest.raises(DataError, match=r"'power' are whole series.* dict\(data\['power'\]\)"):
        to_dataset(nested)
    dataset = to_dataset(dict(nested["power"]))
    assert dataset.item_ids == ("a", "b")
    assert dataset.series(1).tolist() == [1.0, 2.0, 4.0]

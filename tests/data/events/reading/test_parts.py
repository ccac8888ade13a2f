"""Tables of events: what a column must hold."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tsgen.data import Interactions, read_interactions
from tsgen.errors import DataError


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)


def small(**columns):
    table = {"user_id": ["b", "a", "a"], "item_id": ["x", "y", "x"], "timestamp": [30, 20, 10]}
    return pd.DataFrame(table | columns)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (small().rename(columns={"user_id": "userid"}), r"no column 'user_id'.*'userid'"),
        (small(user_id=["b", None, "a"]), "no user id in row 1"),
        (small(item_id=[1.0, 2.0, np.nan]), "no item id in row 2"),
        (small(timestamp=["2024-01-01", "yesterday", "2024-01-02"]), "row 1: 'yesterday'"),
        (small(timestamp=["2024-01-01 10:00Z", "2024-01-01 10:00", "2024-01-02"]), "mixes"),
        (small(timestamp=[1.0, np.nan, 2.0]), "no time stamp in row 1"),
        (small(timestamp=[True, False, True]), "true and false"),
        (small(value=[1.0, np.nan, 2.0]), "no finite value in row 1"),
        (small(value=["1", "abc", "2"]), "row 1: 'abc'. Correct it, or pass value='' to leave the"),
        (small(user_id=[["a"], ["b"], ["c"]]), "a value of type list in row 0"),
        (small().iloc[:0], "no events"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(table, message):
    with pytest.raises(DataError, match=message) as caught:
        read(table)
    assert "\n" not in str(caught.value)


def test_what_is_no_table_is_refused_by_name():
    with pytest.raises(DataError, match="events are given as str; give a data frame"):
        Interactions.from_frame("events.csv")
    table = pd.DataFrame({"user_id": ["1"], "item_id": ["a"], "timestamp": [1.0]})
    with pytest.raises(DataError, match="attributes of items are given as dict"):
        Interactions.from_frame(table, items={"a": 1})


HOURS = pd.date_range("2024-01-01", periods=24, freq="h")


def events(**columns):
    table = {"user_id": list("abcd"), "item_id": "i", "timestamp": HOURS[:4]}
    return pd.DataFrame(table | columns)


def test_ids_of_bytes_are_refused(tmp_path):
    ids = pa.array([b"\xff", b"b"], pa.binary())
    table = pa.table({"user_id": ids, "item_id": ["i", "j"], "timestamp": HOURS[:2]})
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(DataError, match=r"user ids of bytes \(the first is b'\\xff'\)"):
        read_interactions(tmp_path / "log.parquet")

"""Tables of events: what a column must hold."""

import re

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_matrix

from tsgen.data import Interactions, read_interactions
from tsgen.data.events.reading import ReadOptions, unread_quantities
from tsgen.errors import DataError, DataWarning

HOURS = pd.date_range("2024-01-01", periods=24, freq="h")


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


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (pd.Series([1, 2], name="timestamp"), "table.reset_index()"),
        (polars.Series("timestamp", [1, 2]), "table.to_frame()"),
        (csr_matrix(np.eye(2)), "timestamp=times), with the times of the events"),
    ],
)
def test_what_makes_a_frame_of_columns_and_matrices_is_said(given, line):
    with pytest.raises(DataError, match=re.escape(line)) as told:
        Interactions.from_frame(given)
    assert "\n" not in str(told.value)


def test_the_lines_make_events():
    table = small(timestamp=pd.to_datetime([30, 20, 10], unit="s"))
    column = table.set_index(["user_id", "item_id"])["timestamp"]
    assert len(Interactions.from_frame(column.reset_index())) == 3
    matrix, times = csr_matrix(np.eye(2)), pd.to_datetime([1, 2], unit="s")
    pairs = pd.DataFrame(dict(zip(["user_id", "item_id"], matrix.nonzero(), strict=True)))
    assert len(Interactions.from_frame(pairs.assign(timestamp=times))) == 2


@pytest.mark.parametrize("make", [pa.Table.from_pandas, polars.from_pandas])
def test_frames_of_other_libraries_are_read_like_those_of_pandas(make):
    table = small(timestamp=pd.to_datetime([30, 20, 10], unit="s"), value=[1.0, 2.0, 3.0])
    items = pd.DataFrame({"item_id": ["y", "x"], "kind": ["new", "old"]})
    plain = read(table, items=items)
    log = read(make(table), items=make(items))
    assert log.fingerprint() == plain.fingerprint()
    assert log.item_table["kind"].tolist() == plain.item_table["kind"].tolist()
    assert (
        Interactions.like(make(table), plain.read_options).fingerprint()
        == read(table).fingerprint()
    )


def test_whole_ids_beside_a_missing_one_stay_whole():
    table = polars.DataFrame({"user_id": [7, None], "item_id": [1, 2], "timestamp": HOURS[:2]})
    with pytest.warns(DataWarning, match="1 of 2 rows"):
        log = read(table, on_missing_id="drop")
    assert log.users.ids.tolist() == [7]


@pytest.mark.parametrize(
    ("events", "line"),
    [
        (polars.DataFrame({"user_id": [1]}).lazy(), r"is lazy .*give data\.collect\(\)"),
        ({"user_id": [1], "item_id": [2]}, r"timestamp: pandas\.DataFrame\(table\)"),
        ([("a", "x", 1.0)], r"given as list; give .* pandas\.DataFrame\(table, columns=\["),
        (np.zeros((2, 3)), r"given as ndarray; give .* pandas\.DataFrame\(table, columns=\["),
        ([{"user_id": 1, "item_id": 2}], r"timestamp: pandas\.DataFrame\(table\)"),
    ],
)
def test_other_things_are_refused_with_the_line_that_converts_them(events, line):
    with pytest.raises(DataError, match=line):
        read(events)


def events(**columns):
    table = {"user_id": list("abcd"), "item_id": "i", "timestamp": HOURS[:4]}
    return pd.DataFrame(table | columns)


def test_ids_of_bytes_are_refused(tmp_path):
    ids = pa.array([b"\xff", b"b"], pa.binary())
    table = pa.table({"user_id": ids, "item_id": ["i", "j"], "timestamp": HOURS[:2]})
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(DataError, match=r"user ids of bytes \(the first is b'\\xff'\)"):
        read_interactions(tmp_path / "log.parquet")


def test_true_among_numbers_is_refused_and_not_taken_for_one():
    ids = pd.Series([1, True, 2], dtype=object)
    with pytest.raises(DataError, match="has the user id True in row 1 beside ids of other kinds"):
        read(small(user_id=ids))
    assert read(small(user_id=[True, False, True])).num_users == 2
    assert read(small(user_id=pd.Series([1, 1.0, 2], dtype=object))).num_users == 2


def test_columns_are_found_by_the_names_they_are_given():
    table = small().rename(columns={"user_id": "who", "item_id": "what", "timestamp": "when"})
    log = read(table, user_id="who", item_id="what", timestamp="when")
    assert log.fingerprint() == read(small()).fingerprint()
    with pytest.raises(DataError, match=r"no column 'whom' \(user_id\)"):
        read(table, user_id="whom", item_id="what", timestamp="when")


@pytest.mark.parametrize("kind", ["frame", "csv", "folder"])
def test_a_column_of_quantities_that_tells_returns_is_named_where_it_is_not_read(kind, tmp_path):
    table = small(Quantity=[3, -1, 2])
    given, reader = table, read
    if kind == "csv":
        given, reader = tmp_path / "log.csv", read_interactions
        table.astype({"Quantity": object}).replace({3: "n/a"}).to_csv(given, index=False)
    if kind == "folder":
        given, reader = tmp_path / "log", read_interactions
        given.mkdir()
        table[:2].to_parquet(given / "a.parquet")
        table[2:].to_parquet(given / "b.parquet")
    with pytest.warns(DataWarning, match="'Quantity' is below 0 in 1 of 3 rows.*returns='cancel'"):
        assert len(reader(given)) == 3
    assert len(reader(given, returns="keep")) == 3
    if kind != "csv":
        with pytest.warns(DataWarning, match="1 of 3 events have an amount below 0"):
            assert len(reader(given, quantity="Quantity", returns="drop")) == 2


@pytest.mark.parametrize("quantity", [["3", "-1", "2"], ["3", "(1,00)", "2"], ["3", "1-", "x"],
                                      ["3,5", "\u2212 1", "2"]])  # fmt: skip
@pytest.mark.parametrize("name", ["amount", "Units", "Betrag"])
def test_returns_in_texts_and_in_amounts_of_money_are_named_too(quantity, name, tmp_path):
    table = small(**{name: quantity})
    table.to_csv(tmp_path / "log.csv", index=False)
    for given, reader in ((table, read), (tmp_path / "log.csv", read_interactions)):
        with pytest.warns(DataWarning, match=f"'{name}' is below 0 in 1 of 3 rows"):
            assert len(reader(given)) == 3


@pytest.mark.parametrize("returns", ["cancel", "drop"])
def test_returns_to_be_treated_are_sought_in_the_column_that_has_them(returns):
    table = small(quantity=[3, -1, 2], value=[1.0, 2.0, 3.0])
    with pytest.raises(DataError, match=f"so that returns='{returns}' finds none; pass quantity="):
        read(table, returns=returns)
    with pytest.warns(DataWarning, match="1 of 3 events have an amount below 0"):
        assert len(read(table, returns=returns, quantity="quantity")) < 3
    with pytest.warns(DataWarning, match="1 of 3 events have an amount below 0"):
        assert len(read(table.assign(value=[1.0, -2.0, 3.0]), returns=returns)) < 3


def test_other_columns_and_quantities_without_returns_are_of_no_concern():
    assert len(read(small(quantity=[3, 1, 2], stock=[-1, 2, 3], qty=["-1", "a", "b"]))) == 3
    assert unread_quantities(["qty", "value", "quantity"], ReadOptions(value="quantity")) == ["qty"]
    assert unread_quantities(["qty"], ReadOptions(returns="keep")) == []

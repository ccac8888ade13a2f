"""Parquet: files of a folder agree, and no small file becomes a table larger than memory."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tsgen.data import parquet as rules
from tsgen.data import read_interactions, read_parquet, read_series
from tsgen.data.parquet import check_agreement, check_rows, parquet_files, read_parquet_files
from tsgen.errors import DataError, DataWarning, TooLargeError
from tsgen.memory import memory_limit

HOURS = pd.date_range("2024-01-01", periods=24, freq="h")


def events(**columns):
    table = {"user_id": list("abcd"), "item_id": "i", "timestamp": HOURS[:4]}
    return pd.DataFrame(table | columns)


def folder(tmp_path, *tables):
    (tmp_path / "log").mkdir()
    for k, table in enumerate(tables):
        table.to_parquet(tmp_path / "log" / f"p{k}.parquet")
    return tmp_path / "log"


@pytest.mark.parametrize(
    ("first", "second", "column", "told"),
    [
        ({}, {"timestamp": HOURS[:4].tz_localize("Europe/Berlin")}, "timestamp", "times in Europe"),
        ({}, {"value": 5.0}, "value", "has decimal numbers, p0.parquet has none"),
        ({"value": 5.0}, {}, "value", "has no such column"),
        ({"user_id": [1, 2, 3, 4]}, {"user_id": [1.0, 2.5, 3, 4]}, "user_id", "decimal numbers"),
        ({}, {"user_id": [1, 2, 3, 4]}, "user_id", "p1.parquet has whole numbers"),
        ({}, {"timestamp": HOURS[:4].astype(str)}, "timestamp", "p1.parquet has text"),
        ({"value": 1.0}, {"value": "x"}, "value", "p1.parquet has text"),
    ],
)
def test_files_of_a_folder_that_differ_are_named_with_the_column(
    tmp_path, first, second, column, told
):
    with pytest.raises(DataError, match=f"differ in the column '{column}'.*{told}") as caught:
        read_interactions(folder(tmp_path, events(**first), events(**second)))
    assert "log: the files differ" in str(caught.value)
    assert caught.value.field == column


def test_files_that_mean_the_same_are_read_whatever_their_types(tmp_path):
    small = events(user_id=np.array([1, 2, 3, 4], "int32"), value=1)
    large = events(user_id=[2**40, 2, 3, 4], value=2.5)
    fine = large.assign(timestamp=HOURS[:4].as_unit("ns"))
    coarse = small.assign(timestamp=HOURS[:4].as_unit("ms"), item_id=pd.Categorical(["i"] * 4))
    empty = events()[:0].astype({"user_id": object})
    with pytest.warns(DataWarning, match="repeat"):
        log = read_interactions(folder(tmp_path, empty, coarse, fine, fine))
    assert sorted(log.users.ids) == [1, 2, 3, 4, 2**40]
    assert sorted(set(log.value)) == [1.0, 2.5]
    assert log.to_frame()["timestamp"].min() == HOURS[0]


def test_a_parquet_file_that_would_fill_the_memory_is_refused(tmp_path):
    text = pa.array(["x" * 100_000]).take(pa.array(np.zeros(2000, np.int32)))
    table = pa.table({"item_id": text, "timestamp": [HOURS[0]] * 2000, "target": [1.0] * 2000})
    pq.write_table(table, tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < 300_000
    with (
        memory_limit("100MB"),
        pytest.raises(TooLargeError, match=r"column 'item_id'.*memory_limit"),
    ):
        read_series(tmp_path / "bomb.parquet")
    with memory_limit("10KB"), pytest.raises(TooLargeError, match="with 2,000 rows"):
        read_interactions(tmp_path / "bomb.parquet", user_id="item_id", item_id="target")


def test_texts_and_numbers_come_back_as_they_were_written(tmp_path):
    table = pd.DataFrame({"a": ["x", None, "x"], "b": [1, 2, 3], "c": pd.Categorical(list("uvu"))})
    table.to_parquet(tmp_path / "t.parquet", row_group_size=2)
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "t.parquet"), table)


def test_texts_may_take_half_of_the_memory_for_they_are_there_twice_while_they_are_read(tmp_path):
    pd.DataFrame({"a": ["x" * 1000] * 100}).to_parquet(tmp_path / "t.parquet")
    with memory_limit(200_001):
        read_parquet(tmp_path / "t.parquet")
    with memory_limit(199_999), pytest.raises(TooLargeError, match="column 'a'"):
        read_parquet(tmp_path / "t.parquet")


def test_each_cell_of_a_table_takes_eight_bytes():
    with memory_limit(8 * 10 * 3):
        check_rows(Path("t"), 10, 3)
        with pytest.raises(TooLargeError, match=r"^t, with 11 rows.*Give fewer rows"):
            check_rows(Path("t"), 11, 3)


def test_parts_that_fit_alone_and_not_together_are_refused_by_the_folder(tmp_path):
    hours = pd.DataFrame({"item_id": "a", "timestamp": HOURS, "target": 1.0})
    place = folder(tmp_path, hours, hours.assign(item_id="b"))
    assert read_series(place).item_ids == ("a", "b")
    with memory_limit("900B"), pytest.raises(TooLargeError, match=r"log.* 48 rows"):
        read_series(place)


def test_files_of_a_table_are_found_below_its_folder_but_not_what_others_hide_there(tmp_path):
    for name in ("b.parquet", "a/z.pq", "a/.x.parquet", "_temporary/c.parquet", ".git/d.parquet",
                 "a/_d.parquet", "e.csv", "f.parquet.crc"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.warns(DataWarning, match=r"holds e\.csv beside Parquet files"):
        found = parquet_files(tmp_path)
    assert found == [tmp_path / "a" / "z.pq", tmp_path / "b.parquet"]


def test_a_pipe_among_the_files_is_refused(tmp_path):
    os.mkfifo(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"a\.parquet is a pipe"):
        parquet_files(tmp_path)


def test_a_folder_of_everything_is_no_table(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "_MOST_FILES", 4)
    for k in range(3):
        (tmp_path / f"{k}.parquet").touch()
    assert len(parquet_files(tmp_path)) == 3  # with the folder itself four
    (tmp_path / "sub").mkdir()
    with pytest.raises(DataError, match="more than 4 files and folders"):
        parquet_files(tmp_path)


def test_a_table_of_numbers_is_refused_by_its_rows(tmp_path):
    pd.DataFrame({"a": np.zeros(100), "b": 1}).to_parquet(tmp_path / "t.parquet")
    with memory_limit(1600):
        assert len(read_parquet(tmp_path / "t.parquet")) == 100
    with memory_limit(1599), pytest.raises(TooLargeError, match="with 100 rows"):
        read_parquet(tmp_path / "t.parquet")


def test_a_column_twice_is_refused(tmp_path):
    once = pa.array([1])
    pq.write_table(pa.table([once, once, once], ["a", "b", "b"]), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="two columns 'b'") as caught:
        read_parquet(tmp_path / "t.parquet")
    assert caught.value.field == "b"


def test_empty_files_neither_differ_nor_change_the_types(tmp_path):
    whole = pd.DataFrame({"a": [1, 2]})
    empty = pd.DataFrame({"a": pd.Series([], dtype=str)})
    files = parquet_files(folder(tmp_path, empty, whole, empty, whole))
    table = read_parquet_files(files, ["a"], [])
    pd.testing.assert_frame_equal(table, pd.DataFrame({"a": [1, 2, 1, 2]}))
    assert read_parquet_files(files[:1], ["a"], []).empty


def test_columns_that_nobody_wants_may_differ_and_numbers_may_be_of_two_kinds(tmp_path):
    tables = [pd.DataFrame({"a": [1], "b": ["x"]}), pd.DataFrame({"a": [1.5], "b": [2]})]
    files = parquet_files(folder(tmp_path, *tables))
    check_agreement(files, ["a", "nowhere"], ["a"])
    with pytest.raises(DataError, match=r"p1\.parquet has decimal numbers, p0\.parquet has whole"):
        check_agreement(files, ["a"], ["b"])
    with pytest.raises(DataError, match=r"p1\.parquet has whole numbers, p0\.parquet has text"):
        check_agreement(files, ["b"], ["a", "b"])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (pa.string(), pa.large_string(), True),
        (pa.string(), pa.dictionary(pa.int8(), pa.string()), True),
        (pa.int8(), pa.uint64(), True),
        (pa.float32(), pa.decimal128(5, 2), True),
        (pa.timestamp("ms"), pa.timestamp("ns"), True),
        (pa.timestamp("ms", "UTC"), pa.timestamp("ns", "UTC"), True),
        (pa.timestamp("ms"), pa.timestamp("ms", "UTC"), False),
        (pa.timestamp("ms", "UTC"), pa.timestamp("ms", "Asia/Tokyo"), False),
        (pa.date32(), pa.timestamp("s"), False),
        (pa.bool_(), pa.int8(), False),
        (pa.string(), pa.binary(), False),
        (pa.int64(), pa.float64(), False),
    ],
)
def test_types_that_are_read_alike_agree(tmp_path, one, other, alike):
    empty = pa.table({"a": pa.array([None], one)}), pa.table({"a": pa.array([None], other)})
    for k, table in enumerate(empty):
        pq.write_table(table, tmp_path / f"{k}.parquet")
    if alike:
        check_agreement(parquet_files(tmp_path), ["a"], [])
        return
    with pytest.raises(DataError, match=r"column 'a': 1\.parquet has .*0\.parquet has "):
        check_agreement(parquet_files(tmp_path), ["a"], [])

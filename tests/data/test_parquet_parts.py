"""Parquet tables: parts that agree become one table; what does not is named, file and column."""

import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tsgen.data import parquet, read_interactions, read_series
from tsgen.data.parquet import check_agreement, parquet_files, read_parquet_files
from tsgen.errors import DataError, DataWarning, TooLargeError
from tsgen.memory import memory_limit


@pytest.fixture
def table():
    times = pd.date_range("2024-01-01", periods=6, freq="h")
    return pd.DataFrame({"item_id": "a", "timestamp": times, "target": np.arange(6.0)})


def parts(folder, *tables):
    folder.mkdir()
    for k, table in enumerate(tables):
        table.to_parquet(folder / f"p{k}.parquet")
    return folder


def test_a_folder_of_tables_is_read_as_one_series_table(tmp_path, table):
    place = parts(tmp_path / "x", table[:3], table[3:], table.assign(item_id="b"))
    read = read_series(place)
    assert read.item_ids == ("a", "b")
    np.testing.assert_array_equal(read.series(0), np.arange(6.0))


def test_empty_parts_do_not_change_types(tmp_path, table):
    empty = pd.DataFrame({"item_id": [], "timestamp": [], "target": []})
    read = read_series(parts(tmp_path / "x", empty, table))
    assert read.lengths.tolist() == [6]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.drop(columns="target"), r"'target': p1.parquet has no such column"),
        (lambda t: t.assign(item_id=1), r"'item_id': p1.parquet has whole numbers"),
        (
            lambda t: t.assign(timestamp=t["timestamp"].dt.tz_localize("Europe/Berlin")),
            r"'timestamp': p1.parquet has times in Europe/Berlin",
        ),
    ],
)
def test_parts_that_differ_are_named_with_their_column(tmp_path, table, change, told):
    with pytest.raises(DataError, match=told):
        read_series(parts(tmp_path / "x", table, change(table)))


def test_whole_and_decimal_numbers_may_mix_in_the_values_alone(tmp_path, table):
    whole = table.assign(item_id="b", target=[1, 2, 3, 4, 5, 6])
    assert len(read_series(parts(tmp_path / "x", table, whole))) == 2
    files = sorted((tmp_path / "x").iterdir())
    with pytest.raises(DataError, match="'target'"):
        check_agreement(files, ["target"], ())


@pytest.mark.parametrize("content", [b"", b"junk" * 20])
def test_the_file_that_cannot_be_read_is_named_once(tmp_path, table, content):
    place = parts(tmp_path / "x", table, table)
    (place / "p1.parquet").write_bytes(content)
    events = table.rename(columns={"target": "user_id"}).assign(user_id="u")
    log = parts(tmp_path / "log", events, events)
    (log / "p1.parquet").write_bytes(content)
    for read, path in ((read_series, place), (read_interactions, log)):
        with pytest.raises(DataError, match=r"p1\.parquet is (not a|empty)") as caught:
            read(path)
        assert str(caught.value).count(str(path)) == 1


def test_parts_that_are_larger_than_memory_together_are_refused(tmp_path, table):
    files = sorted(parts(tmp_path / "x", table, table).iterdir())
    with memory_limit(8 * 3 * 10), pytest.raises(TooLargeError, match="12 rows"):
        read_parquet_files(files, ["item_id"], ())


def test_lists_without_a_start_are_told_apart_from_entries(tmp_path, table):
    lists = pd.DataFrame({"item_id": ["a"], "target": [[1.0, 2.0]]})
    lists.to_parquet(tmp_path / "l.parquet")
    with pytest.raises(DataError, match=r"holds lists.*no column 'start'"):
        read_series(tmp_path / "l.parquet")


def test_a_folder_of_everything_is_refused_before_all_of_it_is_seen(tmp_path, table, monkeypatch):
    place = parts(tmp_path / "x", table, table)
    table.to_parquet(place / "_hidden.parquet")
    assert [file.name for file in parquet_files(tmp_path)] == ["p0.parquet", "p1.parquet"]
    monkeypatch.setattr(parquet, "_MOST_FILES", 3)
    for read in (read_series, read_interactions):
        with pytest.raises(DataError, match="more than 3 files and folders; give the folder of"):
            read(place)


def test_what_other_programs_hide_in_a_folder_is_no_part_of_the_table(tmp_path, table):
    place = parts(tmp_path / "x", table)
    for hidden in ("_temporary", ".cache"):
        parts(place / hidden, table.assign(item_id="b"))
    table.to_parquet(place / "_p.parquet")
    assert parquet_files(place) == [place / "p0.parquet"]
    assert read_series(place).item_ids == ("a",)


@pytest.mark.parametrize("read", [read_series, read_interactions])
def test_a_pipe_among_the_parts_is_refused_and_not_waited_for(tmp_path, table, read):
    place = parts(tmp_path / "x", table.assign(user_id="u"))
    os.mkfifo(place / "p1.parquet")
    with pytest.raises(DataError, match=r"p1\.parquet is a pipe or a device"):
        read(place)


def test_two_columns_of_one_name_are_told_as_such(tmp_path, table):
    twice = pa.table([pa.array([1.0])] * 2, names=["target", "target"])
    pq.write_table(twice, tmp_path / "t.parquet")
    with pytest.raises(DataError, match="has two columns 'target'"):
        read_series(tmp_path / "t.parquet")


def test_data_of_other_kinds_beside_parquet_files_are_told(tmp_path, table):
    place = parts(tmp_path / "x", table)
    for name in ("_note.csv", "readme.md", "metadata"):
        (place / name).touch()
    assert len(parquet_files(place)) == 1
    (place / "b.csv").touch()
    with pytest.warns(DataWarning, match=r"x holds b.csv beside Parquet files, which alone"):
        read_series(place)
    (place / "deep").mkdir()
    (place / "deep" / "C.XLSX").touch()
    with pytest.warns(DataWarning, match=r"x holds b.csv and 1 more beside"):
        parquet_files(place)

"""What used to be read without a word, and wrongly: refused or told, with the place."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tsgen.data import Interactions, read_interactions, read_series, to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError, TooLargeError
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


@pytest.mark.parametrize(
    "times",
    [
        ["10:00", "11:00"],
        ["10:00:00", "11:00:00"],
        ["9:15 pm", "1:00Z"],
        ["Jan", "Feb"],
        ["Monday", "Tuesday"],
        ["today", "now"],
    ],
)
def test_times_without_a_date_are_refused(times, tmp_path):
    table = pd.DataFrame({"item_id": "a", "timestamp": times, "target": 1.0})
    with pytest.raises(DataError, match="row 0, a time without a date"):
        to_dataset(table, freq="h")
    table.rename(columns={"item_id": "user_id", "target": "item_id"}).to_csv(
        tmp_path / "log.csv", index=False
    )
    with pytest.raises(DataError, match="time"):
        read_interactions(tmp_path / "log.csv")


def test_a_daily_series_among_hourly_ones_is_refused_unless_the_frequency_is_said():
    hourly = pd.DataFrame({"item_id": "a", "timestamp": HOURS, "target": 1.0})
    days = pd.date_range("2024-01-01", periods=9, freq="D")
    daily = pd.DataFrame({"item_id": "b", "timestamp": days, "target": 1.0})
    both = pd.concat([hourly, hourly.assign(item_id="c"), daily])
    with pytest.raises(DataError, match=r"Series 'b' has a row every 24 steps of freq='h'"):
        to_dataset(both)
    assert len(to_dataset(both, freq="h")) == 3
    gappy = hourly.assign(item_id="b").iloc[[0, 2, 4, 5, 6, 8, 10, 12, 14, 16]]
    assert len(to_dataset(pd.concat([hourly, gappy]))) == 2


@pytest.mark.parametrize("text", ["b\0x", "\0"])
def test_nul_in_ids_is_refused_everywhere(text, tmp_path):
    table = pd.DataFrame({"item_id": text, "timestamp": HOURS, "target": 1.0})
    with pytest.raises(DataError, match="NUL character"):
        to_dataset(table)
    (tmp_path / "s.csv").write_text(table.to_csv(index=False))
    with pytest.raises(DataError, match=r"s\.csv: The file has a NUL byte \(at byte"):
        read_series(tmp_path / "s.csv")
    with pytest.raises(DataError, match="NUL character"):
        Interactions.from_frame(events(user_id=[text, "a", "b", "c"]))


def test_ids_that_are_one_text_are_refused():
    rows = [pd.DataFrame({"item_id": i, "timestamp": HOURS, "target": 1.0}) for i in (1, "1")]
    with pytest.raises(DataError, match="item ids 1 and '1', which are one text"):
        to_dataset(pd.concat(rows))
    with pytest.raises(DataError, match="user ids 1 and '1'"):
        Interactions.from_frame(events(user_id=pd.Series([1, "1", 2, 3], dtype=object)))
    Interactions.from_frame(events(user_id=pd.Series([1, "a", 2, 3], dtype=object)))


def test_ids_of_bytes_are_refused(tmp_path):
    ids = pa.array([b"\xff", b"b"], pa.binary())
    table = pa.table({"user_id": ids, "item_id": ["i", "j"], "timestamp": HOURS[:2]})
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(DataError, match=r"user ids of bytes \(the first is b'\\xff'\)"):
        read_interactions(tmp_path / "log.parquet")


def test_one_column_has_one_role():
    with pytest.raises(SettingsError, match="user_id='item_id' and item_id='item_id' are one"):
        Interactions.from_frame(events(), user_id="item_id")
    table = pd.DataFrame({"item_id": "a", "timestamp": HOURS, "target": 1.0})
    with pytest.raises(SettingsError, match="item_id='item_id' and static='item_id' are one"):
        to_dataset(table, static=["item_id"])


@pytest.mark.parametrize("stamp", ["0001-01-01", "9999-12-31", "2263-01-01"])
def test_events_of_impossible_years_are_told(stamp, tmp_path):
    table = events(timestamp=[*HOURS[:3].astype(str), f"{stamp} 00:00:00"])
    table.to_csv(tmp_path / "log.csv", index=False)
    with pytest.warns(DataWarning, match=f"1 events before 1900.*row 3, {stamp}"):
        read_interactions(tmp_path / "log.csv")


def test_entries_without_a_start_or_with_features_that_are_no_numbers_are_told():
    entry = {"item_id": "a", "target": [1.0, 2, 3], "start": pd.NaT}
    with pytest.raises(DataError, match="The start of series 'a' is missing"):
        to_dataset([entry], freq="h")
    start = pd.Period("2024-01-01", "h")
    with pytest.raises(DataError, match=r"feat_static_real=\{'a': 1\}, which are no numbers"):
        to_dataset([entry | {"start": start, "feat_static_real": {"a": 1}}])


# ---- files that are no table --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x1f\x8b\x08\x00rest", "compressed by gzip; give it a name that ends in .gz"),
        ("item_id,timestamp,target\na,2024-01-01,1\n".encode("utf-16"), "UTF-16 text; save it as"),
        (b"PK\x03\x04rest", "a zip archive or a workbook"),
        (b"PAR1rest", "a Parquet file; give it a name"),
        (b"item_id,timestamp,target\ra,2024-01-01,1\r", "end as on old Macs"),
        (b"a" * (1 << 21), "first line has a million characters"),
    ],
)
@pytest.mark.parametrize("read", [read_series, read_interactions])
def test_what_is_no_table_of_text_is_called_by_its_name(tmp_path, content, told, read):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=told):
        read(tmp_path / "t.csv")


@pytest.mark.parametrize("read", [read_series, read_interactions])
def test_pipes_long_paths_and_closed_files_are_refused_at_once(tmp_path, read, monkeypatch):
    import os

    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="is a pipe or a device"):
        read(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="cannot be opened: File name too long"):
        read(tmp_path / ("x" * 5000 + ".csv"))
    (tmp_path / "t.csv").write_text("x")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(DataError, match="no permission to read"):
        read(tmp_path / "t.csv")


def test_a_parquet_file_that_would_fill_the_memory_is_refused(tmp_path):
    text = pa.array(["x" * 100_000]).take(pa.array(np.zeros(2000, np.int32)))
    table = pa.table({"item_id": text, "timestamp": [HOURS[0]] * 2000, "target": [1.0] * 2000})
    pq.write_table(table, tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < 300_000
    with (
        memory_limit("100MB"),
        pytest.raises(TooLargeError, match=r"column 'item_id'.*--max-memory"),
    ):
        read_series(tmp_path / "bomb.parquet")
    with memory_limit("10KB"), pytest.raises(TooLargeError, match="with 2,000 rows"):
        read_interactions(tmp_path / "bomb.parquet", user_id="item_id", item_id="target")

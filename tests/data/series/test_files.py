import gzip
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest

from strategies import series_with_everything
from tsgen.data import (
    read_series,
    simulate_series,
    to_dataset,
    write_series,
)
from tsgen.data.series.files import _of_one_type
from tsgen.errors import DataError, DataWarning, OutputError


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.parquet"])
def test_tables_survive_the_file(tmp_path, name):
    table = series_with_everything().to_frame()
    dataset = to_dataset(table, static=["shop"], timezone="Europe/Berlin")
    write_series(dataset, tmp_path / name)
    again = read_series(tmp_path / name, static=["shop"], timezone="Europe/Berlin")
    assert again.fingerprint() == dataset.fingerprint()


def test_equal_data_give_equal_bytes(tmp_path):
    for k in "ab":
        write_series(series_with_everything(), tmp_path / k / "folder")
        write_series(series_with_everything(), tmp_path / k / "table.csv.gz")
    for name in ("folder/train/data.json.gz", "folder/tsgen.json", "table.csv.gz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_csv_ids_and_categories_are_not_guessed_at(tmp_path):
    (tmp_path / "t.csv").write_text(
        "item_id,timestamp,target,country\n"
        "007,2024-01-01,0.1,NA\n007,2024-01-02,,NA\nNA,2024-01-01,3,DE\nNA,2024-01-02,4,DE\n"
    )
    dataset = read_series(tmp_path / "t.csv", static="country")
    assert dataset.item_ids == ("007", "NA")
    assert dataset.static_categories == (("DE", "NA"),)
    np.testing.assert_array_equal(dataset.series(0), [0.1, np.nan])
    (tmp_path / "n.csv").write_text("item_id,timestamp,target\n7,2024-01,1\n7,2024-02,2\n")
    assert read_series(tmp_path / "n.csv").item_ids == (7,)


def test_semicolons_and_decimal_commas_are_read(tmp_path):
    (tmp_path / "t.csv").write_text(
        "item_id;timestamp;target\na;31.01.2024 00:00;1,5\na;31.01.2024 01:00;2\n"
    )
    assert read_series(tmp_path / "t.csv").values.tolist() == [1.5, 2.0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "empty"),
        ("header.csv", b"item_id,timestamp,target\n", "no rows"),
        ("bad.csv", b"item_id,timestamp,target\na,2024-01-01,1\na,2024-01-02,x\n", "row 1: 'x'"),
        ("ragged.csv", b"item_id,timestamp,target\na,2024-01-01,1,2,3\n", "t.*"),
        ("bytes.csv", b"item_id,timestamp,target\n\xff\xfe,2024-01-01,1\n", "not UTF-8 text. Save"),
        (
            "z\xfcrich.csv",
            "item_id,timestamp,target,ort\na,2024-01-01,1,Z\xfcrich\n".encode("latin-1"),
            "not UTF-8",
        ),
        (
            "twice.csv",
            b"item_id,timestamp,target,target\na,2024-01-01,1,2\n",
            "two columns 'target'",
        ),
        (
            "long.csv",
            b"item_id,timestamp,target\na,2024-01-01,1\na,2024-01-02,1,2\n",
            r"line 3 has 4",
        ),
        ("bad.parquet", b"PAR1", "not a complete Parquet file"),
        ("bad.json.gz", b"no gzip", "not a sound gzip file"),
        (
            "cut.json.gz",
            gzip.compress(mtime=0, data=b'{"start": 1}\n' * 999)[:40],
            "not a complete gzip file",
        ),
        ("text.jsonl", b"hello\n", "line 0 of text.jsonl is not a JSON object"),
        ("list.jsonl", b"[1, 2]\n", "Entry 0 .* list, not a dictionary"),
        ("table.xlsx", b"", "unknown kind"),
    ],
)
def test_unreadable_files_are_refused_with_their_name(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_series(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_a_file_that_ends_amid_a_line_is_told(tmp_path, name):
    whole = b"item_id,timestamp,target\na,2024-01-01,1\na,2024-01-02,2\na,2024-01-03"
    for content, told in ((whole, True), (whole + b",\n\n", False), (whole + b",3", False)):
        packed = gzip.compress(content, mtime=0) if name.endswith(".gz") else content
        (tmp_path / name).write_bytes(packed)
        expected = pytest.warns(DataWarning, match="fewer than the 3") if told else nullcontext()
        with expected:
            assert len(read_series(tmp_path / name).series(0)) == 3


def test_tabs_are_read_and_a_table_is_no_file(tmp_path):
    data = simulate_series(2, 5)
    data.to_frame().to_csv(tmp_path / "tabs.tsv", sep="\t", index=False)
    np.testing.assert_array_equal(read_series(tmp_path / "tabs.tsv").values, data.values)
    with pytest.raises(DataError, match="give a table to to_dataset"):
        read_series(data.to_frame())


def test_missing_files_and_foreign_folders_are_refused(tmp_path):
    (tmp_path / "train.csv").touch()
    with pytest.raises(DataError, match=r"mean 'train.csv'"):
        read_series(tmp_path / "trian.csv")
    with pytest.raises(DataError, match="nor GluonTS data"):
        read_series(tmp_path)
    (tmp_path / "model.json").touch()
    with pytest.raises(DataError, match=r"saved model.*tsgen\.load"):
        read_series(tmp_path)
    with pytest.raises(TypeError, match="mean 'freq'"):
        read_series(tmp_path, frequ="h")


def test_nothing_is_overwritten_unasked(tmp_path):
    place = tmp_path / "folder"
    write_series(simulate_series(1, 5), place)
    with pytest.raises(OutputError, match="exists already"):
        write_series(simulate_series(2, 5), place)
    write_series(simulate_series(2, 5), place, overwrite=True)
    assert len(read_series(place)) == 2
    with pytest.raises(OutputError, match="unknown suffix"):
        write_series(simulate_series(1, 5), tmp_path / "x.xlsx")


@pytest.mark.parametrize(
    ("name", "freq"),
    [
        ("aus_retail", "M"),
        ("australian_tourism", "Q-DEC"),
        ("exchange_rate", "B"),
        ("electricity_weekly", "W-SUN"),
        ("nyc_taxi", "30min"),
        ("hangzhou_metro", "10min"),
        ("carparts", "M"),
    ],
)
def test_real_data_of_many_frequencies_come_back_unchanged(shared_data, name, freq):
    path = shared_data / "timeseries" / f"{name}.parquet"
    table = pd.read_parquet(path)
    dataset = read_series(path)
    assert dataset.freq == freq
    back = dataset.to_frame().dropna(subset="target").reset_index(drop=True)
    table = table.dropna(subset="target").reset_index(drop=True)
    pd.testing.assert_frame_equal(back, table, check_dtype=False)


def test_points_beside_decimal_commas_may_be_thousands_and_are_refused(tmp_path):
    rows = "item_id;timestamp;target\na;2024-01-01;{}\na;2024-01-02;2,5\n"
    (tmp_path / "t.csv").write_text(rows.format("1.234"))
    with pytest.raises(DataError, match=r"'1\.234' in row 0 beside numbers with a decimal comma"):
        read_series(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text(rows.format("1.5"))
    assert read_series(tmp_path / "t.csv").values.tolist() == [1.5, 2.5]


def hours(**columns):
    table = {"item_id": "a", "timestamp": pd.date_range("2024-01-01", periods=6, freq="h")}
    return pd.DataFrame(table | {"target": np.arange(6.0)} | columns)


def in_parts(folder, *tables):
    folder.mkdir()
    for k, table in enumerate(tables):
        table.to_parquet(folder / f"p{k}.parquet")
    return folder


def test_a_folder_of_one_table_is_that_table(tmp_path):
    read = read_series(in_parts(tmp_path / "x", hours()))
    np.testing.assert_array_equal(read.series(0), np.arange(6.0))


def test_parts_agree_in_what_is_read_and_numbers_may_be_whole_in_one(tmp_path):
    odd = hours(item_id="b", note=7, target=np.arange(6))
    read = read_series(in_parts(tmp_path / "x", hours(note="seven"), odd))
    assert read.item_ids == ("a", "b")
    texts = hours(item_id="b").astype({"timestamp": str})
    with pytest.raises(DataError, match=r"p1\.parquet has text.*timestamp|timestamp.*p1\.parquet"):
        read_series(in_parts(tmp_path / "y", hours(), texts))


def test_lists_in_a_column_are_entries_if_they_start_somewhere(tmp_path):
    entries = pd.DataFrame({"item_id": ["a"], "target": [[1.0, 2.0, 3.0]]})
    entries.to_parquet(tmp_path / "x.parquet")
    with pytest.raises(DataError, match="there is no column 'start'"):
        read_series(tmp_path / "x.parquet", freq="h")
    entries.assign(start="2024-01-01").to_parquet(tmp_path / "y.parquet")
    assert read_series(tmp_path / "y.parquet", freq="h").lengths.tolist() == [3]


def test_ids_of_two_types_become_text_and_none_stays_none():
    ids = pd.DataFrame({"item_id": [1, "x"], "source_item_id": pd.Series([2, None], dtype=object)})
    made = _of_one_type(ids)
    assert made["item_id"].tolist() == ["1", "x"]
    assert made["source_item_id"].tolist() == ["2", None]
    plain = pd.DataFrame({"item_id": [1, 2], "source_item_id": pd.Series([2, None], dtype=object)})
    assert _of_one_type(plain) is plain

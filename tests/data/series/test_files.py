import gzip
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from strategies import series_with_everything
from tsgen.data import (
    read_series,
    simulate_series,
    to_dataset,
    write_series,
)
from tsgen.data.series.files import _of_one_type, csv_header, whole_numbers
from tsgen.errors import DataError, DataWarning, OutputError, SettingsError


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


def test_tables_begin_with_their_columns_and_have_no_index(tmp_path):
    data = simulate_series(2, 5)
    write_series(data, tmp_path / "t.csv")
    header = (tmp_path / "t.csv").read_text().splitlines()[0]
    assert header.split(",")[:3] == ["item_id", "timestamp", "target"]
    write_series(data, tmp_path / "t.parquet")
    assert pq.read_schema(tmp_path / "t.parquet").names[:3] == ["item_id", "timestamp", "target"]
    assert pd.read_csv(tmp_path / "t.csv").columns.tolist() == header.split(",")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_only_a_long_table_says_of_which_series_synthetic_ones_were_made(tmp_path, name):
    made = replace(simulate_series(2, 5), info=({"source_item_id": "a"}, {"source_item_id": "b"}))
    write_series(made, tmp_path / name)
    long = pd.read_csv(tmp_path / name) if name == "t.csv" else pd.read_parquet(tmp_path / name)
    assert long["source_item_id"].tolist() == ["a"] * 5 + ["b"] * 5
    write_series(made, tmp_path / name, layout="nixtla", overwrite=True)
    other = pd.read_csv(tmp_path / name) if name == "t.csv" else pd.read_parquet(tmp_path / name)
    assert other.columns.tolist() == ["unique_id", "ds", "y"]


@pytest.mark.parametrize("layout", ["wide", "gluonts", "nixtla"])
@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_tables_of_other_layouts_come_back(tmp_path, layout, name):
    data = simulate_series(2, 5)
    write_series(data, tmp_path / name, layout=layout)
    again = read_series(tmp_path / name, **({"layout": "wide"} if layout == "wide" else {}))
    np.testing.assert_allclose(again.values, data.values)
    np.testing.assert_array_equal(again.starts, data.starts)
    assert again.item_ids == data.item_ids


def test_a_layout_is_of_a_table(tmp_path):
    with pytest.raises(SettingsError, match="layout='wide' is of a table"):
        write_series(simulate_series(1, 5), tmp_path / "folder", layout="wide")
    assert not (tmp_path / "folder").exists()


def test_ids_that_a_spreadsheet_would_run_are_told_or_neutralised(tmp_path):
    data = to_dataset(hours(item_id="=1+1"))
    with pytest.warns(DataWarning, match="may run them"):
        write_series(data, tmp_path / "told.csv")
    assert "\n=1+1," in (tmp_path / "told.csv").read_text()
    assert read_series(tmp_path / "told.csv").item_ids == ("=1+1",)
    write_series(data, tmp_path / "safe.csv", spreadsheet_safe=True)
    assert "\n'=1+1," in (tmp_path / "safe.csv").read_text()
    with pytest.warns(DataWarning, match="were neutralised"):
        assert read_series(tmp_path / "safe.csv").item_ids == ("=1+1",)


def test_two_columns_of_one_name_matter_where_they_are_read(tmp_path):
    rows = "item_id,timestamp,target,{0},{0}\na,2024-01-01,1,x,y\na,2024-01-02,2,x,y\n"
    (tmp_path / "t.csv").write_text(rows.format("note"))
    assert read_series(tmp_path / "t.csv").values.tolist() == [1, 2]
    with pytest.raises(DataError, match="two columns 'note'"):
        read_series(tmp_path / "t.csv", static="note")
    (tmp_path / "t.csv").write_text(rows.format("timestamp"))
    with pytest.raises(DataError, match="two columns 'timestamp'"):
        read_series(tmp_path / "t.csv")
    (tmp_path / "w.csv").write_text("timestamp,x,x\n2024-01-01,1,2\n2024-01-02,1,2\n")
    with pytest.raises(DataError, match="two columns 'x'"):
        read_series(tmp_path / "w.csv", layout="wide")
    with pytest.raises(DataError, match="two columns 'x'"):
        read_series(tmp_path / "w.csv")


def test_wide_tables_have_decimal_commas_in_any_column(tmp_path):
    text = "timestamp;north;south\n2024-01-01 00:00;1,5;7\n2024-01-01 01:00;2,5;8\n"
    (tmp_path / "w.csv").write_text(text)
    assert read_series(tmp_path / "w.csv", layout="wide").values.tolist() == [1.5, 2.5, 7, 8]
    with pytest.warns(DataWarning, match="taken as wide"):
        assert read_series(tmp_path / "w.csv").item_ids == ("north", "south")


def test_commas_in_a_table_of_commas_are_no_decimals(tmp_path):
    (tmp_path / "t.csv").write_text('item_id,timestamp,target\na,2024-01-01,"1,5"\n')
    with pytest.raises(DataError, match="'1,5'"):
        read_series(tmp_path / "t.csv")


def test_all_digits_of_a_number_are_read(tmp_path):
    values = [0.1 + 0.2, 1e-300, 123456789.123456789, 5e-324]
    table = hours()[:4].assign(target=values)
    table.to_csv(tmp_path / "t.csv", index=False)
    assert read_series(tmp_path / "t.csv").values.tolist() == values


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["1", "0", "-5"], [1, 0, -5]),
        (["1", None], [1, None]),
        (["9" * 18], [10**18 - 1]),
        (["9" * 19], ["9" * 19]),
        (["1", "01"], ["1", "01"]),
        (["1", "-0"], ["1", "-0"]),
        (["1", "+1"], ["1", "+1"]),
        (["1", "1.0"], ["1", "1.0"]),
        (["1", "x"], ["1", "x"]),
    ],
)
def test_texts_are_whole_numbers_if_all_are_written_in_the_usual_way(texts, read):
    column = whole_numbers(pd.Series(texts, dtype=object))
    assert [None if pd.isna(value) else value for value in column] == read


def test_nothing_is_no_whole_number():
    assert whole_numbers(pd.Series([None, None], dtype=object)).dtype == object


@pytest.mark.parametrize(
    ("header", "mark"),
    [("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ("a;b,c", ","), ("a\tb;c", ";"), ("ab", ",")],
)
def test_the_separator_is_found_in_the_header(tmp_path, header, mark):
    (tmp_path / "t.csv").write_text(header + "\n")
    separator, names = csv_header(tmp_path / "t.csv", {"a"})
    assert (separator, names) == (mark, header.split(mark))


def test_a_header_may_hold_the_separator_in_quotation_marks(tmp_path):
    (tmp_path / "t.csv").write_text('"a,b",c,c\n')
    assert csv_header(tmp_path / "t.csv", {"a,b"}) == (",", ["a,b", "c", "c"])
    with pytest.raises(DataError, match="two columns 'c'"):
        csv_header(tmp_path / "t.csv", {"c"})


def test_folders_of_tables_are_read_in_the_layout_and_columns_asked_for(tmp_path):
    wide = pd.DataFrame({"timestamp": hours()["timestamp"], "u": np.arange(6.0), "v": 1.0})
    later = wide.assign(timestamp=wide["timestamp"] + pd.Timedelta("6h"))
    place = in_parts(tmp_path / "w", wide, later)
    assert read_series(place, layout="wide").lengths.tolist() == [12, 12]
    with pytest.warns(DataWarning, match="taken as wide"):
        assert read_series(place).item_ids == ("u", "v")
    for options in ({}, {"layout": "wide"}):
        with pytest.raises(DataError, match="differ in the column 'v'"):
            read_series(
                in_parts(tmp_path / f"v{options}", wide, later.drop(columns="v")), **options
            )
    shops = hours(shop="north"), hours(shop=7, item_id="b")
    assert read_series(in_parts(tmp_path / "s", *shops)).item_ids == ("a", "b")
    with pytest.raises(DataError, match="differ in the column 'shop'"):
        read_series(tmp_path / "s", static="shop")
    sources = hours(source_item_id="z"), hours(source_item_id=1, item_id="b")
    with pytest.raises(DataError, match="differ in the column 'source_item_id'"):
        read_series(in_parts(tmp_path / "p", *sources))


def test_a_folder_with_metadata_or_train_is_of_gluonts_whatever_else_it_has(tmp_path):
    for k, name in enumerate(("folder", "other")):
        write_series(simulate_series(1, 5), tmp_path / name)
        hours().to_parquet(tmp_path / name / "beside.parquet")
        if k:
            (tmp_path / name / "metadata.json").unlink()
        read = read_series(tmp_path / name, freq="h")
        assert read.item_ids == ("series-0",)


def test_parts_that_are_entries_are_read_as_entries(tmp_path):
    entries = pd.DataFrame({"item_id": ["a"], "start": "2024-01-01", "target": [[1.0, 2.0]]})
    place = in_parts(tmp_path / "x", entries, entries.assign(item_id="b"))
    assert read_series(place, freq="h").item_ids == ("a", "b")


def test_a_series_without_ids_is_one_series(tmp_path):
    hours().drop(columns="item_id").to_csv(tmp_path / "t.csv", index=False)
    assert len(read_series(tmp_path / "t.csv", item_id=None)) == 1


def test_several_targets_are_channels_wherever_they_stand(tmp_path):
    table = hours(other=np.arange(6) * 2)
    for name in ("t.csv", "t.parquet"):
        place = tmp_path / name
        table.to_csv(place, index=False) if name == "t.csv" else table.to_parquet(place)
        read = read_series(place, target=["target", "other"])
        assert read.channels == ("target", "other")
        np.testing.assert_array_equal(read.values, [np.arange(6), np.arange(6) * 2])
    place = in_parts(tmp_path / "x", table, table.assign(item_id="b"))
    assert read_series(place, target=["target", "other"]).channels == ("target", "other")

"""What stands at a path: files of other kinds, and other parsers' errors in one sentence."""

import bz2
import gzip
import lzma
import sys
from pathlib import Path

import pandas as pd
import pytest

from tsgen.data import check_exists, read_interactions, read_series, reading
from tsgen.data.reading import check_text, first_line, unreadable
from tsgen.errors import DataError, SettingsError, TooLargeError
from tsgen.memory import memory_limit


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


# ---- errors of other people's parsers -----------------------------------------------------------


def test_an_error_of_the_data_keeps_its_place_and_gets_the_path(tmp_path):
    with pytest.raises(DataError) as caught, reading(Path("t.csv")):
        raise DataError("row 3 is wrong", item_id="a", field="target", row=3)
    error = caught.value
    assert str(error) == "t.csv: row 3 is wrong"
    assert (error.item_id, error.field, error.row) == ("a", "target", 3)


@pytest.mark.parametrize(
    ("raised", "expected", "told"),
    [
        (SettingsError("unit"), SettingsError, "^unit$"),
        (MemoryError(), TooLargeError, r"^t\.csv does not fit into memory"),
        (OSError("Failed to launch worker thread"), TooLargeError, "does not fit into memory"),
        (ValueError("two\nlines."), DataError, r"^t\.csv cannot be read: two lines\.$"),
        (ValueError(""), DataError, r"cannot be read: ValueError\.$"),
        (EOFError("Compressed file ended"), DataError, r"ended\. Is it complete\?$"),
        (OSError(5, "Input/output error"), DataError, r"cannot be read: Input/output error\.$"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), DataError, "is not UTF-8 text. Save it"),
        (ValueError("CSV conversion error: invalid UTF8 data"), DataError, "is not UTF-8 text"),
    ],
)
def test_what_another_parser_raises_becomes_one_sentence_about_the_file(raised, expected, told):
    with pytest.raises(expected, match=told), reading(Path("t.csv")):
        raise raised


def test_a_name_nearly_right_is_suggested(tmp_path):
    (tmp_path / "events.csv").write_text("x")
    check_exists(tmp_path / "events.csv")
    check_exists(tmp_path)
    with pytest.raises(DataError, match=r"event\.csv\. Did you mean 'events\.csv'\?"):
        check_exists(tmp_path / "event.csv")
    with pytest.raises(DataError, match="There is no file or folder"):
        check_exists(tmp_path / "nowhere" / "event.csv")
    (tmp_path / "gone.csv").symlink_to("nowhere.csv")
    with pytest.raises(DataError, match=r"gone\.csv is a link to nowhere\.csv, where nothing"):
        check_exists(tmp_path / "gone.csv")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bz2.compress(b"a,b"), "bzip2; unpack"),
        (lzma.compress(b"a,b"), "xz; unpack"),
        ("a,b".encode("utf-32"), "UTF-32 text"),
        ("a,b".encode("utf-16"), "UTF-16 text"),
        ("a,b".encode("utf-16-be"), "NUL bytes.*UTF-16"),
    ],
)
def test_files_of_other_kinds_are_called_what_they_are(tmp_path, content, told):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=told):
        first_line(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["t.arrow", "t.feather", "t.parquet"])
def test_an_empty_file_is_called_so(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(DataError, match=rf"^{tmp_path / name} is empty; write or copy it again\.$"):
        read_series(tmp_path / name)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_first_line_is_read_with_any_line_end_and_mark(tmp_path, pack):
    path = tmp_path / ("t.csv.gz" if pack is gzip.compress else "t.csv")
    for end in ("\n", "\r\n", ""):
        path.write_bytes(pack("\ufeffa,b".encode() + end.encode() + b"1,2" * bool(end)))
        assert first_line(path).rstrip("\r\n") == "a,b"
    for content, told in ((b"", "empty"), (b"  \n1", "empty"), (b"a\0b\n", "NUL bytes")):
        path.write_bytes(pack(content))
        with pytest.raises(DataError, match=told):
            first_line(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_nul_is_found_at_its_byte_however_far_it_lies(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(sys.modules["tsgen.data.reading"], "_LONGEST", 4)
    path = tmp_path / ("t.csv.gz" if pack is gzip.compress else "t.csv")
    path.write_bytes(pack(b"abcdefghij"))
    check_text(path)
    for place in (0, 3, 4, 9):
        path.write_bytes(pack(b"x" * place + b"\0y"))
        with pytest.raises(DataError, match=rf"NUL byte \(at byte {place}\)"):
            check_text(path)


@pytest.mark.parametrize("read", [read_series, read_interactions])
def test_what_is_packed_twice_and_a_note_for_excel_are_called_by_their_name(tmp_path, read):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(gzip.compress(b"item_id\na\n")))
    with pytest.raises(DataError, match="What is packed in the file is compressed by gzip"):
        read(tmp_path / "t.csv.gz")
    (tmp_path / "t.csv").write_bytes(b"sep=;\r\nitem_id;timestamp;target\r\n")
    with pytest.raises(DataError, match="'sep=;', is a note for Excel and no header"):
        read(tmp_path / "t.csv")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_text_larger_than_memory_is_refused_by_its_unpacked_size(tmp_path, pack):
    path = tmp_path / ("t.csv.gz" if pack is gzip.compress else "t.csv")
    path.write_bytes(pack(b"a,b\n" * 1000))
    with memory_limit(8000):
        check_text(path)
    with memory_limit(7999), pytest.raises(TooLargeError, match="4,000 bytes of text"):
        check_text(path)


@pytest.mark.parametrize("read", [read_series, read_interactions])
def test_an_empty_path_is_not_the_working_folder(tmp_path, monkeypatch, read):
    monkeypatch.chdir(tmp_path)
    table = {"item_id": list("aab"), "user_id": list("xyz"), "target": [1.0, 2.0, 3.0]}
    times = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-01"])
    pd.DataFrame(table | {"timestamp": times}).to_parquet("part.parquet")
    read(".")
    with pytest.raises(DataError, match="The path is empty"):
        read("")


@pytest.mark.parametrize("reader", [read_series, read_interactions])
def test_a_table_in_the_place_of_a_path_is_named(reader):
    with pytest.raises(DataError, match="give a table to "):
        reader(pd.DataFrame({"item_id": [1]}))


def test_of_what_a_parser_says_of_a_damaged_file_the_first_sentence_is_told(tmp_path):
    path = tmp_path / "users.parquet"
    path.write_bytes(b"PAR1")
    told = str(unreadable(path, OSError("Malformed levels. min: 9 max: 9 out of range.")))
    assert told == (
        f"{path} is not a sound Parquet file (Malformed levels); write or copy it again."
    )

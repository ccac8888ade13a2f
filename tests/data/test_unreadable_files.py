"""Files that cannot be read: one sentence that says what is wrong, and the path once."""

import gzip
import os

import pandas as pd
import pytest

from tsgen.data import read_interactions, read_series
from tsgen.data.reading import reading
from tsgen.errors import DataError, TooLargeError

ROWS = "".join(f"a,2024-01-{d:02d},{d}.5\n" for d in range(1, 15))
SERIES = f"item_id,timestamp,target\n{ROWS}"
EVENTS = SERIES.replace("item_id,timestamp,target", "user_id,timestamp,item_id")


def told(tmp_path, name, content, read=read_series):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).count(str(path)) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "x.csv",
            gzip.compress(SERIES.encode(), mtime=0),
            "compressed by gzip; give it a name that ends",
        ),
        ("x.csv.gz", SERIES, "the file is not compressed by gzip; rename it"),
        ("x.csv.gz", gzip.compress(SERIES.encode(), mtime=0)[:-20], "not a complete gzip file"),
        ("x.csv", SERIES.encode("utf-16"), "UTF-16 text; save it as UTF-8"),
        ("x.csv", SERIES.replace("a,", "é,").encode("latin-1"), "not UTF-8 text"),
        ("x.csv", b"\xff\xfa\n\x00\x12" * 50, "no table of text: it has NUL bytes"),
        ("x.csv", SERIES.replace("\n", "\r"), "as on old Macs"),
        ("x.csv", SERIES + "a,2024-03-01,1,2\n", "3 cells, line 16 has 4"),
        ("x.csv", SERIES + '"a,2024-03-01,1\n', "quotation mark that opens in row 15"),
        ("x.parquet", b"PAR1" + b"x" * 40, "not a complete Parquet file"),
        ("x.arrow", b"x" * 40, "not a complete Arrow file"),
    ],
)
def test_what_is_wrong_with_a_series_file_is_told(tmp_path, name, content, words):
    assert words in told(tmp_path, name, content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (EVENTS + "a,2024-03-01,1,2\n", "3 cells, a line ('a,2024-03-01,1,2') has 4"),
        (EVENTS + "u" * (3 << 20) + ",2024-03-01,1\n", "a million characters or more"),
    ],
)
def test_what_is_wrong_with_an_event_file_is_told(tmp_path, content, words):
    assert words in told(tmp_path, "x.csv", content, read_interactions)


@pytest.mark.parametrize("year", ["0001", "1677", "2263", "9999", "12345"])
def test_years_that_cannot_be_are_told_from_what_is_no_date(tmp_path, year):
    assert "years from 1678 to 2261" in told(tmp_path, "x.csv", SERIES.replace("2024", year, 1))
    assert "Write ISO dates" in told(tmp_path, "x.csv", SERIES.replace("2024-01-01", "2024-02-30"))


def test_pipes_and_devices_do_not_hang(tmp_path):
    os.mkfifo(tmp_path / "x.csv")
    with pytest.raises(DataError, match="pipe or a device"):
        read_series(tmp_path / "x.csv")
    with pytest.raises(DataError, match="embedded null"):
        read_series("a\0b.csv")


def test_memory_that_runs_out_is_told(tmp_path):
    with pytest.raises(TooLargeError, match="does not fit into memory"), reading(tmp_path):
        raise MemoryError


def test_complex_numbers_are_no_times():
    from tsgen.data import Interactions

    table = pd.DataFrame({"user_id": ["a"], "item_id": ["b"], "timestamp": [1j]})
    with pytest.raises(DataError, match="complex numbers, not times"):
        Interactions.from_frame(table)


@pytest.mark.parametrize("value", [[1], {"a": 1}, pd.DataFrame()])
def test_a_cell_that_holds_a_list_is_named(value):
    from tsgen.data import Interactions, to_dataset

    table = pd.DataFrame({"item_id": ["a", "a"], "timestamp": ["2024-01-01", "2024-01-02"]})
    for column in table:
        strange = table.assign(target=1.0, user_id="u", **{column: ["2024-01-01", value]})
        for read in (to_dataset, Interactions.from_frame):
            with pytest.raises(DataError, match=f"Column '{column}' has a value of type.*row 1"):
                read(strange)


@pytest.mark.parametrize("stamp", [pd.Timestamp.min, pd.Timestamp.max, pd.Timestamp("2262-01-01")])
def test_times_at_the_edge_of_what_periods_hold_are_refused(stamp):
    from tsgen.data import to_dataset

    times = ["2024-01-01", "2024-01-02", stamp]
    table = pd.DataFrame({"item_id": "a", "timestamp": times, "target": 1.0})
    with pytest.raises(DataError, match="outside 1678 to 2261"):
        to_dataset(table)

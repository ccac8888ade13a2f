"""Wide tables, one column a series, from memory and files; what is not certain is asked."""

import warnings

import numpy as np
import pandas as pd
import pytest

from tsgen.data import read_series, to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError

HOURS = pd.date_range("2024-01-01", periods=5, freq="h")
VALUES = {"MT1": [np.nan, 1.0, np.nan, 3.0, 4.0], "007": [5.0, 6.5, 7.0, np.nan, np.nan]}


def wide(**more):
    return pd.DataFrame(VALUES | more, index=HOURS)


def check(dataset):
    assert dataset.item_ids == ("MT1", "007")
    np.testing.assert_array_equal(dataset.series(0), [1, np.nan, 3, 4])
    np.testing.assert_array_equal(dataset.series(1), [5, 6.5, 7])
    assert dataset.timestamps(0)[0] == HOURS[1]
    assert dataset.timestamps(1)[-1] == HOURS[2]


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t,
        lambda t: t.reset_index(names="timestamp"),
        lambda t: t.reset_index(names="ds"),
        lambda t: t.reset_index(names="date"),
        lambda t: t.reset_index(names="when").astype({"when": str}),
        lambda t: t.set_index(t.index.to_period("h")),
    ],
)
def test_a_wide_table_is_read_and_said_to_be_one(change):
    with pytest.warns(DataWarning, match=r"taken as wide: its 2 columns beside .*\(MT1, 007\)"):
        check(to_dataset(change(wide())))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(to_dataset(change(wide()), layout="wide"))


def test_a_slow_loop_gives_the_same_series():
    draw = np.random.default_rng(3)
    values = np.where(draw.random((30, 6)) < 0.4, np.nan, draw.normal(size=(30, 6)))
    values[4] = 1.0  # each has a value
    index = pd.date_range("2024-01-01", periods=30, freq="D")
    read = to_dataset(pd.DataFrame(values, index, columns=[*"abcdef"]), layout="wide")
    for k, name in enumerate("abcdef"):
        rows = [i for i in range(30) if not np.isnan(values[i, k])]
        assert read.item_ids[k] == name
        np.testing.assert_array_equal(read.series(k), values[rows[0] : rows[-1] + 1, k])
        assert read.timestamps(k)[0] == index[rows[0]]


def test_targets_choose_among_the_columns():
    read = to_dataset(wide(), layout="wide", target=["007", "MT1"])
    assert read.item_ids == ("007", "MT1")
    table = wide().reset_index(names="t").assign(note="x")
    assert to_dataset(table, layout="wide", timestamp="t", target="MT1").item_ids == ("MT1",)


@pytest.mark.parametrize("name", ["w.csv", "w.csv.gz", "w.parquet", "parts"])
def test_files_are_read_wide(name, tmp_path):
    table = wide().rename_axis("timestamp").reset_index()
    if name.endswith(".parquet"):
        table.to_parquet(tmp_path / name)
    elif name == "parts":
        (tmp_path / name).mkdir()
        table[:3].to_parquet(tmp_path / name / "1.parquet")
        table[3:].to_parquet(tmp_path / name / "2.parquet")
    else:
        table.to_csv(tmp_path / name, index=False)
    with pytest.warns(DataWarning, match="taken as wide"):
        check(read_series(tmp_path / name))
    check(read_series(tmp_path / name, layout="wide"))


def test_the_index_of_a_written_table_is_its_time(tmp_path):
    wide().to_csv(tmp_path / "w.csv")  # the first cell of the header is empty
    check(read_series(tmp_path / "w.csv", layout="wide"))


def test_decimal_commas_are_read(tmp_path):
    (tmp_path / "w.csv").write_text(
        "date;a;b\n2024-01-01;1,5;2\n2024-01-02;2,5;3\n2024-01-03;-3;4\n"
    )
    read = read_series(tmp_path / "w.csv", layout="wide")
    assert [read.series(k).tolist() for k in range(2)] == [[1.5, 2.5, -3.0], [2.0, 3.0, 4.0]]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (wide(value=1.0), r"has a column 'value': is it long or wide\?.*layout='wide'"),
        (wide(y=1.0), r"no column 'item_id'.*layout='wide'"),
        (wide(meter_id=1), r"has a column 'meter_id'"),
        (pd.concat([wide(), wide()]), r"has a time in several rows"),
        (wide(shop="x"), r"no column 'item_id'.*layout='wide'"),
        (pd.DataFrame(VALUES), r"no column 'item_id'.*layout='wide'"),
    ],
)
def test_what_could_be_long_is_asked(table, told):
    with pytest.raises(DataError, match=told):
        to_dataset(table)


@pytest.mark.parametrize(
    ("table", "options", "error", "told"),
    [
        (pd.DataFrame(VALUES), {}, DataError, "no column of times, or several; say timestamp="),
        (wide(shop="x"), {}, DataError, "'shop' is not a number in row 0"),
        (wide(), {"item_id": "id"}, SettingsError, "none for 'id'"),
        (wide(), {"static": ["shop"]}, SettingsError, "none for 'shop'"),
        (wide(empty=np.nan), {}, DataError, "'empty' has no observed value"),
        (wide()[[]], {}, DataError, "no column beside the times"),
        (pd.concat({"x": wide()}, axis=1), {}, DataError, "names of several levels; join"),
        (pd.concat([wide(), wide()], axis=1), {}, DataError, "two columns 'MT1'; rename one"),
    ],
)
def test_a_broken_wide_table_is_refused(table, options, error, told):
    with pytest.raises(error, match=told):
        to_dataset(table, layout="wide", **options)


def test_series_without_values_are_left_out_if_asked():
    with pytest.warns(DataWarning, match="1 of 3 series"):
        check(to_dataset(wide(none=np.nan), layout="wide", on_unobserved="drop"))


def test_two_columns_of_one_name_in_a_file_are_refused(tmp_path):
    (tmp_path / "w.csv").write_text("date,a,a\n2024-01-01,1,2\n2024-01-02,1,2\n")
    with pytest.raises(DataError, match="two columns 'a'; rename one"):
        read_series(tmp_path / "w.csv")

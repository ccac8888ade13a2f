"""Static numbers of a table: one a series, or missing."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import read_series, to_dataset
from tsgen.errors import DataError, SettingsError


def sales(**columns):
    stamps = pd.date_range("2024-01-01", periods=3)
    table = pd.DataFrame({"item_id": [*"aaabbb"], "timestamp": [*stamps, *stamps]})
    return table.assign(target=1.0, **columns)


def test_they_are_feat_static_real_in_the_order_asked_for():
    table = sales(size=[4, 4, 4, 7, 7, 7], rent=[0.5] * 3 + [np.nan] * 3)
    data = to_dataset(table, static_numbers=["rent", "size"])
    np.testing.assert_array_equal(data.static_real, [[0.5, 4.0], [np.nan, 7.0]])
    assert data.static_names == ()
    entry = next(iter(data.subset([0])))
    np.testing.assert_array_equal(entry["feat_static_real"], np.float32([0.5, 4.0]))
    assert data.static_frame()["static_real_1"].tolist() == [4.0, 7.0]


@pytest.mark.parametrize("name", ["sales.csv", "sales.parquet"])
def test_files_have_them_too(tmp_path, name):
    table = sales(size=[4, 4, 4, 7, 7, 7], shop=[*"xxxyyy"])
    write = table.to_csv if name.endswith("csv") else table.to_parquet
    write(tmp_path / name, index=False)
    data = read_series(tmp_path / name, static=["shop"], static_numbers=["size"])
    np.testing.assert_array_equal(data.static_real, [[4.0], [7.0]])
    assert data.static_names == ("shop",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([4, 4, 5, 7, 7, 7], r"'size' changes within series 'a': 4, but 5 in row 2.*dynamic"),
        ([4, 4, None, 7, 7, 7], r"'size' changes within series 'a': 4, but nan in row 2"),
        ([*"xxxyyy"], r"row 0: 'x'"),
        ([np.inf] * 6, r"'size' is infinite"),
    ],
)
def test_what_is_not_one_number_a_series_is_named(values, message):
    with pytest.raises(DataError, match=message):
        to_dataset(sales(size=values), static_numbers=["size"])


def test_a_column_has_one_role():
    with pytest.raises(SettingsError, match=r"static='size' and static_numbers='size'"):
        to_dataset(sales(size=1.0), static=["size"], static_numbers=["size"])
    with pytest.raises(DataError, match="no column 'sise'"):
        to_dataset(sales(size=1.0), static_numbers=["sise"])

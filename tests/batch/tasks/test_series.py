"""What tasks on series share."""

import numpy as np
import pandas as pd
import pytest

from tsgen.batch.tasks.series import table_blocks
from tsgen.errors import DataError


@pytest.fixture
def table():
    stamps = pd.date_range("2024-01-01", periods=6, freq="D")
    return pd.DataFrame({"meter": list("aaabbb"), "timestamp": stamps, "target": np.arange(6.0)})


def test_parquet_comes_as_it_stands_file_by_file(table, tmp_path):
    table[:4].to_parquet(tmp_path / "1.parquet")
    table[4:].to_parquet(tmp_path / "2.parquet")
    blocks = [block.table for block in table_blocks(tmp_path, "meter")]
    assert [len(block) for block in blocks] == [4, 2]
    pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), table)


def test_anything_else_keeps_the_names_it_had(table, tmp_path):
    table.to_csv(tmp_path / "t.csv", index=False)
    (block,) = table_blocks(tmp_path / "t.csv", "meter", item_id="meter", freq="D")
    pd.testing.assert_frame_equal(block.table[list(table.columns)], table, check_dtype=False)


def test_a_column_that_is_absent_is_named(table, tmp_path):
    table.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="has no column 'metre'"):
        list(table_blocks(tmp_path / "t.parquet", "metre"))


def test_files_of_a_folder_that_differ_are_refused_before_a_block(table, tmp_path):
    table[:4].to_parquet(tmp_path / "1.parquet")
    there = table[4:].assign(timestamp=lambda t: t["timestamp"].dt.tz_localize("Europe/Berlin"))
    there.to_parquet(tmp_path / "2.parquet")
    with pytest.raises(DataError, match="differ in the column 'timestamp'"):
        next(table_blocks(tmp_path, "meter"))
    table[4:].drop(columns="target").to_parquet(tmp_path / "2.parquet")
    with pytest.raises(DataError, match=r"'target': 2\.parquet has no such column"):
        next(table_blocks(tmp_path, "meter"))


def test_a_damaged_file_of_a_folder_is_named(table, tmp_path):
    table.to_parquet(tmp_path / "1.parquet")
    whole = (tmp_path / "1.parquet").read_bytes()
    (tmp_path / "2.parquet").write_bytes(whole[:-300] + bytes(292) + whole[-8:])
    with pytest.raises(DataError, match=r"2\.parquet"):
        list(table_blocks(tmp_path, "meter"))

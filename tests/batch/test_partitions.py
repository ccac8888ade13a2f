"""Partitions: every row once, each key whole, in the order of the input."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tsgen.batch.partitions import partition_of, split_blocks
from tsgen.batch.tasks import InputBlock
from tsgen.errors import DataError, TooLargeError
from tsgen.memory import memory_limit


def blocks(table, size):
    return [InputBlock(table[k : k + size], end=k) for k in range(0, len(table), size)]


def test_rows_stay_whole_by_key_and_in_order(tmp_path):
    random = np.random.default_rng(0)
    table = pd.DataFrame({"key": random.integers(0, 30, 500).astype(str), "row": range(500)})
    split = split_blocks(blocks(table, 64), "key", 7, tmp_path)
    parts = [pq.read_table(p.path).to_pandas() for p in split.partitions]
    assert sorted(pd.concat(parts)["row"]) == list(range(500))
    assert all(part["row"].is_monotonic_increasing for part in parts)
    keys = [set(part["key"]) for part in parts]
    assert sum(map(len, keys)) == len(set().union(*keys)) == 30
    assert [p.rows for p in split.partitions] == [len(part) for part in parts]
    assert split.end == 448


def test_a_key_has_one_partition_whatever_is_beside_it():
    ids = pd.Series(["ann", "bob", "eve", "ann"])
    together = partition_of(ids, 5)
    assert together[0] == together[3]
    assert [partition_of(ids[k : k + 1], 5)[0] for k in range(4)] == together.tolist()


def test_one_giant_key_is_one_partition(tmp_path):
    table = pd.DataFrame({"key": ["one"] * 50, "row": range(50)})
    split = split_blocks(blocks(table, 20), "key", 9, tmp_path)
    assert [p.rows for p in split.partitions] == [50]


def test_no_rows_are_refused(tmp_path):
    with pytest.raises(DataError, match="has no rows"):
        split_blocks([], "key", 3, tmp_path)


@pytest.mark.parametrize("other", [pd.DataFrame({"key": ["a"]}), pd.DataFrame({"else": [1]})])
def test_an_input_that_changes_on_the_way_is_refused(tmp_path, other):
    first = pd.DataFrame({"key": [1, 2]})
    with pytest.raises(DataError, match="changes on the way"):
        split_blocks([InputBlock(first), InputBlock(other)], "key", 3, tmp_path)


def test_texts_that_repeat_count_as_often_as_they_stand_there(tmp_path):
    table = pd.DataFrame({"user_id": ["u" * 500] * 1_000, "x": 1.0})
    with memory_limit("2MB"):
        split_blocks([InputBlock(table)], "user_id", 2, tmp_path)
    with memory_limit("900kB"), pytest.raises(TooLargeError, match="1,000 rows at a time"):
        split_blocks([InputBlock(table)], "user_id", 2, tmp_path)


def test_two_columns_of_one_name_are_refused(tmp_path):
    table = pd.DataFrame([["a", 1, "b"]], columns=["user_id", "item_id", "user_id"])
    with pytest.raises(DataError, match="The input has two columns 'user_id'; rename one"):
        split_blocks([InputBlock(table)], "user_id", 2, tmp_path)

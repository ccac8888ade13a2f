"""Entries in files, one after another."""

import json

import pandas as pd
import pytest

from tsgen.data import to_dataset, write_series
from tsgen.data.series import stream_entries
from tsgen.errors import DataError

ENTRY = {"item_id": "a", "start": "2024-01-01", "target": [1.0, None]}


def test_files_of_entries_are_read_in_order(tmp_path):
    for name, item in (("b.json", "two"), ("a.jsonl", "one")):
        (tmp_path / name).write_text(json.dumps(ENTRY | {"item_id": item}) + "\n")
    stream = stream_entries(tmp_path)
    assert [entry["item_id"] for entry in stream] == ["one", "two"]
    assert [entry["item_id"] for entry in stream_entries(tmp_path / "b.json")] == ["two"]
    assert stream.freq is None


def test_a_folder_says_the_frequency(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "metadata.json").write_text('{"freq": "D"}')
    (tmp_path / "train" / "data.json").write_text(json.dumps(ENTRY))
    stream = stream_entries(tmp_path)
    assert stream.freq == "D"
    assert next(iter(stream))["item_id"] == "a"


def test_tables_are_not_entries(tmp_path):
    table = pd.DataFrame({"item_id": ["a"] * 2, "target": [1.0, 2.0],
                          "timestamp": pd.date_range("2024-01-01", periods=2)})  # fmt: skip
    table.to_parquet(tmp_path / "long.parquet")
    table.to_csv(tmp_path / "long.csv")
    lists = pd.DataFrame({"start": ["2024-01-01"], "target": [[1.0, 2.0]]})
    lists.to_parquet(tmp_path / "entries.parquet")
    write_series(to_dataset(table), tmp_path / "folder")
    (tmp_path / "empty").mkdir()
    names = "long.parquet", "long.csv", "entries.parquet", "folder", "empty"
    held = {name: stream_entries(tmp_path / name) is not None for name in names}
    assert [name for name, entries in held.items() if entries] == ["entries.parquet"]


def test_a_broken_line_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps(ENTRY) + "\n{broken\n")
    with pytest.raises(DataError, match=r"a.jsonl: line 1"):
        list(stream_entries(tmp_path / "a.jsonl"))

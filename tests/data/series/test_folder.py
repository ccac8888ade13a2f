"""The GluonTS folder keeps everything, for GluonTS and for us."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
from gluonts.dataset.arrow import ArrowWriter, ParquetWriter
from gluonts.dataset.common import MetaData, TrainDatasets, load_datasets
from gluonts.dataset.jsonl import JsonLinesWriter
from hypothesis import given

from strategies import panels, series_with_everything
from tsgen.data import (
    read_series,
    simulate_series,
    to_dataset,
    write_series,
)
from tsgen.errors import DataError, OutputError


def test_a_folder_keeps_everything(tmp_path):
    dataset = series_with_everything()
    write_series(dataset, tmp_path / "folder")
    assert read_series(tmp_path / "folder").fingerprint() == dataset.fingerprint()


@given(panels())
def test_any_panel_survives_the_folder(tmp_path_factory, panel):
    dataset = to_dataset(panel.table, freq=panel.grid.freq, static=["shop", "size"])
    place = tmp_path_factory.mktemp("panel") / "folder"
    write_series(dataset, place)
    assert read_series(place).fingerprint() == dataset.fingerprint()
    loaded = load_datasets(place, place / "train", None)
    assert loaded.metadata.freq == dataset.freq
    for ours, theirs in zip(dataset, loaded.train, strict=True):
        np.testing.assert_array_equal(theirs["target"], ours["target"])
        np.testing.assert_array_equal(theirs["feat_static_cat"], ours["feat_static_cat"])
        assert (theirs["start"], theirs["item_id"]) == (ours["start"], ours["item_id"])


@pytest.mark.parametrize("writer", [JsonLinesWriter(), ArrowWriter(), ParquetWriter()])
def test_folders_that_gluonts_wrote_are_read_from_train(tmp_path, writer):
    dataset = series_with_everything()
    train, test = dataset.subset([0, 1]), dataset.subset([2])
    TrainDatasets(MetaData(freq="h"), train, test).save(str(tmp_path / "theirs"), writer)
    again = read_series(tmp_path / "theirs")
    np.testing.assert_array_equal(again.values, train.values.astype(np.float32))
    np.testing.assert_array_equal(again.starts, train.starts)
    assert again.item_ids == train.item_ids
    (file,) = (tmp_path / "theirs" / "test").iterdir()
    assert read_series(file, freq="h").item_ids == test.item_ids


def test_a_folder_without_metadata_needs_a_frequency(tmp_path):
    write_series(simulate_series(2, 5), tmp_path / "folder")
    assert read_series(tmp_path / "folder" / "train", freq="h").freq == "h"
    with pytest.raises(DataError, match="pass freq="):
        read_series(tmp_path / "folder" / "train")


def test_a_folder_whose_extras_do_not_fit_is_refused(tmp_path):
    write_series(series_with_everything(), tmp_path / "folder")
    extras = json.loads((tmp_path / "folder" / "tsgen.json").read_text())
    extras["static_categories"] = [["north"]]
    (tmp_path / "folder" / "tsgen.json").write_text(json.dumps(extras))
    with pytest.raises(DataError, match=r"tsgen\.json does not fit"):
        read_series(tmp_path / "folder")


def test_a_frequency_against_the_metadata_is_refused(tmp_path):
    write_series(simulate_series(1, 5), tmp_path / "folder")
    assert read_series(tmp_path / "folder", freq="H").freq == "h"
    with pytest.raises(DataError, match=r"metadata\.json says freq='h'"):
        read_series(tmp_path / "folder", freq="D")


def test_what_json_cannot_hold_is_null_or_refused(tmp_path):
    dataset = replace(simulate_series(1, 5), static_real=np.array([[np.nan, 1.0]]))
    write_series(dataset, tmp_path / "folder")
    np.testing.assert_array_equal(read_series(tmp_path / "folder").static_real, [[np.nan, 1.0]])
    with pytest.raises(OutputError, match="'series-0'"):
        write_series(replace(dataset, info=({"x": np.inf},)), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_training_part_that_may_not_be_read_is_called_so(tmp_path, monkeypatch):
    write_series(simulate_series(2, 5), tmp_path / "data")
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != "train")
    with pytest.raises(DataError, match="train cannot be opened: you have no permission"):
        read_series(tmp_path / "data")


def read_lines(place, content):
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_series(place, freq="h")


LINE = '{"item_id": "a", "start": "2024-01-01", "target": [1, 2]}'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (LINE[:-3], "line 0 .* is not a JSON object .* column"),
        ("[\n" + LINE + "\n]", "line 0 .* is not a JSON object"),
        (LINE.replace("2]", "9" * 5000 + "]"), "a number with thousands of digits"),
        (LINE.replace("2]", "9" * 400 + "]"), "target of series 'a' is not a list of numbers"),
        (LINE.replace("2]", "[" * 10**5 + "]" * 10**5 + "]"), "nested too deeply"),
        (
            LINE.replace('"a"', '"\u00e9"').encode("latin-1"),
            "is not UTF-8 text. Save it as UTF-8.$",
        ),
        (LINE.replace("2]", "Infinity]"), "is infinite"),
        (LINE.replace('"a"', '"\\ud800"'), "is no valid text"),
    ],
)
def test_a_line_that_is_no_entry_is_told_with_the_reason(tmp_path, content, told):
    with pytest.raises(DataError, match=told):
        read_lines(tmp_path / "e.jsonl", content)


def test_lines_as_python_writes_them_are_read(tmp_path):
    nan = "\ufeff" + LINE.replace("2]", "NaN]")
    np.testing.assert_array_equal(read_lines(tmp_path / "e.jsonl", nan).values, [1, np.nan])

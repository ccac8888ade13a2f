"""The GluonTS folder keeps everything, for GluonTS and for us."""

import gzip
import json
import os
from dataclasses import replace

import numpy as np
import pyarrow as pa
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
from tsgen.data.series import folder
from tsgen.data.series.folder import entry_files, is_of_tsgen, read_entry_file, stated_freq
from tsgen.errors import DataError, OutputError, TooLargeError
from tsgen.memory import memory_limit


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


def test_what_a_folder_says_of_its_statics_is_what_gluonts_asks_for(tmp_path):
    dataset = series_with_everything()
    write_series(dataset, tmp_path / "folder")
    stated = json.loads((tmp_path / "folder" / "metadata.json").read_text())
    assert stated == {
        "freq": "h",
        "target": {"name": "target"},
        "feat_static_cat": [{"name": "shop", "cardinality": "2"}],
        "feat_static_real": [{"name": "static_real_0"}, {"name": "static_real_1"}],
    }
    first = next(
        iter(load_datasets(tmp_path / "folder", tmp_path / "folder" / "train", None).train)
    )
    np.testing.assert_array_equal(first["feat_static_real"], [0, 1])
    assert json.loads((tmp_path / "folder" / "tsgen.json").read_text())["format"] == 2


def test_a_column_of_one_category_and_series_without_any_come_back(tmp_path):
    table = simulate_series(2, 5).to_frame().assign(shop="north")
    write_series(to_dataset(table, static=["shop"]), tmp_path / "one")
    again = read_series(tmp_path / "one")
    assert (again.static_names, again.static_categories) == (("shop",), (("north",),))
    assert again.static_cat.tolist() == [[0], [0]]
    write_series(simulate_series(2, 5), tmp_path / "none")
    assert read_series(tmp_path / "none").static_cat.shape == (2, 0)
    line = json.loads(next(iter(lines_of(tmp_path / "none"))))
    assert line["feat_static_cat"] == [0]  # GluonTS's networks want one at least
    assert set(line) == {"item_id", "start", "target", "feat_static_cat"}


def lines_of(folder):
    return gzip.decompress((folder / "train" / "data.json.gz").read_bytes()).splitlines()


def test_channels_come_back_by_their_names_or_those_asked_for(tmp_path):
    table = simulate_series(2, 5).to_frame().assign(other=lambda t: t["target"] * 2)
    table.loc[3, "other"] = np.nan
    data = to_dataset(table, target=["target", "other"])
    write_series(data, tmp_path / "folder")
    again = read_series(tmp_path / "folder")
    assert again.channels == ("target", "other")
    assert again.fingerprint() == data.fingerprint()
    asked = read_series(tmp_path / "folder", target=["x", "y"])
    assert asked.channels == ("x", "y")
    np.testing.assert_array_equal(asked.values, data.values)


def test_the_zone_asked_for_goes_before_the_zone_kept(tmp_path):
    write_series(series_with_everything(), tmp_path / "folder")
    assert read_series(tmp_path / "folder").timezone == "Europe/Berlin"
    assert read_series(tmp_path / "folder", timezone="Europe/Paris").timezone == "Europe/Paris"


def test_known_features_keep_what_they_are_in_a_folder(tmp_path):
    table = simulate_series(2, 6).to_frame()
    table["price"] = np.arange(12) % 3
    table["kind"] = ["a", "b", "b"] * 4
    data = to_dataset(table, dynamic=["price", "kind"])
    write_series(data, tmp_path / "folder")
    again = read_series(tmp_path / "folder")
    assert again.fingerprint() == data.fingerprint()
    assert again.dynamic.to_json() == data.dynamic.to_json()


def test_files_of_entries_are_those_of_train_and_nothing_hidden(tmp_path):
    for name in (
        "b.json", "a.jsonl.gz", "metadata.json", "tsgen.json", ".c.json", "_d.json", "e.txt",
        "sub/f.json", "train/sub/g.arrow", "train/a.parquet", "train/_x.json",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    train = tmp_path / "train"
    assert entry_files(tmp_path) == [train / "a.parquet", train / "sub" / "g.arrow"]
    train.rename(tmp_path / "other")
    assert entry_files(tmp_path) == [tmp_path / "a.jsonl.gz", tmp_path / "b.json"]


def test_files_of_a_folder_are_read_by_name_one_after_another(tmp_path):
    for name, item in (("b.json", "y"), ("a.json", "x")):
        (tmp_path / name).write_text(LINE.replace('"a"', f'"{item}"') + "\n")
    assert read_series(tmp_path, freq="h").item_ids == ("x", "y")


def test_a_folder_says_its_frequency_and_who_made_it(tmp_path):
    write_series(simulate_series(1, 5), tmp_path / "ours")
    assert (stated_freq(tmp_path / "ours"), is_of_tsgen(tmp_path / "ours")) == ("h", True)
    (tmp_path / "ours" / "tsgen.json").unlink()
    assert not is_of_tsgen(tmp_path / "ours")
    assert stated_freq(tmp_path) is None
    (tmp_path / "ours" / "metadata.json").write_text('["h"')
    with pytest.raises(DataError, match=r"metadata\.json is not valid JSON"):
        stated_freq(tmp_path / "ours")


@pytest.mark.parametrize(
    ("names", "told"),
    [("", "it is empty"), ("edcba", "it has a, b, c, d, e."), ("gfedcba", "d, e and 2 more.")],
)
def test_a_folder_without_data_is_told_with_what_it_has(tmp_path, names, told):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(DataError, match=told):
        read_series(tmp_path)


def test_blank_lines_are_passed_over_and_counted(tmp_path):
    assert read_lines(tmp_path / "e.jsonl", f"\n{LINE}\n  \n\n").item_ids == ("a",)
    with pytest.raises(DataError, match=r"line 2 of e\.jsonl") as caught:
        read_lines(tmp_path / "e.jsonl", f"\n{LINE}\n{LINE[:-3]}\n")
    assert caught.value.row == 2


def test_a_line_cut_off_is_told_where(tmp_path):
    with pytest.raises(DataError, match=r"Expecting value, column 55\)"):
        read_lines(tmp_path / "e.jsonl", LINE[:-3] + "x")


def test_entries_that_would_fill_the_memory_are_refused(tmp_path):
    size = len(LINE) * 1000
    with memory_limit(2 * size - 1), pytest.raises(TooLargeError, match="bytes of text"):
        read_lines(tmp_path / "e.jsonl", LINE * 1000)


def test_the_same_data_give_the_same_bytes_at_any_time(tmp_path, monkeypatch):
    for year in (1, 2):
        monkeypatch.setattr("time.time", lambda year=year: 3e7 * year)
        write_series(series_with_everything(), tmp_path / f"{year}")
    one, other = (tmp_path / f"{year}" / "train" / "data.json.gz" for year in (1, 2))
    assert one.read_bytes() == other.read_bytes()


def test_folders_without_facts_of_features_are_read(tmp_path):
    table = simulate_series(2, 6).to_frame().assign(price=[0.5, 1.5, 2.5] * 4)
    write_series(to_dataset(table, dynamic=["price"]), tmp_path / "folder")
    place = tmp_path / "folder" / "tsgen.json"
    extras = json.loads(place.read_text())
    facts = extras.pop("dynamic")
    place.write_text(json.dumps(extras))
    again = read_series(tmp_path / "folder")
    np.testing.assert_array_equal(
        again.dynamic.beside(0, 6, np.float64)["feat_dynamic_real"][0][:3], [0.5, 1.5, 2.5]
    )
    write_series(simulate_series(2, 6), tmp_path / "none")
    none = tmp_path / "none" / "tsgen.json"
    none.write_text(json.dumps(json.loads(none.read_text()) | {"dynamic": facts}))
    assert read_series(tmp_path / "none").dynamic is None


def test_a_zone_that_there_is_not_is_refused(tmp_path):
    write_series(series_with_everything(), tmp_path / "folder")
    place = tmp_path / "folder" / "tsgen.json"
    place.write_text(place.read_text().replace("Europe/Berlin", "Mars/Base"))
    with pytest.raises(
        DataError, match=r"tsgen\.json does not fit the data \(timezone='Mars/Base'"
    ):
        read_series(tmp_path / "folder")


def test_a_pipe_or_a_dead_link_among_the_entries_is_not_passed_over(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "a.json").touch()
    os.mkfifo(tmp_path / "train" / "b.json")
    with pytest.raises(DataError, match=r"b.json is a pipe or a device"):
        entry_files(tmp_path)
    (tmp_path / "train" / "b.json").unlink()
    (tmp_path / "train" / "b.json").symlink_to("nowhere")
    with pytest.raises(DataError, match=r"b.json is a link to nowhere"):
        entry_files(tmp_path)


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_arrow_whose_offsets_lead_outside_is_refused_before_they_are_followed(
    tmp_path, monkeypatch, kind
):
    table = pa.Table.from_pylist([{"item_id": i, "target": [1.0] * 40} for i in "ab"])
    with getattr(pa.ipc, f"new_{kind}")(str(tmp_path / "x.arrow"), table.schema) as writer:
        writer.write_table(table)
    assert len(list(read_entry_file(tmp_path / "x.arrow"))) == 2
    content = (tmp_path / "x.arrow").read_bytes()
    offsets = [np.array([0, k, 80], np.int32).tobytes() for k in (40, 2_000_000_000)]
    assert content.count(offsets[0]) == 1
    (tmp_path / "x.arrow").write_bytes(content.replace(*offsets))
    with pytest.raises(pa.ArrowInvalid, match="Offset invariant failure"):
        folder._check_arrow(tmp_path / "x.arrow")

    def stop(path):
        raise DataError(f"{path.name} is checked first")

    monkeypatch.setattr(folder, "_check_arrow", stop)
    with pytest.raises(DataError, match=r"x\.arrow is checked first"):
        read_series(tmp_path / "x.arrow", freq="h")

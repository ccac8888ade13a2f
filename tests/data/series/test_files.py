import gzip
import json
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from gluonts.dataset.arrow import ArrowWriter, ParquetWriter
from gluonts.dataset.common import MetaData, TrainDatasets, load_datasets
from gluonts.dataset.jsonl import JsonLinesWriter
from hypothesis import given

from strategies import panels
from tsgen.data import (
    Interactions,
    load_sample,
    read_series,
    simulate_series,
    to_dataset,
    write_series,
)
from tsgen.errors import DataError, OutputError


def with_everything():
    """A dataset with gaps, a zone, labels at half past, statics, real features and provenance."""
    table = simulate_series(3, 40).to_frame()
    stamps = pd.DatetimeIndex(table["timestamp"]) + pd.Timedelta("152D 30min")
    table["timestamp"] = stamps.tz_localize("Europe/Berlin")
    table["shop"] = table["item_id"].map(
        {
            "series-0": "north",
            "series-1": "süd",
            "series-2": "süd",
        }
    )
    dataset = to_dataset(table.drop(index=[3, 4, 50]), static=["shop"])
    info = ({"synthetic": False}, {"synthetic": False}, {"synthetic": True, "seed": 3})
    return replace(dataset, static_real=np.arange(6.0).reshape(3, 2), info=info)


def test_a_folder_keeps_everything(tmp_path):
    dataset = with_everything()
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


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.parquet"])
def test_tables_survive_the_file(tmp_path, name):
    table = with_everything().to_frame()
    dataset = to_dataset(table, static=["shop"], timezone="Europe/Berlin")
    write_series(dataset, tmp_path / name)
    again = read_series(tmp_path / name, static=["shop"], timezone="Europe/Berlin")
    assert again.fingerprint() == dataset.fingerprint()


def test_equal_data_give_equal_bytes(tmp_path):
    for k in "ab":
        write_series(with_everything(), tmp_path / k / "folder")
        write_series(with_everything(), tmp_path / k / "table.csv.gz")
    for name in ("folder/train/data.json.gz", "folder/tsgen.json", "table.csv.gz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("writer", [JsonLinesWriter(), ArrowWriter(), ParquetWriter()])
def test_folders_that_gluonts_wrote_are_read_from_train(tmp_path, writer):
    dataset = with_everything()
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
            r"saw 4",
        ),
        ("bad.parquet", b"PAR1", "not a Parquet file"),
        ("bad.json.gz", b"no gzip", "cannot be read"),
        (
            "cut.json.gz",
            gzip.compress(mtime=0, data=b'{"start": 1}\n' * 999)[:40],
            "cannot be read",
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
    with pytest.raises(DataError, match="holds no GluonTS data"):
        read_series(tmp_path)
    (tmp_path / "model.json").touch()
    with pytest.raises(DataError, match=r"saved model.*tsgen\.load"):
        read_series(tmp_path)
    with pytest.raises(TypeError, match="mean 'freq'"):
        read_series(tmp_path, frequ="h")


def test_a_folder_whose_extras_do_not_fit_is_refused(tmp_path):
    write_series(with_everything(), tmp_path / "folder")
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


def test_nothing_is_overwritten_unasked(tmp_path):
    place = tmp_path / "folder"
    write_series(simulate_series(1, 5), place)
    with pytest.raises(OutputError, match="exists already"):
        write_series(simulate_series(2, 5), place)
    write_series(simulate_series(2, 5), place, overwrite=True)
    assert len(read_series(place)) == 2
    with pytest.raises(OutputError, match="unknown suffix"):
        write_series(simulate_series(1, 5), tmp_path / "x.xlsx")


def test_the_bundled_sample_is_the_stated_one(shared_data):
    sample = load_sample()
    assert (len(sample), set(sample.lengths.tolist()), sample.freq) == (60, {1000}, "h")
    whole = pq.read_table(
        shared_data / "timeseries" / "electricity_hourly_first1000.parquet",
        filters=[("item_id", "in", list(sample.item_ids))],
    )
    expected = to_dataset(whole.to_pandas())
    assert expected.fingerprint() == sample.fingerprint()


def test_the_bundled_sample_never_stands_still_for_more_than_a_day():
    for values in load_sample().values.reshape(60, 1000):
        changes = np.flatnonzero(np.diff(values, prepend=np.nan, append=np.nan) != 0)
        assert np.diff(changes).max() <= 24


def test_the_bundled_events_are_the_stated_cut_of_the_source(shared_data):
    place = Path(__file__).parents[3] / "evaluation" / "cut_online_retail.py"
    statement = runpy.run_path(str(place))
    stated = statement["cut"](shared_data / "events")
    events = load_sample("online_retail")
    tables = {what: stated[f"online_retail.{what}"] for what in ("users", "items")}
    expected = Interactions.from_frame(stated["online_retail"], **tables)
    assert expected.fingerprint() == events.fingerprint()
    assert events.item_table.equals(expected.item_table)
    assert events.user_table.equals(expected.user_table)


def test_the_bundled_events_are_purchases_without_duplicates():
    events = load_sample("online_retail")
    assert (len(events), events.num_users, events.num_items) == (102505, 1475, 1000)
    assert events.value.min() >= 0
    assert not events.to_frame().duplicated().any()
    assert list(events.item_table) == ["description"]
    assert events.lengths.min() > 0


def test_an_unknown_sample_is_refused_with_the_nearest():
    with pytest.raises(DataError, match="mean 'electricity_hourly'"):
        load_sample("electricity")


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

"""Channels observed together: in from tables and entries, cut and joined, out again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.arrow import ArrowWriter
from gluonts.dataset.common import MetaData, TrainDatasets, load_datasets
from gluonts.dataset.jsonl import JsonLinesWriter

from tsgen.data import (
    MultivariateDataset,
    read_series,
    to_dataset,
    to_frame,
    write_series,
)
from tsgen.data.series.conversion import to_series
from tsgen.data.series.windows import WindowSampler, window_starts
from tsgen.errors import DataError, DataWarning, SettingsError


def shops(lengths=(30, 20, 25), gaps=True):
    """A long table of three shops with two channels, gaps, and a static column."""
    random = np.random.default_rng(3)
    parts = []
    for i, length in enumerate(lengths):
        times = pd.date_range("2024-03-01", periods=length, freq="h", tz="Europe/Berlin")
        part = pd.DataFrame({"item_id": f"shop {i}", "timestamp": times + pd.Timedelta(f"{i}D")})
        part["visits"] = random.normal(100.0, 5.0, length).round(3)
        part["sales"] = random.normal(10.0, 1.0, length).round(3)
        part["city"] = "north" if i % 2 else "south"
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    if gaps:
        table.loc[[3, 4, 40], "visits"] = np.nan
        table.loc[[4, 60], "sales"] = np.nan
    return table


def dataset(**options):
    return to_dataset(shops(**options), target=["visits", "sales"], static=["city"])


def entry(item_id="a", length=5, channels=2, **more):
    target = np.arange(channels * length, dtype=float).reshape(channels, length)
    return {"item_id": item_id, "start": pd.Period("2024-01-01", "h"), "target": target, **more}


def same(first, second):
    assert first.channels == second.channels
    assert first.fingerprint() == second.fingerprint()


def test_a_table_with_several_targets_holds_what_each_target_alone_holds():
    table = shops().drop(index=[7, 33])  # absent rows are gaps of all channels
    both = to_dataset(table, target=["visits", "sales"], static="city")
    assert both.channels == ("visits", "sales")
    for name in both.channels:
        alone = to_dataset(table, target=name, static=["city"])
        assert both.channel(name).fingerprint() == alone.fingerprint()


def test_duplicates_are_merged_channel_by_channel():
    table = pd.concat([shops(), shops().iloc[[2, 4]]], ignore_index=True)
    table.loc[len(table) - 2 :, ["visits", "sales"]] = [[1.0, 2.0], [3.0, 4.0]]
    table = table.sort_values(["item_id", "timestamp"], ignore_index=True)
    with pytest.warns(DataWarning, match="on_duplicate='mean'"):
        merged = to_dataset(table, target=["visits", "sales"], static=["city"], on_duplicate="mean")
    before = dataset().values
    expected = before.copy()
    expected[:, 2] = (before[:, 2] + [1.0, 2.0]) / 2
    expected[:, 4] = [3.0, 4.0]  # was missing in both
    np.testing.assert_array_equal(merged.values, expected)


def test_iterating_gives_gluonts_entries_of_channels_by_steps():
    data = dataset()
    entries = list(data)
    assert [e["target"].shape for e in entries] == [(2, 30), (2, 20), (2, 25)]
    assert all(e["target"].dtype == np.float32 for e in entries)
    assert {frozenset(e) for e in entries} == {frozenset(entries[0])}
    assert entries[1]["start"] == pd.Period("2024-03-02 00:00", "h")
    assert entries[1]["feat_static_cat"].tolist() == [0]
    np.testing.assert_array_equal(entries[2]["target"], data.values[:, 50:].astype(np.float32))
    assert len(data) == len(entries) == 3


def test_entries_come_back_as_they_were():
    data = dataset()
    again = to_dataset(list(data), target=["visits", "sales"], timezone="Europe/Berlin")
    assert again.item_ids == data.item_ids
    np.testing.assert_array_equal(again.values, data.values.astype(np.float32))
    np.testing.assert_array_equal(again.starts, data.starts)
    assert to_dataset(list(data)).channels == ("0", "1")
    assert to_dataset(data) is data


@pytest.mark.parametrize("name", ["shops.csv", "shops.csv.gz", "shops.parquet", "shops"])
def test_what_is_written_is_read_back(tmp_path, name):
    data = dataset()
    write_series(data, tmp_path / name)
    options = {"target": ["visits", "sales"], "static": ["city"], "timezone": "Europe/Berlin"}
    again = read_series(tmp_path / name, **(options if "." in name else {}))
    same(again, data)
    pd.testing.assert_frame_equal(to_frame(again), data.to_frame())


def test_gluonts_reads_the_folder_and_we_read_its_own(tmp_path):
    data = dataset()
    write_series(data, tmp_path / "ours")
    place = tmp_path / "ours"
    theirs = load_datasets(place, place / "train", None, one_dim_target=False)
    for entry, known in zip(theirs.train, data, strict=True):
        np.testing.assert_array_equal(entry["target"], known["target"])
    meta = MetaData(freq="h", prediction_length=1)
    whole = TrainDatasets(metadata=meta, train=list(data), test=None)
    for name, writer in (("json", JsonLinesWriter()), ("arrow", ArrowWriter())):
        whole.save(str(tmp_path / name), writer=writer)
        again = read_series(tmp_path / name, target=["visits", "sales"])
        np.testing.assert_array_equal(again.values, data.values.astype(np.float32))


def test_a_semicolon_csv_has_decimal_commas_in_every_channel(tmp_path):
    rows = ["item_id;timestamp;a;b", "x;2024-01-01;1,5;2,5", "x;2024-01-02;2,5;3,5"]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    read = read_series(tmp_path / "t.csv", target=["a", "b"])
    assert read.values.tolist() == [[1.5, 2.5], [2.5, 3.5]]


def test_split_subset_and_concat_keep_the_channels_together():
    data = dataset()
    with pytest.warns(DataWarning, match="2 of 3") as told:
        before, after = data.split(until="2024-03-02 00:00")
    assert len(told) == 1  # not once a channel
    for side, slices in ((before, [slice(0, 24)]), (after, [slice(24, 30), slice(30, 75)])):
        expected = np.concatenate([data.values[:, s] for s in slices], axis=1)
        np.testing.assert_array_equal(side.values, expected)
    first, last = data.split(last=5)
    assert last.lengths.tolist() == [5, 5, 5]
    assert (first.lengths + last.lengths).tolist() == data.lengths.tolist()
    picked = data.subset([2, 0])
    assert picked.item_ids == ("shop 2", "shop 0")
    np.testing.assert_array_equal(picked.values[:, :25], data.values[:, 50:])
    same(MultivariateDataset.concat([data.subset([0]), data.subset([1, 2])]), data)


def test_parts_with_static_columns_of_several_sizes_can_be_joined():
    table = shops().assign(code=lambda t: t["item_id"].str[-1])
    data = to_dataset(table, target=["visits", "sales"], static=["city", "code"])
    again = MultivariateDataset.concat([data.subset([0]), data.subset([1, 2])])
    assert again.parts[0].static_categories == (("north", "south"), ("0", "1", "2"))


def test_the_fingerprint_sees_values_and_names():
    data = dataset()
    changed = data.parts[1].values.copy()
    changed[0] += 1.0
    other = replace(data, parts=(data.parts[0], replace(data.parts[1], values=changed)))
    assert len({d.fingerprint() for d in (data, other, replace(data, channels=("x", "y")))}) == 3


def test_every_channel_is_a_series_of_its_own():
    data = dataset()
    series = data.series
    assert series.item_ids == tuple(f"shop {i}/{c}" for c in data.channels for i in range(3))
    np.testing.assert_array_equal(series.values, data.values.ravel())


def test_facts_count_missing_values_of_all_channels():
    facts = dataset().facts()
    assert facts["channels"] == ["visits", "sales"]
    assert facts["num_series"] == 3
    assert facts["missing_share"] == 5 / 150


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([entry(), entry("b", channels=3)], "'b' has 3 channels, that of 'a' has 2"),
        ([entry(), entry("b", target=[1.0, 2.0])], "'b' has 1 dimensions, 2 are expected"),
        ([entry(channels=1)], "one channel is a univariate series"),
        ([entry(), entry()], "item_id 'a' stands on 2 entries"),
        ([entry(target=[[1.0, 2.0], [np.nan, np.nan]])], "'a' .* no observed value .*channel 1"),
        ([entry(target=[[1.0, 2.0], [3.0, np.inf]])], "infinite"),
        ([entry(target=[[], []])], "empty"),
    ],
    ids=["unequal", "mixed", "one", "repeated", "unobserved", "infinite", "empty"],
)
def test_entries_that_do_not_fit_are_refused(entries, message):
    with pytest.raises(DataError, match=message):
        to_dataset(entries)


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"target": ["visits"]}, SettingsError, "name two different columns or more"),
        ({}, {"target": ["visits", "visits"]}, SettingsError, "two different columns"),
        ({}, {"target": ["visits", "sale"]}, DataError, "no column 'sale'.*Did you mean 'sales'"),
        ({"sales": "x"}, {}, DataError, "'sales' is not a number in row 0"),
        ({"sales": np.nan}, {}, DataError, "'shop 0' has no observed value of 'sales'"),
        ({}, {"target": ["visits", "city"], "static": ["city"]}, SettingsError, "are one column"),
    ],
    ids=["one", "twice", "unknown", "text", "unobserved", "static"],
)
def test_tables_that_do_not_fit_are_refused(change, options, error, message):
    with pytest.raises(error, match=message):
        to_dataset(shops().assign(**change), **{"target": ["visits", "sales"], **options})


def test_parts_that_do_not_fit_are_refused():
    data = dataset()
    later = replace(data.parts[1], starts=data.parts[1].starts + 1)
    with pytest.raises(DataError, match="'sales' has another starts than channel 'visits'"):
        replace(data, parts=(data.parts[0], later))
    for names in (("a", "a"), ("a", "item_id"), ("city", "b")):
        with pytest.raises(DataError, match="cannot be called"):
            replace(data, channels=names)
    with pytest.raises(DataError, match="two channels or more"):
        MultivariateDataset(data.parts[:1], ("a",))
    with pytest.raises(DataError, match="different channels cannot be joined"):
        MultivariateDataset.concat([data, replace(data, channels=("visits", "profit"))])
    with pytest.raises(DataError, match=r"no channel 'sale'. Did you mean 'sales'"):
        data.channel("sale")
    with pytest.raises(DataError, match=r"2 channels .visits, sales.*needs univariate series"):
        to_series(data)


def test_a_window_is_usable_if_every_channel_of_it_is():
    data = dataset()
    together = window_starts(data.values, data.offsets, 6, 0.7)
    apart = [set(window_starts(row, data.offsets, 6, 0.7)) for row in data.values]
    assert set(together) == apart[0] & apart[1]
    assert apart[0] != apart[1]


def test_windows_of_channels_are_read_together():
    import torch

    data = dataset(gaps=False)
    sampler = WindowSampler.over(data.values.astype(np.float32), data.offsets, 6)
    series, position = sampler.draw(50, torch.Generator().manual_seed(1))
    windows = sampler.read(series, position)
    assert windows.shape == (50, 2, 6)
    for window, i, begin in zip(windows, series.tolist(), position.tolist(), strict=True):
        target = list(data)[i]["target"]
        np.testing.assert_array_equal(window, target[:, begin : begin + 6])

"""Columns are known by the names that clients use."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import read_series, simulate_series, to_dataset
from tsgen.data.series.reading.roles import Roles
from tsgen.errors import DataError

NIXTLA = {"item_id": "unique_id", "timestamp": "ds", "target": "y"}


@pytest.fixture(scope="module")
def panel():
    return simulate_series(3, 30, seed=1)


@pytest.fixture(scope="module")
def table(panel):
    return panel.to_frame()


@pytest.mark.parametrize(
    ("names", "item_id", "timestamp", "target"),
    [
        (["item_id", "timestamp", "target"], "item_id", "timestamp", "target"),
        (["unique_id", "ds", "y"], "unique_id", "ds", "y"),
        (["item_id", "ds", "y"], "item_id", "ds", "y"),
        (["item_id", "timestamp", "target", "y"], "item_id", "timestamp", "target"),
        (["meter", "when"], "item_id", "timestamp", "target"),
    ],
)
def test_each_role_has_the_name_that_is_there(names, item_id, timestamp, target):
    assert Roles().within(names) == Roles(item_id, timestamp, (target,))


def test_two_columns_for_one_role_are_refused_with_the_option():
    with pytest.raises(DataError, match=r"'target' and 'y', and either could be the target; say"):
        Roles().within(["unique_id", "ds", "y", "target"])
    assert Roles(targets=("y",)).within(["unique_id", "ds", "y", "target"]).item_id == "unique_id"


def test_an_index_without_a_name_is_no_column(table):
    roles = Roles(targets=("load", "price"))
    renamed = table.rename(columns={"target": "load"})
    assert roles.in_columns(renamed) is renamed
    with pytest.raises(DataError, match=r"It has: item_id, timestamp, load\."):
        to_dataset(renamed, target=["load", "price"])


def test_asked_names_are_not_replaced():
    asked = Roles("meter", "ds", ("load",))
    assert asked.within(["unique_id", "ds", "y"]) == asked


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.rename(columns=NIXTLA),
        lambda t: t.rename(columns=NIXTLA).set_index("unique_id"),
        lambda t: t.rename(columns={"target": "y"}),
        lambda t: t.set_index(["item_id", "timestamp"]),
        lambda t: t.set_index("timestamp"),
        lambda t: t.set_index(pd.DatetimeIndex(t["timestamp"], name=None)).drop(
            columns="timestamp"
        ),
        lambda t: t.set_index(["item_id", "timestamp"])["target"],
    ],
)
def test_tables_of_clients_are_read_by_their_names(panel, table, change):
    assert to_dataset(change(table)).fingerprint() == panel.fingerprint()


def test_other_levels_of_an_index_become_columns(table):
    indexed = table.assign(shop="x").set_index(["item_id", "shop", "timestamp"])
    assert to_dataset(indexed, static=["shop"]).static_categories == (("x",),)


def test_files_are_read_by_their_names(panel, table, tmp_path):
    nixtla = table.rename(columns=NIXTLA).assign(unique_id=lambda t: t["unique_id"].str[-1:])
    nixtla["unique_id"] = "00" + nixtla["unique_id"]  # a text, and not 0
    nixtla.to_csv(tmp_path / "t.csv", index=False)
    nixtla.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "parts").mkdir()
    for k, (_, part) in enumerate(nixtla.groupby("unique_id")):
        part.to_parquet(tmp_path / "parts" / f"{k}.parquet")
    for name in ("t.csv", "t.parquet", "parts"):
        read = read_series(tmp_path / name)
        assert read.item_ids == ("000", "001", "002")
        np.testing.assert_array_equal(read.values, panel.values)


def test_a_file_of_indexed_rows_is_read(panel, table, tmp_path):
    table.set_index(["item_id", "timestamp"]).to_parquet(tmp_path / "t.parquet")
    assert read_series(tmp_path / "t.parquet").fingerprint() == panel.fingerprint()

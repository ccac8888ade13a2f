from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from strategies import panels
from tsgen.data import to_dataset, to_frame
from tsgen.errors import DataError, DataWarning


def hourly(num=6, item_id="a", first="2024-01-01"):
    stamps = pd.date_range(first, periods=num, freq="h")
    return pd.DataFrame({"item_id": item_id, "timestamp": stamps, "target": np.arange(num) + 1.0})


@given(panels())
def test_a_table_comes_back_as_it_went_in_with_gaps_as_nan(panel):
    dataset = to_dataset(panel.table, freq=panel.grid.offset, static=["shop", "size"])
    back = to_frame(dataset)
    keys = ["item_id", "timestamp"]
    given_rows = back.merge(panel.table[keys], on=keys)
    pd.testing.assert_frame_equal(given_rows[panel.table.columns], panel.table, check_dtype=False)
    added = back.merge(panel.table[keys], on=keys, how="left", indicator=True)
    assert added.loc[added["_merge"] == "left_only", "target"].isna().all()


@given(panels())
def test_values_lie_where_a_slow_loop_puts_them(panel):
    dataset = to_dataset(panel.table, freq=panel.grid.offset)
    for i, item_id in enumerate(dataset.item_ids):
        rows = panel.table[panel.table["item_id"] == item_id]
        found = dict(zip(rows["timestamp"], rows["target"], strict=True))
        expected, now = [], rows["timestamp"].iloc[0]
        while now <= rows["timestamp"].iloc[-1]:
            expected.append(found.get(now, np.nan))
            now += pd.tseries.frequencies.to_offset(panel.grid.offset)
        np.testing.assert_array_equal(dataset.series(i), expected)
        assert dataset.timestamps(i)[0] == rows["timestamp"].iloc[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.rename(columns={"target": "targt"}), r"no column 'target'.*mean 'targt'"),
        (lambda t: t.rename(columns={"item_id": "Item_ID"}), r"'item_id'.*mean 'Item_ID'"),
        (lambda t: pd.concat([t, t[["target"]]], axis=1), r"two columns 'target'"),
        (lambda t: t.iloc[:0], r"no rows"),
        (lambda t: t.iloc[:0].rename(columns={"target": "<html>"}), r"no column 'target'"),
        (lambda t: t.assign(target=np.nan), r"'a' has no observed value"),
        (lambda t: t.assign(target=["1", "2", "x", "4", "5", "6"]), r"row 2: 'x'"),
        (lambda t: t.assign(target=["1,5"] * 6), r"decimal comma.*read_csv\(path, decimal"),
        (lambda t: t.assign(target=t["timestamp"]), r"holds times"),
        (lambda t: t.assign(target=[1, 2, 3, np.inf, 5, 6]), r"row 3 \(item 'a'\).*on_infinite"),
        (lambda t: t.assign(target=[1, 2, 3, -1e39, 5, 6]), r"32-bit"),
        (lambda t: t.assign(item_id=["a", None, *"aaaa"]), r"no item id in row 1"),
        (lambda t: t.assign(item_id=0.5), r"item id 0.5 in row 0.*text"),
        (lambda t: t.assign(timestamp=t["timestamp"].where(t.index != 4)), r"no time .*row 4"),
        (lambda t: t.assign(timestamp=range(6)), r"holds numbers.*start='2020.*unit='s'"),
        (lambda t: t.assign(timestamp=[*"012345"]), r"numbers \(row 0: 0\).*start='2020"),
        (lambda t: t.assign(timestamp=[*t["timestamp"].astype(str)[:5], "soon"]), r"row 5: 'soon'"),
        (lambda t: t.assign(timestamp="2024-01-01"), r"frequency cannot be inferred"),
        (lambda t: t.assign(shop=[*"xxxxxy"]), r"'shop' changes within series 'a'.*row 5"),
        (lambda t: t.assign(shop=[*"xxxxx", None]), r"'shop' has no static value in row 5"),
    ],
)
def test_each_broken_rule_is_refused_with_its_place(change, message):
    table = change(hourly().assign(shop="x"))
    with pytest.raises(DataError, match=message):
        to_dataset(table, static=["shop"])


def test_a_table_of_one_series_needs_no_ids():
    table = hourly().drop(columns="item_id")
    with pytest.raises(
        DataError, match=r"no column 'item_id'\. .*one series, say so by item_id=''"
    ):
        to_dataset(table)
    assert to_dataset(table, item_id="").item_ids == to_dataset(table, item_id=None).item_ids


def test_infinite_values_can_be_taken_as_missing():
    table = hourly().assign(target=[1, 2, np.inf, -np.inf, 5, 6])
    with pytest.warns(DataWarning, match=r"^2 infinite"):
        dataset = to_dataset(table, on_infinite="missing")
    np.testing.assert_array_equal(dataset.series(0), [1, 2, np.nan, np.nan, 5, 6])


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.convert_dtypes(),
        lambda t: t.convert_dtypes(dtype_backend="pyarrow"),
        lambda t: t.astype({"item_id": "category", "shop": "category", "target": "Float64"}),
        lambda t: t.astype({"item_id": "string[pyarrow]", "target": "float32"}),
        lambda t: t.assign(target=t["target"].astype(int)),
        lambda t: t.assign(target=[Decimal(int(v)) for v in t["target"]]),
        lambda t: t.assign(target=t["target"].astype(str)),
        lambda t: t.assign(timestamp=t["timestamp"].astype(str)),
        lambda t: t.assign(timestamp=t["timestamp"].astype(str).astype("category")),
        lambda t: t.assign(timestamp=t["timestamp"].dt.to_period("h")),
        lambda t: t.assign(timestamp=t["timestamp"].astype("datetime64[s]")),
        lambda t: t.assign(timestamp=list(t["timestamp"].dt.to_pydatetime())),
        lambda t: t.assign(timestamp=t["timestamp"].dt.strftime("%d.%m.%Y %H:%M")),
    ],
)
@pytest.mark.filterwarnings("ignore:The behavior of DatetimeProperties.to_pydatetime")
def test_every_usual_dtype_gives_the_same_dataset(change):
    table = pd.concat([hourly(30), hourly(20, "b", "2024-01-20")]).reset_index(drop=True)
    table["shop"] = np.where(table["item_id"] == "a", "north", "south")
    plain = to_dataset(table, static=["shop"])
    assert to_dataset(change(table), static=["shop"]).fingerprint() == plain.fingerprint()
    assert plain.static_categories == (("north", "south"),)


def test_ids_keep_their_type_and_series_their_order():
    table = pd.concat([hourly(item_id=7), hourly(item_id=3)])
    assert to_dataset(table).item_ids == (7, 3)
    assert to_dataset(table.astype({"item_id": "Int64"})).item_ids == (7, 3)
    assert to_frame(to_dataset(table))["item_id"].dtype == np.int64


def test_a_table_without_ids_is_one_series():
    dataset = to_dataset(hourly().drop(columns="item_id"), item_id=None)
    assert dataset.item_ids == ("0",)


def test_other_column_names_are_understood():
    table = hourly().rename(columns={"item_id": "sku", "timestamp": "at", "target": "sold"})
    assert len(to_dataset(table, item_id="sku", timestamp="at", target="sold")) == 1


def test_dates_that_could_be_read_both_ways_are_refused():
    table = hourly(3).assign(timestamp=["01/02/2024", "02/02/2024", "03/02/2024"])
    with pytest.raises(DataError, match="day and month cannot be told apart"):
        to_dataset(table)
    table["timestamp"] = ["30.01.2024", "31.01.2024", "01.02.2024"]
    assert to_dataset(table).freq == "D"


def test_the_callers_table_is_not_changed():
    table = hourly()
    before = table.copy()
    dataset = to_dataset(table)
    with pytest.raises(ValueError, match="read-only"):
        dataset.values[0] = 5.0
    frame = dataset.to_frame()
    frame["target"] += 1.0
    table["target"] += 1.0
    assert dataset.series(0).tolist() == before["target"].tolist()


def test_a_hundred_thousand_series_load():
    num, length = 100_000, 20
    table = pd.DataFrame(
        {
            "item_id": np.repeat(np.arange(num), length),
            "timestamp": np.tile(pd.date_range("2024-01-01", periods=length, freq="D"), num),
            "target": np.arange(num * length, dtype=float),
        }
    )
    dataset = to_dataset(table)
    np.testing.assert_array_equal(dataset.values, table["target"])

import re
import time
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from strategies import panels
from tsgen.data import to_dataset, to_frame
from tsgen.errors import DataError, DataWarning, SettingsError


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


@given(panels())
def test_the_order_of_rows_does_not_matter_but_is_mentioned(panel):
    tidy = to_dataset(panel.table, freq=panel.grid.freq)
    by_time = panel.table.sort_values("timestamp", kind="stable")
    interleaved = to_dataset(by_time, freq=panel.grid.freq)  # in time order: nothing to mention
    again = interleaved.subset([interleaved.item_ids.index(name) for name in tidy.item_ids])
    assert again.fingerprint() == tidy.fingerprint()


def test_rows_out_of_time_order_are_sorted_and_counted():
    table = hourly().iloc[[0, 2, 1, 3, 5, 4]]
    with pytest.warns(DataWarning, match=r"^2 rows come before"):
        dataset = to_dataset(table)
    assert dataset.series(0).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("rule", "merged"), [("first", 3.0), ("last", 9.0), ("mean", 6.0), ("sum", 12.0)]
)
def test_duplicates_are_refused_or_merged_on_request(rule, merged):
    table = pd.concat([hourly(), hourly().iloc[[2]].assign(target=9.0)], ignore_index=True)
    table = table.sort_values("timestamp", kind="stable")
    with pytest.raises(DataError, match=r"row 3 .*'a'.*02:00:00.* repeats row 2") as caught:
        to_dataset(table)
    assert (caught.value.row, caught.value.item_id) == (3, "a")
    with pytest.warns(DataWarning, match=r"^1 rows repeat"):
        dataset = to_dataset(table, on_duplicate=rule)
    assert dataset.series(0).tolist() == [1, 2, merged, 4, 5, 6]


def test_merging_skips_missing_values():
    table = pd.concat([hourly(), hourly().assign(target=np.nan)])
    table.loc[table["timestamp"].dt.hour == 3, "target"] = np.nan
    for rule in ("mean", "sum"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            merged = to_dataset(table, on_duplicate=rule).series(0)
        np.testing.assert_array_equal(merged, [1, 2, 3, np.nan, 5, 6])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.rename(columns={"target": "targt"}), r"no column 'target'.*mean 'targt'"),
        (lambda t: t.rename(columns={"item_id": "Item_ID"}), r"'item_id'.*mean 'Item_ID'"),
        (lambda t: t.set_index("timestamp"), r"reset_index"),
        (lambda t: pd.concat([t, t[["target"]]], axis=1), r"two columns 'target'"),
        (lambda t: t.iloc[:0], r"no rows"),
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


def test_irregular_times_are_told_how_to_become_regular():
    steps = np.random.default_rng(0).integers(40, 90, 300)
    table = hourly(300)
    table["timestamp"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.cumsum(steps), unit="s")
    with pytest.raises(DataError, match=r"irregular: no step .*resample\('h'"):
        to_dataset(table)
    advised = table.groupby("item_id").resample("min", on="timestamp")["target"].mean()
    assert to_dataset(advised.reset_index()).freq == "min"


def test_sparse_times_on_a_grid_are_no_irregular_ones():
    gaps = np.random.default_rng(1).geometric(1 / 8, 400)  # no gap is a tenth of all, but for 1 h
    table = hourly(400)
    table["timestamp"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.cumsum(gaps), unit="h")
    assert to_dataset(table).freq == "h"


def test_business_month_ends_are_told_how_to_become_months():
    table = hourly(60).assign(timestamp=pd.date_range("2020-01-01", periods=60, freq="BME"))
    with pytest.raises(DataError, match=r"give periods: timestamp.dt.to_period\('M'\)"):
        to_dataset(table)
    as_months = table.assign(timestamp=table["timestamp"].dt.to_period("M"))
    assert to_dataset(as_months).lengths.tolist() == [60]


def test_a_table_of_one_series_needs_no_ids():
    table = hourly().drop(columns="item_id")
    with pytest.raises(
        DataError, match=r"no column 'item_id'\. .*one series, say so by item_id=''"
    ):
        to_dataset(table)
    assert to_dataset(table, item_id="").item_ids == to_dataset(table, item_id=None).item_ids


def test_a_stamp_off_the_grid_is_refused_with_its_row():
    table = hourly(12)
    table.loc[7, "timestamp"] += pd.Timedelta("7min")
    with pytest.raises(DataError, match=r"row 7 .*07:07:00.*not on the grid of freq='h'; 1 rows"):
        to_dataset(table)


@pytest.mark.parametrize(
    ("given_freq", "stamps", "likely"),
    [
        ("D", pd.date_range("2024-01-01", periods=48, freq="h"), "'h'"),
        ("min", pd.date_range("2024-01-01", periods=48, freq="D"), "'D'"),
        ("h", pd.date_range("2024-01-01", periods=48, freq="D"), "'D'"),
        ("2h", pd.date_range("2024-01-01", periods=48, freq="h"), "'h'"),
        ("M", pd.date_range("2024-01-01", periods=48, freq="W-MON"), "'W-MON'"),
        ("B", pd.date_range("2024-01-01", periods=48, freq="D"), "'D'"),
    ],
)
def test_a_frequency_that_does_not_fit_is_refused_with_the_likely_one(given_freq, stamps, likely):
    table = pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": 1.0})
    with pytest.raises(DataError, match=f"looks like freq={likely}"):
        to_dataset(table, freq=given_freq)


def test_one_wrong_year_does_not_take_all_memory():
    table = hourly(50)
    table.loc[49, "timestamp"] = pd.Timestamp("2204-01-01")
    with pytest.raises(DataError, match=r"widest gap .* row 49"):
        to_dataset(table)


def test_stamps_five_centuries_apart_are_no_disorder():
    table = hourly(2).assign(timestamp=pd.to_datetime(["1700-01-01", "2200-01-01"]))
    dataset = to_dataset(table, freq="100Y")
    assert dataset.freq == "100Y-DEC"
    assert dataset.values.size == 6


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


def test_a_wide_table_is_told_how_to_become_long():
    index = pd.date_range("2024-01-01", periods=3, freq="h")
    wide = pd.DataFrame({"a": [1.0, 2, 3], "b": [4.0, 5, 6]}, index=index)
    with pytest.raises(DataError, match="wide table") as caught:
        to_dataset(wide)
    advice = re.search(r"table\.melt.*(?=\.$)", str(caught.value))
    dataset = to_dataset(eval(advice.group(), {"table": wide}))
    assert dataset.item_ids == ("a", "b")
    assert dataset.series(1).tolist() == [4, 5, 6]


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_duplicate": "frist"}, "mean 'first'"),
        ({"on_infinite": "drop"}, "'missing'"),
        ({"dynamic_features": True}, "'drop'"),
        ({"freq": "hourly"}, "30min"),
        ({"timezone": "Europe/Berln"}, "mean 'Europe/Berlin'"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        to_dataset(hourly(), **options)


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


def test_a_hundred_thousand_series_load_in_seconds():
    num, length = 100_000, 20
    table = pd.DataFrame(
        {
            "item_id": np.repeat(np.arange(num), length),
            "timestamp": np.tile(pd.date_range("2024-01-01", periods=length, freq="D"), num),
            "target": np.arange(num * length, dtype=float),
        }
    )
    begin = time.process_time()
    dataset = to_dataset(table)
    assert time.process_time() - begin < 10.0
    np.testing.assert_array_equal(dataset.values, table["target"])

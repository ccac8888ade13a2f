"""Several rows of one series and time."""

import warnings

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.errors import DataError, DataWarning


def hourly(num=6, item_id="a", first="2024-01-01"):
    stamps = pd.date_range(first, periods=num, freq="h")
    return pd.DataFrame({"item_id": item_id, "timestamp": stamps, "target": np.arange(num) + 1.0})


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


def test_a_repeated_hour_of_autumn_is_told_what_it_is():
    stamps = pd.to_datetime(["2024-10-27 01:00", "2024-10-27 02:00", "2024-10-27 02:00",
                             "2024-10-27 03:00"])  # fmt: skip
    table = pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": [1.0, 2, 3, 4]})
    with pytest.raises(DataError, match=r"the hour that Europe/Berlin has twice when daylight"):
        to_dataset(table, freq="h", timezone="Europe/Berlin")
    with pytest.raises(DataError, match=r"Correct them, or pass on_duplicate='first'"):
        to_dataset(table, freq="h")


def test_three_rows_and_another_series_are_merged_apart():
    table = pd.concat([hourly(3), hourly(3).iloc[[0, 0]].assign(target=[4.0, 7.0]),
                       hourly(3, "b").assign(target=[10.0, 20.0, 30.0])])  # fmt: skip
    merged = {"first": 1.0, "last": 7.0, "mean": 4.0, "sum": 12.0}
    for rule, value in merged.items():
        with pytest.warns(DataWarning, match="2 rows repeat"):
            dataset = to_dataset(table.sort_values(["item_id", "timestamp"], kind="stable"),
                                 on_duplicate=rule)  # fmt: skip
        assert dataset.series(0).tolist() == [value, 2, 3]
        assert dataset.series(1).tolist() == [10, 20, 30]

"""The long table: a row for each series and time, in the zone, with values of their own types."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgen.data import simulate_series, to_dataset
from tsgen.data.series.long_table import long_table
from tsgen.errors import DataError, DataWarning


def test_every_step_is_a_row_with_its_series_time_and_value():
    made = simulate_series(2, 6, "2h").cut(np.arange(2), np.array([0, 2]), np.array([3, 6]))
    table = long_table(made)
    assert list(table) == ["item_id", "timestamp", "target"]
    assert table["item_id"].tolist() == ["series-0"] * 3 + ["series-1"] * 4
    hours = [0, 2, 4, 4, 6, 8, 10]
    assert table["timestamp"].tolist() == [pd.Timestamp(2024, 1, 1, h) for h in hours]
    assert table["target"].tolist() == made.values.tolist()


def test_ids_and_categories_keep_their_types():
    made = replace(
        simulate_series(2, 2),
        item_ids=(7, 3),
        static_names=("size", "town"),
        static_categories=((1, 2), ("Graz", 5)),
        static_cat=np.array([[1, 0], [0, 1]]),
    )
    table = long_table(made)
    assert table["item_id"].dtype == np.int64
    assert table["size"].tolist() == [2, 2, 1, 1]
    assert table["town"].tolist() == ["Graz", "Graz", 5, 5]


def test_synthetic_series_name_their_source_only_where_one_is_named():
    made = simulate_series(2, 2)
    assert "source_item_id" not in long_table(made, provenance=True)
    named = replace(made, info=({"synthetic": True, "source_item_id": "x"}, {"synthetic": False}))
    assert long_table(named, provenance=True)["source_item_id"].tolist() == ["x", "x", None, None]


def test_the_table_is_a_copy():
    made = simulate_series(1, 3)
    table = long_table(made)
    table.loc[:, "target"] = 0.0
    assert (made.values > 0).all()


def test_values_at_an_hour_that_the_zone_skips_are_left_out_and_counted():
    hours = pd.date_range("2024-03-31 00:00", periods=4, freq="h")  # Berlin skips 02:00
    table = pd.DataFrame({"item_id": "a", "timestamp": hours, "target": np.arange(4.0)})
    made = replace(to_dataset(table), timezone="Europe/Berlin")
    with pytest.warns(DataWarning, match="1 values at times that Europe/Berlin skips in spring"):
        shown = long_table(made)
    assert shown["target"].tolist() == [0, 1, 3]
    assert shown.index.tolist() == [0, 1, 2]
    gap = replace(made, values=np.array([0, 1, np.nan, 3]))
    assert long_table(gap)["timestamp"].dt.hour.tolist() == [0, 1, 3]


def test_ids_of_64_bits_stay_whole_numbers_and_years_without_stamps_are_told():
    start = pd.Period("2024-01-01", "h")
    entries = [{"item_id": 2**64 - 1, "start": start, "target": [1.0, 2.0]}]
    assert to_dataset(entries).to_frame()["item_id"].tolist() == [2**64 - 1] * 2
    late = [{"item_id": "a", "start": pd.Period(year=5000, freq="Y"), "target": [1.0, 2.0]}]
    with pytest.raises(DataError, match="outside the years 1678 to 2261"):
        to_dataset(late).to_frame()

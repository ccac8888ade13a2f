"""The rows of a table, sorted by series and time."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from strategies import panels
from tsgen.data import to_dataset
from tsgen.data.series.reading.table_rows import Rows, refuse_nonexistent, sort
from tsgen.errors import DataError, DataWarning


def hourly(num=6, item_id="a", first="2024-01-01"):
    stamps = pd.date_range(first, periods=num, freq="h")
    return pd.DataFrame({"item_id": item_id, "timestamp": stamps, "target": np.arange(num) + 1.0})


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


def test_stamps_five_centuries_apart_are_no_disorder():
    table = hourly(2).assign(timestamp=pd.to_datetime(["1700-01-01", "2200-01-01"]))
    dataset = to_dataset(table, freq="100Y")
    assert dataset.freq == "100Y-DEC"
    assert dataset.values.size == 6


def rows(series, hours, target=None):
    stamps = pd.DatetimeIndex([pd.Timestamp("2024-03-31") + pd.Timedelta(h, "h") for h in hours])
    values = np.arange(len(hours), dtype=float) if target is None else np.array(target, float)
    return Rows(np.array(series), stamps, values[:, None], np.arange(len(hours)), ("a", "b"), None)


def test_rows_are_sorted_by_series_then_time_and_equal_times_stay_in_their_order():
    with pytest.warns(DataWarning, match="^2 rows come before"):
        found = sort(rows([1, 0, 1, 0, 0], [5, 3, 4, 2, 3]))
    assert found.row.tolist() == [3, 1, 4, 2, 0]
    assert found.target[:, 0].tolist() == [3, 1, 4, 2, 0]
    assert found.series.tolist() == [0, 0, 0, 1, 1]


def test_interleaved_series_are_sorted_without_a_word_and_sorted_rows_stay_themselves():
    found = sort(rows([0, 1, 0, 1], [1, 1, 2, 2]))  # warnings are errors
    assert found.row.tolist() == [0, 2, 1, 3]
    tidy = rows([0, 0, 1], [1, 2, 0])
    assert sort(tidy) is tidy


def test_a_row_is_named_by_its_place_in_the_users_table():
    found = sort(rows([0, 1, 0], [1, 1, 2]))
    assert found.where(1) == "row 2 (item 'a', time 2024-03-31 02:00:00)"
    error = found.error(2, "told", field="timestamp")
    assert (error.item_id, error.row, error.field) == ("b", 1, "timestamp")


def test_a_value_at_an_hour_that_does_not_exist_is_refused_and_a_gap_is_not():
    column = pd.Series([], name="timestamp")
    berlin = replace(rows([0, 0, 0], [1, 2, 3]), zone="Europe/Berlin")
    with pytest.raises(DataError, match=r"row 1 .*: this time does not exist in Europe/Berlin"):
        refuse_nonexistent(berlin, column)
    refuse_nonexistent(replace(berlin, target=np.array([[1], [np.nan], [1]])), column)
    refuse_nonexistent(rows([0, 0, 0], [1, 2, 3]), column)

"""Series without any value: refused, or left out and counted, whatever they are read from."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import simulate_series, to_dataset
from tsgen.data.series.conversion import to_series
from tsgen.errors import DataError, DataWarning, SettingsError


def test_they_are_refused_or_left_out_and_counted():
    table = simulate_series(3, 30, seed=1).to_frame()
    table["target"] = table["target"].where(table["item_id"] != "series-1")
    empty = np.full(30, np.nan)
    entries = [
        {"start": pd.Period("2024-01-01", "h"), "target": target}
        for target in (np.arange(30.0), empty)
    ]
    for data, left in ((table, ("series-0", "series-2")), (entries, ("0",))):
        with pytest.raises(DataError, match=r"no observed value at all.*on_unobserved='drop'"):
            to_dataset(data)
        with pytest.warns(DataWarning, match=r"1 of . series have no observed value and were left"):
            assert to_dataset(data, on_unobserved="drop").item_ids == left
    with pytest.raises(DataError, match="No series has an observed value"):
        to_dataset(table.assign(target=np.nan), on_unobserved="drop")


def test_a_channel_without_a_value_counts_as_none():
    entries = [
        {"start": pd.Period("2024-01-01", "h"), "item_id": name, "target": target}
        for name, target in (("a", [[1.0, 2], [3, 4]]), ("b", [[1.0, 2], [np.nan, np.nan]]))
    ]
    with pytest.warns(DataWarning, match="first is 'b'"):
        assert to_dataset(entries, on_unobserved="drop").item_ids == ("a",)


def test_a_series_dataset_passes_through_unless_something_else_is_asked_for():
    dataset = simulate_series(1, 10)
    assert to_dataset(dataset, freq="H") is dataset
    with pytest.raises(DataError, match="freq='D' was asked for"):
        to_dataset(dataset, freq="D")
    with pytest.raises(DataError, match="timezone='UTC' was asked for"):
        to_dataset(dataset, timezone="UTC")
    with pytest.raises(SettingsError, match="feat_static_cat"):
        to_dataset(list(dataset), static=["shop"])


def hourly(num=6, item_id="a", first="2024-01-01"):
    stamps = pd.date_range(first, periods=num, freq="h")
    return pd.DataFrame({"item_id": item_id, "timestamp": stamps, "target": np.arange(num) + 1.0})


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


@pytest.mark.parametrize(
    ("data", "options", "error", "told"),
    [
        ("series.csv", {}, DataError, "'series.csv' is a path; read it with read_series"),
        (
            [{"item_id": "a", "timestamp": "2024-01-01", "target": 1.0}],
            {},
            DataError,
            "no field 'start'; GluonTS needs it. Rows of a table are read as pandas.DataFrame",
        ),
        (
            np.zeros(3, [("item_id", int), ("target", float)]),
            {},
            DataError,
            "An array of records is a table; give pandas.DataFrame",
        ),
        (5, {}, DataError, "A int is neither a table, nor series"),
        (
            [],
            {"static": ["shop"]},
            SettingsError,
            "static= and static_numbers= name columns of a table",
        ),
        ([], {"start": "2024"}, SettingsError, "start= dates the step numbers of a table"),
        ([], {"item_id": "shop"}, SettingsError, "item_id= is about the rows of a table"),
        ([], {"timestamp": "day"}, SettingsError, "timestamp= is about the rows of a table"),
        ([], {"on_duplicate": "sum"}, SettingsError, "on_duplicate= is about the rows of a table"),
        ([], {"on_irregular": "floor"}, SettingsError, "on_irregular= is about the rows"),
        ([], {"target": "sales"}, SettingsError, "target= is about the rows of a table"),
        ([], {"target": ["a"]}, SettingsError, "name two different columns or more"),
        ([], {"target": ["a", "a"]}, SettingsError, "name two different columns or more"),
        ([], {"on_unobserved": "keep"}, SettingsError, "Use one of 'error', 'drop'"),
    ],
)
def test_what_is_no_data_or_fits_only_tables_is_refused(data, options, error, told):
    with pytest.raises(error, match=told):
        to_dataset(data, **options)


def channels(num):
    start = pd.Period("2024-01-01", "h")
    return [{"item_id": "a", "start": start, "target": np.ones((num, 4))}]


def test_channels_of_entries_are_counted_or_named():
    assert to_dataset(channels(3)).channels == ("0", "1", "2")
    assert to_dataset(channels(2), target=["x", "y"]).channels == ("x", "y")
    with pytest.raises(DataError, match="The targets have 3 channels, target= names 2: x, y"):
        to_dataset(channels(3), target=["x", "y"])
    with pytest.raises(DataError, match="one channel is a univariate series"):
        to_dataset(channels(1))


def test_univariate_work_refuses_channels_and_names_the_first():
    with pytest.raises(DataError, match=r"have 7 channels \(0, 1, 2, 3, 4, \.\.\.\)"):
        to_series(channels(7))
    with pytest.raises(DataError, match=r"have 2 channels \(0, 1\); this needs univariate"):
        to_series(channels(2))
    assert to_series(simulate_series(1, 3)).item_ids == ("series-0",)


def test_series_named_by_position_keep_their_position_when_others_are_left_out():
    start, gone = pd.Period("2024-01-01", "h"), np.full(3, np.nan)
    entries = [{"start": start, "target": target} for target in (gone, np.ones(3), np.ones(3))]
    with pytest.warns(DataWarning, match="1 of 3 series .* first is '0'"):
        assert to_dataset(entries, on_unobserved="drop").item_ids == ("1", "2")

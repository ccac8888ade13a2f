"""Series, dictionaries of series and arrays are read as what they hold."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.errors import DataError, SettingsError

HOURS = pd.date_range("2024-01-01", periods=4, freq="h")
DATED = {"start": "2024-01-01", "freq": "h"}
ONE, TWO = [1.0, 2.0, np.nan, 4.0], [5.0, 6.0, 7.0, 8.0]


def check(dataset, ids=("a", "b")):
    assert dataset.item_ids == ids
    for k, values in enumerate((ONE, TWO)[: len(ids)]):
        np.testing.assert_array_equal(dataset.series(k), values)
        assert dataset.timestamps(k)[0] == HOURS[0]
    assert dataset.freq == "h"


@pytest.mark.parametrize(
    "data",
    [
        {"a": pd.Series(ONE, HOURS), "b": pd.Series(TWO, HOURS)},
        {"a": pd.Series(ONE, HOURS.to_period()), "b": pd.Series(TWO, HOURS.to_period())},
        {"a": pd.DataFrame({"target": ONE}, HOURS), "b": pd.DataFrame({"y": TWO}, HOURS)},
        {k: pd.DataFrame({"ds": HOURS, "y": v}) for k, v in (("a", ONE), ("b", TWO))},
        pd.concat({"a": pd.Series(ONE, HOURS), "b": pd.Series(TWO, HOURS)}),
    ],
)
def test_series_with_times_are_read(data):
    check(to_dataset(data))


@pytest.mark.parametrize(
    "data",
    [
        {"a": ONE, "b": TWO},
        {"a": np.array(ONE), "b": tuple(TWO)},
        {"a": pd.Series(ONE), "b": pd.Series(TWO)},
    ],
)
def test_values_without_times_need_a_start(data):
    check(to_dataset(data, **DATED))
    with pytest.raises(DataError, match=r"Series 'a': .*no index of times.*start='2024"):
        to_dataset(data)


def test_one_series_has_its_name_or_0():
    check(to_dataset(pd.Series(ONE, HOURS, name="a")), ("a",))
    check(to_dataset(pd.Series(ONE, HOURS)), ("0",))
    check(to_dataset(pd.Series(ONE), **DATED), ("0",))
    check(to_dataset(np.array(ONE), **DATED), ("0",))


def test_arrays_have_series_steps_and_channels():
    draw = np.random.default_rng(0).normal(size=(3, 5, 2))
    read = to_dataset(draw, target=["load", "price"], **DATED)
    assert read.item_ids == ("0", "1", "2")
    assert read.channels == ("load", "price")
    for i, entry in enumerate(read):
        np.testing.assert_array_equal(entry["target"], draw[i].T.astype(np.float32))
    assert to_dataset(draw, **DATED).channels == ("0", "1")
    single = to_dataset(draw[:, :, :1], **DATED)
    np.testing.assert_array_equal(single.values, draw[:, :, 0].ravel())


def test_tensors_are_arrays():
    import torch

    draw = torch.arange(12.0).reshape(2, 6, 1)
    assert to_dataset(draw, **DATED).series(1).tolist() == [6, 7, 8, 9, 10, 11]
    with pytest.raises(DataError, match=r"detach\(\)\.cpu\(\)\.numpy\(\)"):
        to_dataset(draw.requires_grad_(), **DATED)


@pytest.mark.parametrize(
    ("data", "options", "told"),
    [
        (np.ones((2, 3)), DATED, r"in rows or in columns; give array\[:, :, None\] for n series"),
        (np.ones((2, 3, 1, 1)), DATED, r"no set of series; give \(n, T, C\)"),
        (np.ones((0, 3, 1)), DATED, r"no set of series"),
        (np.ones((2, 3, 1)), {}, "An array has no times; pass .* start="),
        (np.ones((2, 3, 3)), DATED | {"target": ["a", "b"]}, "3 channels, target= names 2"),
        ({}, {}, "no series"),
        ({"start": 1, "target": [1]}, {}, r"one GluonTS entry; give a list of entries: \[entry\]"),
        (
            {"item_id": ["a"], "timestamp": [1], "target": [1]},
            {},
            r"give pandas\.DataFrame\(data\)",
        ),
        ({"a": np.ones((2, 2))}, DATED, r"values of shape \(2, 2\); give \(T,\) numbers"),
        ({"a": []}, DATED, r"values of shape \(0,\)"),
        ({"a": pd.Series(ONE, HOURS), "b": TWO}, DATED, "Some series .* have times and others"),
        ({"a": pd.DataFrame({"x": ONE}, HOURS)}, {}, r"'a' has no column 'target'; it has x"),
        (pd.Series(ONE), {}, r"no index of times; give it one, series\.set_axis\(pandas\.date_r"),
    ],
)
def test_what_says_too_little_is_refused_with_the_way_out(data, options, told):
    with pytest.raises(DataError, match=told):
        to_dataset(data, **options)


def test_a_start_needs_a_frequency():
    with pytest.raises(SettingsError, match="pass freq= too"):
        to_dataset(np.ones((2, 3, 1)), start="2024-01-01")


def test_the_index_that_is_advised_is_one():
    series = pd.Series(ONE)
    with pytest.raises(DataError) as caught:
        to_dataset(series)
    line = str(caught.value).split("give it one, ")[1].split(", or pass")[0]
    check(to_dataset(eval(line, {"pandas": pd, "series": series})), ("0",))

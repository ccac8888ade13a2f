"""Columns of features: numbers or categories, and where the past ends."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data.series.reading.feature_columns import FeatureColumns, without_future
from tsgen.errors import DataError


@pytest.fixture
def table():
    return pd.DataFrame({
        "price": ["1.5", "2", None, "4"],
        "kind": ["b", "a", None, "b"],
        "open": [True, False, True, True],
        "size": pd.Categorical([3, 1, 3, 1]),
    })  # fmt: skip


def test_text_that_is_no_number_is_categorical(table):
    read = FeatureColumns.read(table, ["kind", "price", "open", "size"], [], "error")
    assert (read.real_names, read.cat_names) == (("price", "open"), ("kind", "size"))
    assert read.categories == (("a", "b"), (1, 3))
    assert read.values[:, 2].tolist()[:2] == [1, 0]
    assert np.isnan(read.values[2, 2])
    assert read.values[:, 1].tolist() == [1, 0, 1, 1]


def test_what_is_missing_is_a_category_of_its_own(table):
    read = FeatureColumns.read(table, ["kind"], [], "error")
    features = read.features(read.values.T, np.array([0, 4]), np.array([4]))
    assert features.cat_categories == (("a", "b", None),)
    assert features.cat.tolist() == [[1, 0, 2, 1]]


def test_an_absent_or_infinite_column_is_refused(table):
    with pytest.raises(DataError, match="no column 'promo'"):
        FeatureColumns.read(table, ["promo"], [], "error")
    with pytest.raises(DataError, match="'load' is infinite"):
        FeatureColumns.read(table.assign(load=np.inf), ["load"], [], "error")


def test_a_series_ends_with_its_last_observed_step():
    nan = np.nan
    values = np.array([[1, nan, nan, 4, nan, nan], [nan, 2, nan, nan, nan, nan]])
    cut, offsets = without_future(values, np.array([0, 3, 6]))
    assert offsets.tolist() == [0, 2, 3]
    assert np.array_equal(cut, [[1, nan, 4], [nan, 2, nan]], equal_nan=True)

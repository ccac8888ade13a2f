"""Attributes as static features: numbers stay numbers, the rest becomes categories."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data.events.attributes import static_features
from tsgen.errors import DataError

TABLE = pd.DataFrame({
    "town": ["Graz", None, "Bonn", "Graz"],
    "member": [True, False, True, True],
    "age": [30, 41, 52, 63],
    "size": pd.Categorical(["S", "L", "S", "L"], categories=["S", "M", "L"], ordered=True),
})  # fmt: skip
IDS = ("a", "b", "c")
ROWS = np.array([2, 1, 0])


def values(found, name):
    """Return the values of a categorical feature, series by series."""
    place = found["static_names"].index(name)
    return [found["static_categories"][place][code] for code in found["static_cat"][:, place]]


def test_each_series_gets_the_values_of_its_row():
    found = static_features(TABLE, ROWS, None, IDS, "user")
    assert found["static_names"] == ("town", "member", "size")
    assert values(found, "town") == ["Bonn", None, "Graz"]
    assert values(found, "member") == [True, False, True]
    assert values(found, "size") == ["S", "L", "S"]
    assert found["static_real"].tolist() == [[52], [41], [30]]
    assert found["static_categories"][2] == ("S", "L")  # in the order of the categories


def test_only_the_chosen_columns_come_in_the_chosen_order():
    found = static_features(TABLE, ROWS, ["size", "town"], IDS, "user")
    assert found["static_names"] == ("size", "town")
    assert found["static_real"].shape == (3, 0)
    alone = static_features(TABLE, ROWS, "age", IDS, "user")
    assert alone["static_cat"].shape == (3, 0)
    assert alone["static_real"].shape == (3, 1)


def test_no_table_and_no_column_give_nothing():
    assert static_features(None, ROWS, None, IDS, "user") == {}
    assert static_features(TABLE, ROWS, (), IDS, "user") == {}


def test_a_feature_that_nobody_has_is_one_category():
    found = static_features(pd.DataFrame({"town": [None] * 3}), ROWS, None, IDS, "user")
    assert found["static_categories"] == ((None,),)
    assert found["static_cat"].tolist() == [[0], [0], [0]]


def test_unknown_columns_and_missing_numbers_are_told():
    with pytest.raises(DataError, match=r"user table has no column 'twon'\. Did you mean 'town'\?"):
        static_features(TABLE, ROWS, ["twon"], IDS, "user")
    with pytest.raises(DataError, match=r"item table has no column 'x'\..*no columns"):
        static_features(None, ROWS, ["x"], IDS, "item")
    gaps = TABLE.assign(age=[30.0, np.nan, np.inf, 63.0])
    with pytest.raises(DataError, match=r"in 'age' for 2 users \(the first: 'a'\)") as caught:
        static_features(gaps, ROWS, None, IDS, "user")
    assert (caught.value.item_id, caught.value.field) == ("a", "age")

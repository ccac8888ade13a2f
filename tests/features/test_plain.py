"""Columns as numbers, one by one."""

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError
from tsgen.features import PlainColumns


def users(rows=40):
    return pd.DataFrame({"country": ["DE", "AT", None, "FR"] * (rows // 4), "age": np.arange(rows)})


def test_a_category_has_a_place_of_its_own_and_missing_ones_and_new_ones_have_theirs():
    plain = PlainColumns.learnt(users(), seed=1)
    rows = plain.transform(pd.DataFrame({"country": ["DE", "AT", "FR", None, "CH"], "age": 3.0}))
    places = rows[:, :5].argmax(axis=1)
    assert sorted(places) == [0, 1, 2, 3, 4]
    assert places[3] == 0
    assert places[4] == 1
    assert (rows[:, :5].sum(axis=1) == 1).all()


def test_numbers_are_standardised_beside_their_squares_and_missing_ones_are_marked():
    table = users()
    rows = PlainColumns.learnt(table, seed=1).transform(table.assign(age=[np.nan, *range(1, 40)]))
    standard = (np.arange(40) - 19.5) / np.arange(40).std()
    np.testing.assert_allclose(rows[1:, 5], standard[1:], rtol=1e-5)
    np.testing.assert_allclose(rows[1:, 6], np.minimum(standard[1:] ** 2, 9) - 1, rtol=1e-4)
    assert rows[0, 5] == 0
    assert rows[0, 7] == 1
    assert not rows[1:, 7].any()


def test_many_categories_share_places_and_stay_the_same_for_a_seed():
    table = pd.DataFrame({"street": [f"s{k}" for k in range(500)], "age": np.arange(500)})
    first, again = (PlainColumns.learnt(table, seed=4).transform(table) for _ in range(2))
    assert first.shape == (500, 64 + 2 + 3)
    assert (first[:, :66].sum(axis=1) == 1).all()
    np.testing.assert_array_equal(first, again)


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(DataError, match="no column 'age'"):
        PlainColumns.learnt(users(), seed=1).transform(users()[["country"]])

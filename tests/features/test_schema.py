"""Columns of attribute tables, read off and held against newer tables."""

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError, DataWarning
from tsgen.features import TabularSchema
from tsgen.features.schema import tokens

TABLE = pd.DataFrame({
    "title": ["red mug", "blue mug", "green tea", "black tea"],
    "kind": ["mug", "mug", "tea", None],
    "price": [1.0, 2.0, np.nan, 6.0],
    "sold": [True, False, True, True],
})  # fmt: skip


def roles(schema):
    return {column.name: column.role for column in schema.columns}


def test_roles_are_read_off_and_can_be_given():
    assert roles(TabularSchema.infer(TABLE)) == {
        "title": "text", "kind": "category", "price": "number", "sold": "category",
    }  # fmt: skip
    given = TabularSchema.infer(TABLE, categorical=["title", "price"])
    assert roles(given)["title"] == roles(given)["price"] == "category"
    with pytest.raises(DataError, match=r"no column 'colour'.*It has: title"):
        TabularSchema.infer(TABLE, text=["colour"])


def test_missing_and_new_categories_are_values_of_their_own():
    schema = TabularSchema.infer(TABLE[["kind"]])
    newer = pd.DataFrame({"kind": ["tea", "", None, "pot", "mug"]})
    assert schema.codes(newer).ravel().tolist() == [3, 0, 0, 1, 2]


def test_whole_numbers_with_gaps_are_the_categories_they_were():
    schema = TabularSchema.infer(pd.DataFrame({"maker": [3, 5, 5]}), categorical=["maker"])
    assert schema.codes(pd.DataFrame({"maker": [5.0, None]})).ravel().tolist() == [3, 0]


def test_numbers_are_standardised_and_gaps_stay_gaps():
    numbers = TabularSchema.infer(TABLE).numbers(TABLE).ravel()
    assert np.isnan(numbers[2])
    np.testing.assert_allclose(np.nanmean(numbers), 0, atol=1e-12)
    np.testing.assert_allclose(np.nanstd(numbers), 1)


def test_columns_that_tell_nothing_are_left_out_and_said():
    table = TABLE.assign(shop="x", gone=None, one=1.0)
    schema = TabularSchema.infer(table)
    assert roles(schema) == roles(TabularSchema.infer(TABLE))
    assert schema.silent == ("shop", "gone", "one")
    with pytest.warns(DataWarning, match="left out: shop, gone, one"):
        schema.check(table, "items")
    with pytest.raises(DataError, match="No column of the table tells"):
        TabularSchema.infer(table[["shop", "gone"]])


def test_newer_tables_are_held_against_the_schema():
    schema = TabularSchema.infer(TABLE)
    with pytest.raises(DataError, match="'price' holds numbers, but row 1 has 'dear'"):
        schema.check(TABLE.assign(price=["1", "dear", "2", "3"]), "items")
    with pytest.raises(DataError, match="no column 'kind'"):
        schema.check(TABLE.drop(columns="kind"), "items")
    with pytest.warns(DataWarning) as said:
        schema.check(TABLE.assign(kind="pot", title=None, more=1), "new items")
    text = " ".join(str(one.message) for one in said)
    assert "4 of 4 new items have a 'kind' that training had not" in text
    assert "'title' of the new items is missing in all rows" in text
    assert "not used: more" in text


def test_a_schema_survives_being_written():
    schema = TabularSchema.infer(TABLE)
    assert TabularSchema.from_json(schema.to_json()) == schema


def test_tokens_are_words_and_numbers():
    assert tokens("Toy_Story (1995), 3-D") == ["toy", "story", "1995", "3", "d"]


def test_numbers_too_large_for_a_deviation_are_refused_with_their_column():
    with pytest.raises(DataError, match=r"'income' holds numbers as large as 1e\+300"):
        TabularSchema.infer(pd.DataFrame({"income": [1.0, 1e300, 2.0]}))


def test_a_column_of_categories_is_one_whatever_its_values_look_like():
    names = pd.Categorical([f"New South Wales {k}" for k in range(40)])
    schema = TabularSchema.infer(
        pd.DataFrame({"region": names, "year": pd.Categorical([1, 2] * 20)})
    )
    assert [column.role for column in schema.columns] == ["category", "category"]

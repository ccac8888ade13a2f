"""Items as vectors: what two of them have in common."""

import numpy as np
import pandas as pd
import pytest

from tsgen.features.items import ItemVectors


def likeness(table):
    vectors = ItemVectors.fit(table)(table)
    return (vectors @ vectors.T).toarray()


def test_products_are_the_mean_likeness_of_columns():
    same = likeness(pd.DataFrame({"a": ["x", "x", "y"], "b": ["p", "q", "q"]}))
    np.testing.assert_allclose(same, [[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]])


def test_missing_attributes_are_like_nothing_not_even_each_other():
    table = pd.DataFrame({"a": ["x", None, None], "b": [None, None, "p"]})
    np.testing.assert_allclose(likeness(table), np.diag([1.0, 0.0, 1.0]))


def test_rare_words_say_more_than_common_ones():
    titles = ["blue mug set", "red mug set", "blue tea set", *["set of pens"] * 20]
    same = likeness(pd.DataFrame({"title": titles}))
    assert same[0, 1] > same[0, 3] > 0


def test_numbers_near_to_each_other_are_alike():
    price = np.array([1.0, 1.2, 5.0, 9.0, np.nan, 4.0, 6.0])
    same = likeness(pd.DataFrame({"price": price, "kind": list("aabbccd")}))
    assert same[0, 1] > same[0, 2] >= same[0, 3]


@pytest.mark.filterwarnings("error")
def test_unknown_words_and_categories_are_zero():
    vectors = ItemVectors.fit(pd.DataFrame({"a": ["x", "y"], "t": ["one two", "three four"]}))
    assert vectors(pd.DataFrame({"a": ["z"], "t": ["five six"]})).nnz == 0

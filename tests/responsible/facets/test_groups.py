"""Everybody is in one group, whatever is missing."""

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError, SettingsError
from tsgen.responsible import attributes_of, read_facets

TABLE = attributes_of(
    None,
    pd.DataFrame(
        {
            "user_id": range(6),
            "sex": ["f", "m", None, "f", "m", "m"],
            "age": [20.0, 30, 50, np.nan, 24, np.nan],
            "zip": [str(k) for k in range(6)],
        }
    ),
)


def of(facets):
    return [(f.name, f.groups, f.codes.tolist()) for f in read_facets(TABLE, facets)]


def test_a_category_has_a_group_of_every_value_and_the_unknown():
    assert of("sex") == [("sex", ("f", "m", "unknown"), [0, 1, 2, 0, 1, 1])]


def test_a_range_leaves_the_missing_unknown():
    assert of(["age<25"])[0][2] == [0, 1, 1, 2, 0, 2]
    assert of(["age>=30"])[0][2] == [1, 0, 0, 2, 1, 2]


def test_an_intersection_is_unknown_only_where_the_missing_decides():
    # user 2: 50 years old, so not under 25 whatever the sex; user 5: m, so not f.
    assert of({"young women": {"sex": "f", "age": "<25"}}) == [
        ("young women", ("young women", "others", "unknown"), [0, 1, 1, 2, 1, 1])
    ]


def test_columns_and_values_are_a_facet_each():
    assert [name for name, *_ in of({"sex": "f", "age": "<25"})] == ["sex=f", "age<25"]
    assert of({"sex": ["f", "m"]})[0][2] == [0, 0, 2, 0, 0, 0]
    assert of("sex=F")[0][2] == [0, 1, 2, 0, 1, 1]  # as it is written elsewhere


@pytest.mark.parametrize(
    ("facet", "error", "said"),
    [
        ("sexx", SettingsError, "Did you mean 'sex'"),
        ("sex=x", DataError, "Nobody is in the group 'sex=x': 'sex' is never 'x'"),
        ("age>90", DataError, r"Nobody of the 6 is in the group 'age>90'; its values are '20.0'"),
        ("sex<3", SettingsError, "which is no number"),
        ([], SettingsError, "none is chosen for you"),
    ],
)
def test_impossible_facets_say_so(facet, error, said):
    with pytest.raises(error, match=said):
        read_facets(TABLE, facet)


def test_a_column_of_ids_makes_no_groups():
    table = pd.DataFrame({"user_id": range(40), "zip": range(40)})
    with pytest.raises(SettingsError, match="would make 40 groups"):
        read_facets(attributes_of(None, table), "zip")

"""Who may be listed: attributes in any spelling, and lists that must leave somebody out."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Vocabulary
from tsgen.errors import DataError, DataWarning
from tsgen.intensity.scoring.eligibility import eligible_users

USERS = Vocabulary(pd.Index(["a", "b", "c", "d"]), "user")
TABLE = pd.DataFrame({
    "plz": ["01234", "1234", "99", None], "vip": [True, False, True, False],
    "level": [3.0, 2.5, np.nan, 1.0], "country": ["DE", "AT", "DE", "CH"],
})  # fmt: skip


def allowed(**conditions):
    given = dict.fromkeys(["exclude", "where", "exclude_where"]) | conditions
    return [*np.flatnonzero(eligible_users(USERS, TABLE, **given).allowed)]


@pytest.mark.parametrize(
    ("conditions", "rows"),
    [
        ({"vip": "true"}, [0, 2]),
        ({"vip": [False]}, [1, 3]),
        ({"level": "3"}, [0]),
        ({"level": np.array([3, 1])}, [0, 3]),
        ({"country": "de"}, [0, 2]),
        ({"country": {"AT", "CH"}}, [1, 3]),
        ({"plz": "99 "}, [2]),
        ({"plz": "1234"}, [1]),
        ({"country": "DE", "vip": True, "level": 3}, [0]),
    ],
)
def test_an_attribute_is_met_in_any_spelling(conditions, rows):
    assert allowed(where=conditions) == rows


def test_who_may_be_meant_is_left_out():
    assert allowed(exclude_where={"plz": 1234}) == [2, 3]
    with pytest.warns(DataWarning, match=r"plz = '1234' leaves out '01234' as well"):
        assert allowed(exclude_where={"plz": "1234"}) == [2, 3]
    assert allowed(exclude_where={"vip": "TRUE"}) == [1, 3]
    assert allowed(exclude=["b"], exclude_where={"country": "de"}) == [3]


def test_an_exclusion_holds_for_all_that_differ_by_case():
    table = TABLE.assign(country=["DE", "de ", "AT", "De"])
    with pytest.warns(DataWarning, match=r"country = 'DE' leaves out 'de ', 'De' as well"):
        found = eligible_users(USERS, table, None, None, {"country": "DE"})
    assert found.allowed.tolist() == [False, False, True, False]
    assert eligible_users(USERS, table, None, {"country": "DE"}, None).allowed.sum() == 1


def test_an_exclusion_that_nobody_meets_is_refused_and_a_filter_said():
    with pytest.raises(DataError, match=r"country = 'Germany' do not exist; .*'DE', 'AT'.*on_unk"):
        allowed(exclude_where={"country": ["DE", "Germany"]})
    with pytest.warns(DataWarning, match="country = 'Germany' do not exist"):
        assert allowed(exclude_where={"country": ["DE", "Germany"]}, on_unknown="warn") == [1, 3]
    with pytest.warns(DataWarning, match="country = 'Germany' do not exist"):
        assert allowed(where={"country": ["DE", "Germany"]}) == [0, 2]


def test_the_counts_of_a_list_are_those_of_a_slow_loop():
    with pytest.warns(DataWarning, match="1 of 3 users to exclude are not known"):
        found = eligible_users(USERS, None, ["a", "a", "x"], None, None)
    assert (found.excluded, found.unknown, found.allowed.tolist()) == (
        1,
        1,
        [False, True, True, True],
    )

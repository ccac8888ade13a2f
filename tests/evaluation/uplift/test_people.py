import numpy as np
import pandas as pd
import pytest

from tsgen.data import Vocabulary
from tsgen.errors import DataError, DataWarning
from tsgen.evaluation.uplift.people import People


def of(*ids):
    return People(Vocabulary(pd.Index(ids), "user"))


def column(*ids):
    return pd.Series(list(ids), dtype=object)


def test_ids_are_read_in_any_spelling():
    people = of(7, 12, 30)
    assert people.codes(column(12, "7", "0030", " 12 ", 7.0, "x"), "contacts").tolist() == [
        1, 0, 2, 1, 0, -1,
    ]  # fmt: skip
    assert people.codes(pd.Series([30, 7]), "contacts").tolist() == [2, 0]


def test_an_id_as_it_stands_comes_before_its_spellings():
    people = of("007", "7")
    assert people.codes(column("7", "007"), "contacts").tolist() == [1, 0]
    with pytest.raises(DataError, match="7 in row 1 may be '007' or '7'"):
        people.codes(column("7", 7), "contacts")


def test_keys_join_spellings_of_users_who_are_not_there():
    people, ids = of(1, 2), column("01", "8", 8.0, 1)
    keys = people.keys(ids, people.codes(ids, "contacts"))
    assert keys[0] == keys[3] != keys[1]
    assert keys[1] == keys[2]


def test_strangers_are_counted_once_each_and_all_strangers_are_refused():
    people, ids = of(1, 2), column(1, 8, "8", 9)
    with pytest.warns(DataWarning, match="2 users of contacts have no event"):
        assert people.check(ids, people.codes(ids, "contacts"), "contacts") == 2
    assert people.check(ids[:1], np.array([0]), "contacts") == 0
    with pytest.raises(DataError, match="None of the 2 users of contacts is in the log"):
        people.check(ids[1:], np.array([-1, -1, -1]), "contacts")

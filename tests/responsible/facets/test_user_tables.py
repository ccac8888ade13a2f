"""Attributes of a population: strangers are kept and counted."""

import pandas as pd
import pytest

from tsgen.errors import DataError
from tsgen.responsible import attributes_of
from tsgen.responsible.facets import rows_of

TABLE = pd.DataFrame({"user_id": ["1", "2", "3"], "age": [20, 30, 40]})


def test_attributes_come_in_the_order_of_the_members():
    found = attributes_of(pd.Index(["3", "9", "1"]), TABLE)
    assert found.columns["age"].tolist()[::2] == [40, 20]
    assert found.columns["age"].isna().tolist() == [False, True, False]
    assert (len(found), found.strangers) == (3, 1)


def test_ids_may_be_written_otherwise_and_stand_in_the_index():
    assert rows_of(pd.Index(["1", "2"]), pd.Index([2, 5])).tolist() == [1, -1]
    assert attributes_of(None, TABLE.set_index("user_id")).ids.tolist() == ["1", "2", "3"]


def test_what_is_no_table_of_users_is_refused():
    with pytest.raises(DataError, match=r"no column 'user_id'\. Did you mean 'userid'"):
        attributes_of(None, TABLE.rename(columns={"user_id": "userid"}))
    with pytest.raises(DataError, match="'1' twice"):
        attributes_of(None, pd.concat([TABLE, TABLE[:1]]))
    with pytest.raises(DataError, match="None of the 1 ids"):
        attributes_of(pd.Index(["x"]), TABLE)

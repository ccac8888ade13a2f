"""Tables of new items, and what is wrong with them."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Vocabulary
from tsgen.errors import DataError
from tsgen.intensity.new_items import read_new_items

ITEMS = Vocabulary(pd.Index(["a", "b", "c"]), "item")
KNOWN = pd.DataFrame({"kind": ["tea", "mug", None]})
WARM = np.array([True, True, False])


def read(**columns):
    return read_new_items(pd.DataFrame(columns), "item_id", ITEMS, KNOWN, WARM)


def test_new_items_come_after_those_of_training_without_events():
    new = read(item_id=["e", "d"], kind=["pot", "tea"])
    assert new.columns.tolist() == [2, 3, 4]
    assert list(new.ids.ids) == ["e", "d"]
    assert new.table["kind"].tolist() == [None, "pot", "tea"]


def test_an_item_without_events_can_be_told_anew():
    new = read(item_id=["d", "c"], kind=["pot", "mug"])
    assert new.columns.tolist() == [2, 3]
    assert new.table["kind"].tolist() == ["mug", "pot"]


def test_nothing_new_leaves_those_of_training():
    new = read_new_items(None, "item_id", ITEMS, KNOWN, WARM)
    assert new.columns.tolist() == [2]
    assert len(new.ids) == 0


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"item_id": ["d", "d"], "kind": ["x", "y"]}, "'d' twice"),
        ({"item_id": ["a", "d"], "kind": ["x", "y"]}, "1 of 2 new items have events .*'a'"),
        ({"item_id": ["d"]}, "no column 'kind'"),
        ({"kind": ["x"]}, "no column 'item_id'"),
        ({"item_id": [None], "kind": ["x"]}, "no item id in row 0"),
    ],
)
def test_tables_that_do_not_fit_are_refused(columns, says):
    with pytest.raises(DataError, match=says):
        read(**columns)


def test_a_table_without_a_new_item_or_with_one_column_twice_is_refused():
    none = pd.DataFrame({"item_id": [], "kind": []})
    for given in (None, none):
        with pytest.raises(DataError, match="There is no new item: no row is given"):
            read_new_items(given, "item_id", ITEMS, KNOWN, np.ones(3, bool))
    assert read_new_items(none, "item_id", ITEMS, KNOWN, WARM).columns.tolist() == [2]
    twice = pd.DataFrame([["d", "tea", "pot"]], columns=["item_id", "kind", "kind"])
    with pytest.raises(DataError, match="attributes of new items has two columns 'kind'"):
        read_new_items(twice, "item_id", ITEMS, KNOWN, WARM)


def test_a_number_for_the_digits_of_a_known_id_is_refused():
    digits = Vocabulary(pd.Index(["7", "8", "9"]), "item")
    table = pd.DataFrame({"item_id": [7, 10], "kind": ["tea", "pot"]})
    with pytest.raises(DataError, match=r"1 of 2 new items are known .*: 7, in training '7'"):
        read_new_items(table, "item_id", digits, KNOWN, WARM)
    assert len(read_new_items(table[1:], "item_id", digits, KNOWN, WARM).ids) == 1

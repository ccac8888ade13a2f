import pandas as pd
import pytest

from tsgen.data import Interactions, to_dataset
from tsgen.data.blank_ids import warn_of_blanks
from tsgen.errors import DataWarning

DAYS = pd.date_range("2024-01-01", periods=3)


def test_ids_that_differ_by_blanks_are_counted_with_the_first_and_the_remedy():
    with pytest.warns(DataWarning) as caught:
        warn_of_blanks(["a", "b c", "a ", 7, "bc", "\u00a0a", "d"], "sku", "item")
    (told,) = caught
    assert str(told.message).startswith("3 item ids of column 'sku' differ")
    assert "'a ', beside 'a'" in str(told.message)
    assert "table['sku'].str.strip()" in str(told.message)


def test_other_ids_are_passed_in_silence():
    warn_of_blanks(["a", "A", "b c", "b-c", 1, None], "sku", "item")


def test_events_tell_of_users_and_items_once_for_all_parts():
    table = pd.DataFrame({"user_id": ["u", "u ", "v"], "item_id": ["i", "i", "i\t"]})
    with pytest.warns(DataWarning) as caught:
        log = Interactions.from_frame(table.assign(timestamp=DAYS))
    told = [str(one.message) for one in caught if "blanks" in str(one.message)]
    assert [text[:11] for text in told] == ["1 user ids ", "1 item ids "]
    assert (log.num_users, log.num_items) == (3, 2)


def test_series_tell_of_tables_and_of_entries():
    table = pd.DataFrame({"item_id": ["a"] * 3 + ["a "] * 3, "timestamp": [*DAYS, *DAYS]})
    with pytest.warns(DataWarning, match="1 item ids of column 'item_id'"):
        assert len(to_dataset(table.assign(target=1.0))) == 2
    entry = {"start": pd.Period("2024-01-01", "D"), "target": [1.0, 2.0]}
    with pytest.warns(DataWarning, match="1 item ids"):
        to_dataset([{"item_id": "a", **entry}, {"item_id": " a", **entry}])

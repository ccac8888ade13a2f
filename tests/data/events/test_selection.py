"""Parts of a log: what goes, what stays, and the codes and rows that follow."""

import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.errors import UnknownIdError

TABLE = pd.DataFrame({
    "user_id": ["u", "u", "v", "w"], "item_id": ["z", "x", "y", "x"], "timestamp": [1, 2, 3, 4],
})  # fmt: skip
USERS = pd.DataFrame({"user_id": ["w", "v", "u", "t"], "age": [3, 2, 1, 0]})
ITEMS = pd.DataFrame({"item_id": ["x", "y", "z", "q"], "price": [7.0, 8.0, 9.0, 1.0]})


def log():
    return Interactions.from_frame(TABLE, unit="s", users=USERS, items=ITEMS)


def test_items_are_kept_with_their_events_and_rows_and_the_others_are_unknown():
    kept = log().keep_items(["z", "x", "z"])
    assert kept.to_frame()[["user_id", "item_id"]].to_numpy().tolist() == [
        ["u", "z"], ["u", "x"], ["w", "x"],
    ]  # fmt: skip
    assert list(kept.items.ids) == ["x", "z"]
    assert kept.item_table["price"].tolist() == [7.0, 9.0]
    assert list(kept.item_table.index) == [0, 1]
    assert kept.num_users == 4
    assert kept.lengths.tolist() == [0, 2, 0, 1]
    with pytest.raises(UnknownIdError, match="no item 'y'"):
        kept.keep_items(["y"])
    with pytest.raises(UnknownIdError, match="no item 'nothing'"):
        log().keep_items(["x", "nothing"])


def test_what_has_no_event_goes_with_its_row():
    kept = log().keep_items(["y", "z"]).present()
    assert list(kept.users.ids) == ["u", "v"]
    assert kept.user_table["age"].tolist() == [1, 2]
    assert list(kept.items.ids) == ["y", "z"]
    assert kept.item_table["price"].tolist() == [8.0, 9.0]
    assert kept.to_frame()[["user_id", "item_id"]].to_numpy().tolist() == [["u", "z"], ["v", "y"]]


def test_logs_without_tables_have_none_afterwards():
    kept = Interactions.from_frame(TABLE, unit="s").keep_items(["x"]).present()
    assert (kept.user_table, kept.item_table) == (None, None)
    assert list(kept.users.ids) == ["u", "w"]

"""Ids that could not be told apart in a file, or that no file holds."""

import pandas as pd
import pytest

from tsgen.data import Interactions, to_dataset
from tsgen.data.odd_ids import check_texts, written_missing
from tsgen.errors import DataError, DataWarning

HOURS = pd.date_range("2024-01-01", periods=24, freq="h")


def events(**columns):
    table = {"user_id": list("abcd"), "item_id": "i", "timestamp": HOURS[:4]}
    return pd.DataFrame(table | columns)


def test_ids_of_one_text_are_refused_and_others_pass():
    with pytest.raises(DataError, match="has the user ids 1 and '1', which are one text") as seen:
        check_texts([2, 1, "1"], "who", "user id")
    assert seen.value.field == "who"
    check_texts([2**64 - 1, -1, "a", "\u00e9", "01", 1], "who", "user id")


@pytest.mark.parametrize(
    ("one", "told"),
    [("a\udcff", "is no valid text"), (10**30, "beyond 64 bits"), ("a\0", "with a NUL character")],
)
def test_ids_that_no_file_holds_are_refused_wherever_they_come_from(one, told):
    table = pd.DataFrame({"item_id": [one] * 3, "timestamp": HOURS[:3], "target": 1.0})
    entry = {"item_id": one, "start": pd.Period("2024-01-01", "h"), "target": [1.0]}
    for given in (table, [entry]):
        with pytest.raises(DataError, match=told):
            to_dataset(given)
    with pytest.raises(DataError, match=told):
        Interactions.from_frame(events(user_id=pd.Series([one, "b", "c", "d"], dtype=object)))


@pytest.mark.parametrize("one", ["nan", "NaN", "NULL", "<NA>", "#N/A"])
def test_series_named_like_a_missing_id_are_told_and_stay(one):
    times = pd.date_range("2024-01-01", periods=3, freq="h")
    table = pd.DataFrame({"item_id": one, "timestamp": times, "target": 1.0})
    with pytest.warns(DataWarning, match=f"the item id '{one}', as programs write a missing one"):
        assert to_dataset(table).item_ids == (one,)
    entry = {"item_id": one, "start": pd.Period("2024-01-01", "h"), "target": [1.0, 2.0]}
    with pytest.warns(DataWarning, match="as programs write a missing one"):
        assert to_dataset([entry]).item_ids == (one,)


def test_other_ids_are_none_that_is_missing():
    assert not any(map(written_missing, ["nancy", "nan1", "nulls", "undefined " * 3, "1"]))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["a", "b\0"], "has the static value 'b.x00' with a NUL character"),
        (["a", "b\udcff"], "is no valid text"),
        ([1, "1"], "has the static values 1 and '1', which are one text"),
    ],
)
def test_static_values_of_series_and_users_are_held_to_the_same(values, told):
    column = pd.Series(values, dtype=object)
    table = pd.DataFrame({"item_id": ["s", "t"] * 3, "timestamp": HOURS[:3].repeat(2)})
    with pytest.raises(DataError, match=told):
        to_dataset(table.assign(target=1.0, kind=[*column] * 3), static=["kind"])
    users = pd.DataFrame({"user_id": ["a", "b"], "kind": column})
    log = Interactions.from_frame(events().iloc[:2], users=users)
    with pytest.raises(DataError, match=told):
        log.activity_dataset("h", static=["kind"])

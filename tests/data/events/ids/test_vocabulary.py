"""Ids of any kind, their codes, and what is said about a stranger."""

import datetime
import uuid

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions, Vocabulary
from tsgen.errors import DataError, DataWarning, UnknownIdError


def read(table, **options):
    return Interactions.from_frame(table, on_duplicate="keep", **options)


def small(**columns):
    table = {"user_id": ["b", "a", "a"], "item_id": ["x", "y", "x"], "timestamp": [30, 20, 10]}
    return pd.DataFrame(table | columns)


@pytest.mark.parametrize(
    "ids",
    [
        ["b", "a", "c"],
        [3, -1, 2],
        [0.5, 0.25, 2.0],
        [("a", 1), ("b", 2), ("a", 0)],
        [1, "2", ("x",)],
        [uuid.UUID(int=k) for k in (5, 3, 9)],
        [datetime.date(2024, 1, k) for k in (3, 1, 2)],
        pd.Categorical(["m", "k", "l"]),
        pd.array([4, 2, 9], dtype="Int64"),
        np.array([4, 2, 9], dtype="uint16"),
    ],
    ids=lambda ids: f"{type(ids).__name__} of {type(ids[0]).__name__}",
)
def test_ids_of_any_hashable_kind_come_back_and_are_saved(ids, tmp_path):
    asked = list(ids)
    column = pd.Series(ids, dtype=object) if isinstance(ids, list) and ids[0] == ("a", 1) else ids
    table = pd.DataFrame({"user_id": column, "item_id": column, "timestamp": [1, 2, 3]})
    events = read(table)
    for place, known in enumerate(asked):
        history = events.history(known)
        assert history["item_id"].tolist() == [known]
        assert history["timestamp"].iloc[0] == pd.Timestamp(place + 1, unit="s")
    saved, kind = events.users.to_column()
    path = tmp_path / "ids.parquet"
    pd.DataFrame({"user_id": saved}).to_parquet(path)
    back = Vocabulary.from_column(pd.read_parquet(path)["user_id"], kind, "user")
    assert back.find(asked).tolist() == events.users.find(asked).tolist()
    assert [type(known) for known in back.ids] == [type(known) for known in events.users.ids]


def test_unknown_ids_are_named_with_the_nearest():
    events = read(small(user_id=["anna", "ben", "ben"], item_id=[1, 2, 1]))
    with pytest.raises(UnknownIdError, match=r"no user 'ana'. Did you mean 'anna'\?"):
        events.history("ana")
    with pytest.raises(UnknownIdError, match="Ids here are of type int"):
        events.items.find(["1"])
    assert events.items.from_text(["2", "x"]) == [2, "x"]


@pytest.mark.parametrize("ordered", [True, False])
def test_codes_are_in_the_order_of_ids_or_of_appearance(ordered):
    codes, known = Vocabulary.of(pd.Series(["b", "a", "c", "a"]), "user", ordered=ordered)
    assert list(known.ids) == (["a", "b", "c"] if ordered else ["b", "a", "c"])
    assert [known.ids[code] for code in codes] == ["b", "a", "c", "a"]
    assert (codes.dtype, len(known), repr(known)) == (np.int32, 3, "Vocabulary(3 users)")


def test_ids_of_several_kinds_are_ordered_by_kind_first():
    _, known = Vocabulary.of(pd.Series(["b", 2, "a", 10], dtype=object), "item")
    assert list(known.ids) == [10, 2, "a", "b"]


def test_a_union_says_where_the_old_codes_went():
    parts = [Vocabulary.of(pd.Series(ids), "user", ordered=False)[1] for ids in (["d", "a"], ["b"])]
    empty = Vocabulary(pd.Index([], dtype=object), "user")
    maps, united = Vocabulary.union([parts[0], empty, parts[1]], "user")
    assert list(united.ids) == ["a", "b", "d"]
    assert [new.tolist() for new in maps] == [[2, 0], [], [1]]
    maps, united = Vocabulary.union([empty, empty], "user")
    assert ([len(new) for new in maps], len(united)) == ([0, 0], 0)


def test_strangers_have_the_code_minus_one():
    known = Vocabulary.of(pd.Series([5, 7]), "user")[1]
    assert known.codes([7, 9, 5]).tolist() == [1, -1, 0]
    assert known.codes(["7", 7.5]).tolist() == [-1, -1]
    assert known.codes([]).tolist() == []


def test_an_id_that_cannot_be_one_and_an_empty_log():
    known = Vocabulary.of(pd.Series(["a"]), "user")[1]
    with pytest.raises(DataError, match=r"\['a'\] is not one user id but a list"):
        known.find(["a", ["a"]])
    with pytest.raises(UnknownIdError, match=r"no user 'a'\. 0 users are known") as caught:
        Vocabulary(pd.Index([], dtype=object), "user").find(["a"])
    assert caught.value.item_id == "a"
    many = Vocabulary.of(pd.Series(["007", "7", "8"]), "user")[1]
    with pytest.raises(UnknownIdError, match="of type str: it may be '007' or '7'"):
        many.find([7])


def test_a_text_means_the_one_id_that_is_written_like_it():
    known = Vocabulary.of(pd.Series([7, 8]), "item")[1]
    with pytest.warns(DataWarning, match=r"^There is no \w+ '007'; 7 is taken\.$"):
        assert known.from_text(["007", "8", "9"]) == [7, 8, "9"]
    both = Vocabulary.of(pd.Series(["007", "07"]), "item")[1]
    assert both.from_text(["7", "07"]) == ["7", "07"]


def test_ids_that_no_file_can_hold_and_empty_ones_are_refused():
    ids = pd.Index([object()], dtype=object)
    with pytest.raises(DataError, match="user ids are objects that cannot be saved"):
        Vocabulary(ids, "user").to_column()
    with pytest.raises(DataError, match=r"empty text for a user id in 2 of 3 rows .*row 1") as got:
        Vocabulary.of(pd.Series(["a", "", ""], name="who"), "user")
    assert (got.value.field, got.value.row) == ("who", 1)
    with pytest.raises(DataError, match=r"empty text for a user id in 3 of 4 rows .*row 1"):
        Vocabulary.of(pd.Series(["a", " ", "\t", "\u200b"], name="who"), "user")


@pytest.mark.parametrize("word", ["NULL", "nan", "None", "<NA>", "n/a"])
def test_words_for_a_missing_id_are_named(word):
    ids = pd.Series(["a", word, "b", word], name="who")
    with pytest.warns(
        DataWarning, match=rf"'who' has '{word}' for a user id in 2 of 4 rows .*row 1"
    ):
        codes, vocabulary = Vocabulary.of(ids, "user")
    assert list(vocabulary.ids[codes]) == list(ids)
    Vocabulary.of(pd.Series(["nancy", "nullarbor", "no"]), "user")  # without a word


def test_what_is_said_of_items_reads_as_what_is_said_of_users():
    for what, told in (("item", "'null' for an item id .* for an item id;"), ("user", "a user id")):
        with pytest.warns(DataWarning, match=told):
            Vocabulary.of(pd.Series(["null", "x"]), what)


@pytest.mark.parametrize(("kind", "text"), [("literal", "x"), ("date", "?"), ("uuid", "?")])
def test_a_column_of_another_kind_is_told_without_the_parsers_words(kind, text):
    with pytest.raises(ValueError, match=f"^item ids cannot be read back as {kind} ids$"):
        Vocabulary.from_column(pd.Series([text]), kind, "item")

"""Ids as other programs write them: what all ways of writing one have in common."""

import math
import uuid

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.data.events.ids.spelling import (
    Spellings,
    has_lost_digits,
    is_blank,
    is_numeric,
    spelling,
)


@pytest.mark.parametrize(
    "one",
    [7, 7.0, "7", "007", " 7", "7.0", "7.", "+7", "'7", '="007"', '"7"', b"7", np.int8(7),
     np.float32(7), "7\u200b", "\uff17", "0 7", "\u0667", "\u202a7\u202c",
     "\u201c7\u201d", "\u20187"],
)  # fmt: skip
def test_all_ways_of_writing_seven_are_one(one):
    assert spelling(one) == "7"


@pytest.mark.parametrize(
    ("one", "key"),
    [
        ("-07", "-7"),
        ("0", "0"),
        ("000", "0"),
        ("0.50", "0.5"),
        (1.5, "1.5"),
        ("100", "100"),
        (True, "True"),
        ("a 7", "a7"),
        ("'", "'"),
        (("a", 1), "('a',1)"),
    ],
)
def test_what_means_something_else_stays(one, key):
    assert spelling(one) == key


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_and_its_texts_have_one_spelling(number):
    ways = [number, str(number), float(number), f"{number}.00", f" {number} ", f"'{number}"]
    assert {spelling(way) for way in ways} == {str(number)}


@given(st.text("aB7.0 +-\u200b\uff17", max_size=8))
def test_a_spelling_of_a_plain_text_is_its_own_spelling(text):
    key = spelling(text)
    if key and key[0] not in "'’\"=":
        assert spelling(key) == key


@pytest.mark.parametrize(
    ("one", "blank"),
    [("", True), (" \t", True), ("\u200b", True), (None, True), (math.nan, True), (pd.NA, True),
     (pd.NaT, True), ("a", False), (0, False), (False, False), (0.0, False)],
)  # fmt: skip
def test_blanks_are_no_ids_and_zeros_are(one, blank):
    assert is_blank(one) == blank


@pytest.mark.parametrize(
    ("text", "lost"),
    [("1.23457E+11", True), ("1,23457E+11", True), ("4e7", True), (" 4E+07 ", True),
     ("4e-7", False), ("12E", False), ("e7", False), (4e7, False), ("1234567", False)],
)  # fmt: skip
def test_numbers_that_a_spreadsheet_shortened_are_recognised(text, lost):
    assert has_lost_digits(text) == lost


def test_what_may_be_an_id_as_it_stands_is_not_surely_shortened():
    assert [has_lost_digits(text, surely=True) for text in ("4e7", "1.2E+10", "'1.2E+10")] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("key", "number"), [("7", True), ("-7.5", True), ("7a", False), ("", False), ("1e5", False)]
)
def test_a_spelling_of_digits_is_a_number(key, number):
    assert is_numeric(key) == number


def found(ids, asked):
    return [codes.tolist() for codes in Spellings(pd.Index(ids)).codes(asked)]


def test_every_id_that_an_entry_may_mean_is_found_and_none_for_a_stranger():
    assert found(["007", "7", "x"], [7, "x ", "y"]) == [[0, 1], [2], []]
    assert found(["a", "b"], []) == []


def test_case_thousands_and_dashes_count_only_if_nothing_fits_with_them():
    assert found(["u1", "U1"], ["u1", "U1"]) == [[0], [1]]
    assert found(["u1", "U1", "v"], ["V"]) == [[2]]
    assert found([1234], ["1,234", "1'234"]) == [[0], [0]]
    assert found([1234], ["1,23"]) == [[]]
    known = uuid.UUID("c0ffee00-0000-4000-8000-00000000000a")
    assert found([str(known)], [known.hex.upper(), f"{{{known}}}"]) == [[0], [0]]


@pytest.mark.parametrize(
    "one",
    ["'u3'", "'u3',", "`u3`", "u3,", "u3;", '"u3",', '"=""u3"""', "\u201au3\u2018", "<u3>",
     "mailto:U3", "Mailto:u3", "[u3]", "(u3)", "{u3}", "#u3", "* u3", "u3 \u20ac", "$u3", "u3_",
     "['u3']", "u3|", "(u3);", "Ann <u3@x>"],
)  # fmt: skip
def test_what_lists_leave_around_an_id_is_no_part_of_it(one):
    assert found(["u3@x", "u4"] if "@" in one else ["u3", "u4"], [one]) == [[0]]


def test_a_minus_before_a_digit_is_a_sign_and_no_mark():
    assert found([-5, 7], ["[-5]", "#5", "#-7", "(7)"]) == [[0], [], [], [1]]
    assert found(["-ab", "cd-"], ["#ab", "cd"]) == [[0], [1]]


def test_an_id_with_such_marks_of_its_own_is_meant_alone():
    assert found(["u3", "u3,", "<u3>"], ["u3,", "<u3>", "u3"]) == [[1], [2], [0]]


def test_a_decimal_comma_before_zeros_is_seen_through():
    assert found([12, 120, 1200], ["12,0", "12,00", "012,0", "12,5"]) == [[0], [0], [0], []]


def test_a_number_whose_last_digits_a_spreadsheet_made_zeros_means_all_that_it_may_have_been():
    ids = [1234567890123456789, 1234567890123451111, 1234567890123460001, 777]
    assert found(ids, ["1234567890123450000", 777]) == [[0, 1], [3]]  # cut off
    assert found(ids, [1234567890123460000]) == [[0, 2]]  # rounded, or cut off
    assert found([str(one) for one in ids], ["1234567890123450000"]) == [[0, 1]]


def test_a_list_with_longer_numbers_was_in_no_spreadsheet():
    ids = [1234567890123450000, 1234567890123450001]
    assert found(ids, ids) == [[0], [1]]


def test_many_numbers_as_floats_are_found_in_one_go():
    ids = 10**17 + 1000 * np.arange(3000)
    assert found(ids, ids.astype(float)) == [[k] for k in range(3000)]


def test_a_float_means_every_number_that_it_cannot_tell_apart():
    far = 2**53
    assert found([far, far + 1, far + 2], [float(far)]) == [[0, 1]]
    assert found([far - 1, far], [float(far - 1)]) == [[0]]
    single = pd.Series([2**24], dtype="float32")
    assert found([2**24, 2**24 + 1, "x"], single) == [[0, 1]]
    assert found([2**24, 2**24 + 1, 2**24 + 5], [np.float32(2**24), 2**24 + 5]) == [[0, 1], [2]]
    assert found([99_999, 70_000, 60_000], [np.float16(60_000)]) == [[2]]


def test_rows_of_a_column_come_with_their_codes_and_strangers_without():
    rows, codes = Spellings(pd.Index(["1", "01", "b"])).rows(pd.Series(["b", "x", 1, "b"]))
    assert rows.tolist() == [0, 2, 2, 3]
    assert codes.tolist() == [2, 0, 1, 2]
    nothing = Spellings(pd.Index(["1"])).rows(pd.Series([], dtype=object))
    assert [len(part) for part in nothing] == [0, 0]


def test_the_share_of_numbers():
    assert Spellings(pd.Index(["1", "02", "c", "d"])).numeric_share == 0.5
    assert Spellings(pd.Index([])).numeric_share == 0


def test_case_counts_widely_or_between_addresses():
    ids = pd.Index(["DE", "de", "a@b.de", "A@b.de"])
    assert found(ids, ["DE", "a@b.de"]) == [[0], [2, 3]]
    assert [codes.tolist() for codes in Spellings(ids).codes(["DE"], widely=True)] == [[0, 1]]


def test_a_text_holds_an_id_where_something_stands_beside_it():
    spellings = Spellings(pd.Index([12, 7]))
    asked = ["12 gone", "gone: 07", "(7|x)", "12,7", "112 gone", "K-12", "12", 12, "12.7"]
    assert spellings.holding(asked) == [True] * 4 + [False] * 5
    assert Spellings(pd.Index(["12", "Lee, Ann"])).holding(["12 gone"]) == [False]


def test_floats_in_words_mean_all_that_they_may():
    assert found([2**53 + 1, 2**53], [f"{2.0**53}", f"{2.0**53:.1f}\u200b"]) == [[0, 1], [0, 1]]

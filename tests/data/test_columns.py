"""Columns of a long table, read strictly."""

import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions, read_interactions, read_series, to_dataset
from tsgen.data.columns import (
    check_finite,
    check_roles,
    factorise,
    pick,
    read_ids,
    read_numbers,
    read_static,
    say_left_out,
    warn_of_truths,
)
from tsgen.errors import DataError, DataWarning, SettingsError

HOURS = pd.date_range("2024-01-01", periods=24, freq="h")


def events(**columns):
    table = {"user_id": list("abcd"), "item_id": "i", "timestamp": HOURS[:4]}
    return pd.DataFrame(table | columns)


@pytest.mark.parametrize("text", ["b\0x", "\0"])
def test_nul_in_ids_is_refused_everywhere(text, tmp_path):
    table = pd.DataFrame({"item_id": text, "timestamp": HOURS, "target": 1.0})
    with pytest.raises(DataError, match="NUL character"):
        to_dataset(table)
    (tmp_path / "s.csv").write_text(table.to_csv(index=False))
    with pytest.raises(DataError, match=r"s\.csv: The file has a NUL byte \(at byte"):
        read_series(tmp_path / "s.csv")
    with pytest.raises(DataError, match="NUL character"):
        Interactions.from_frame(events(user_id=[text, "a", "b", "c"]))


def test_an_id_that_goes_on_after_a_nul_is_not_taken_for_its_beginning(tmp_path):
    ids = ["a"] * 20 + ["a\0b"] * 4
    table = pd.DataFrame({"item_id": ids, "timestamp": HOURS, "target": 1.0})
    with pytest.raises(DataError, match=r"in row 20, with a NUL character"):
        to_dataset(table)
    with pytest.raises(DataError, match="NUL character"):
        Interactions.from_frame(events(user_id=["a", "a\0b", "a", "c"]))
    (tmp_path / "e.csv").write_bytes(b"user_id,item_id,timestamp,value\nu,i,2024-01-01,1\0.5\n")
    with pytest.raises(DataError, match=r"e\.csv: The file has a NUL byte"):
        read_interactions(tmp_path / "e.csv")


def test_an_empty_text_is_no_id():
    table = pd.DataFrame({"item_id": ["a"] * 20 + [""] * 4, "timestamp": HOURS, "target": 1.0})
    with pytest.raises(DataError, match="no item id in row 20"):
        to_dataset(table)


def test_true_and_false_are_read_as_numbers_and_that_is_said():
    column = pd.Series([True, False], name="x")
    with pytest.warns(DataWarning, match="'x' holds true and false, which are read as 1 and 0"):
        warn_of_truths(column)
    with pytest.warns(DataWarning, match="'x' holds true and false"):
        warn_of_truths(pd.Series([True, None, False], dtype=object, name="x"))
    warn_of_truths(column.astype(float))
    table = pd.DataFrame({"item_id": "a", "timestamp": HOURS, "target": [True, False] * 12})
    with pytest.warns(DataWarning, match="'target' holds true and false"):
        assert to_dataset(table).values.tolist()[:2] == [1.0, 0.0]
    with pytest.warns(DataWarning, match="'value' holds true and false"):
        Interactions.from_frame(events(value=[True, False, True, True]))


def test_ids_that_are_one_text_are_refused():
    rows = [pd.DataFrame({"item_id": i, "timestamp": HOURS, "target": 1.0}) for i in (1, "1")]
    with pytest.raises(DataError, match="item ids 1 and '1', which are one text"):
        to_dataset(pd.concat(rows))
    with pytest.raises(DataError, match="user ids 1 and '1'"):
        Interactions.from_frame(events(user_id=pd.Series([1, "1", 2, 3], dtype=object)))
    Interactions.from_frame(events(user_id=pd.Series([1, "a", 2, 3], dtype=object)))


def test_one_column_has_one_role():
    with pytest.raises(SettingsError, match="user_id='item_id' and item_id='item_id' are one"):
        Interactions.from_frame(events(), user_id="item_id")
    table = pd.DataFrame({"item_id": "a", "timestamp": HOURS, "target": 1.0})
    with pytest.raises(SettingsError, match="item_id='item_id' and static='item_id' are one"):
        to_dataset(table, static=["item_id"])


# ---- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ([1, 2], [1, 2]),
        (["1", " 2.5 "], [1, 2.5]),
        ([True, False], [1, 0]),
        (pd.array([1, None], dtype="Int64"), [1, np.nan]),
        (pd.Categorical(["3", "4"]), [3, 4]),
        ([Decimal("1.5"), None], [1.5, np.nan]),
        (["", "nan", "NaN", "1e3"], [np.nan, np.nan, np.nan, 1000]),
        ([pd.NA, 2], [np.nan, 2]),
    ],
)
def test_whatever_means_a_number_is_one(given, numbers):
    read = read_numbers(pd.Series(given, name="x"))
    assert read.dtype == np.float64
    np.testing.assert_array_equal(read, numbers)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["1", "two"], "'x' is not a number in row 1: 'two'. Correct it, or leave it empty if it"),
        (["1.234,5"], "row 0: '1.234,5'. It seems to have a decimal comma"),
        (["1", "2,5"], "row 1: '2,5'. It seems to have a decimal comma"),
        (["1,2,3"], "Correct it"),
        (pd.to_datetime(["2024-01-01"]), "holds times, not numbers"),
        (pd.to_timedelta(["1h"]), "holds times, not numbers"),
        ([1j], "not a number in row 0"),
    ],
)
def test_what_is_no_number_is_named_with_its_row(given, told):
    with pytest.raises(DataError, match=re.escape(told)) as caught:
        read_numbers(pd.Series(given, name="x"))
    assert caught.value.field == "x"


def test_infinite_values_are_refused_or_taken_as_missing_and_counted():
    values = np.array([1.0, -np.inf, 1e39, np.nan])
    told = r"'x' is infinite \(or beyond 32-bit numbers\) in row 1 \(item 'row 1'\): -inf"
    with pytest.raises(DataError, match=told) as caught:
        check_finite(values, "error", "x", lambda row: f"row {row}")
    assert (caught.value.item_id, caught.value.row) == ("row 1", 1)
    with pytest.warns(DataWarning, match="2 infinite values of 'x' are taken as missing"):
        read = check_finite(values, "missing", "x")
    np.testing.assert_array_equal(read, [1.0, np.nan, np.nan, np.nan])
    fine = np.array([3.4e38, -3.4e38, np.nan])
    assert check_finite(fine, "error", "x") is fine


# ---- ids and static values ----------------------------------------------------------------------


def test_ids_come_in_order_of_appearance_as_plain_values():
    codes, ids = read_ids(pd.Series(np.array([7, 3, 7], "int16")))
    assert (codes.tolist(), ids) == ([0, 1, 0], (7, 3))
    assert [type(known) for known in ids] == [int, int]


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (["a", None], "no item id in row 1"),
        (["a", " "], "no item id in row 1"),
        (["\n", "a"], "no item id in row 0"),
        ([1.0, 2.5], "item id 1.0 in row 0"),
        (["a", True], "item id True in row 1"),
        (["a", ("b",)], r"item id \('b',\) in row 1"),
    ],
)
def test_an_id_is_text_or_a_whole_number(ids, told):
    with pytest.raises(DataError, match=told):
        read_ids(pd.Series(ids, name="id", dtype=object))


SERIES = np.array([0, 1, 0, 1])


@pytest.mark.parametrize(
    ("column", "codes", "values"),
    [
        (["b", "a", "b", "a"], [1, 0], ("a", "b")),
        (pd.Categorical(list("baba"), categories=list("cba")), [1, 0], None),
        ([2, 10, 2, 10], [0, 1], (2, 10)),
        (["x", 1, "x", 1], [0, 1], ("x", 1)),  # of several types: as they appear
    ],
)
def test_a_static_column_has_one_code_a_series_in_the_order_of_its_values(column, codes, values):
    found, known = read_static(pd.Series(column), SERIES, ("s", "t"))
    if values is None:
        codes, values = [0, 1], ("b", "a")
    assert (found.tolist(), known) == (codes, values)


def test_a_static_column_that_changes_or_lacks_a_value_is_refused():
    with pytest.raises(DataError, match=r"changes within series 't': 'a', but 'c' in row 3") as got:
        read_static(pd.Series(["b", "a", "b", "c"], name="shop"), SERIES, ("s", "t"))
    assert (got.value.item_id, got.value.field, got.value.row) == ("t", "shop", 3)
    with pytest.raises(DataError, match="'shop' has no static value in row 2"):
        read_static(pd.Series(["b", "a", None, "a"], name="shop"), SERIES, ("s", "t"))


# ---- which column -------------------------------------------------------------------------------


def test_a_column_is_picked_by_name_or_the_way_out_is_told():
    table = pd.DataFrame({"a": [1], "b": [2]})
    assert pick(table, "b", "target").tolist() == [2]
    with pytest.raises(DataError, match="two columns 'a'; rename one"):
        pick(pd.concat([table, table], axis=1), "a", "target")
    with pytest.raises(DataError, match=r"'a' is the index of the table; .*reset_index\(\)"):
        pick(table.set_index("a"), "a", "target")
    with pytest.raises(DataError, match=r"no column 'targt' \(target\)\. It has: a, b\. Say targ"):
        pick(table, "targt", "target")
    with pytest.raises(DataError, match="If the table is one series, say so by item_id=''"):
        pick(table, "item_id", "item_id", one_series=True)
    with pytest.raises(DataError, match="if each column is a series, by layout='wide'"):
        pick(table, "item_id", "item_id", one_series=True)


def test_roles_that_are_not_given_share_nothing():
    check_roles({"user_id": "a", "item_id": "b", "value": None, "static": ""})
    check_roles({"value": None, "other": None})
    check_roles({"item_id": "a"}, {"target": ["b", "c"], "static": []})
    for several in ({"target": ["b"], "static": ["b"]}, {"static": ["b", "b"]}, {"static": ["a"]}):
        with pytest.raises(SettingsError, match="are one column"):
            check_roles({"item_id": "a"}, several)


def test_series_that_were_left_out_are_counted_unless_none_is_left():
    say_left_out([], 3)
    with pytest.warns(DataWarning, match=r"2 of 3 series have no observed .* \(the first is 'b'\)"):
        say_left_out(["b", "c"], 3)
    with pytest.raises(DataError, match="No series has an observed value"):
        say_left_out(["a"], 1)


def test_a_column_with_a_line_break_in_its_name_is_told_on_one_line():
    with pytest.raises(DataError, match=r"It has: item_id, 'tar\\nget'\.") as seen:
        pick(pd.DataFrame(columns=["item_id", "tar\nget"]), "target", "target")
    assert "\n" not in str(seen.value)


def test_a_missing_cell_that_has_no_truth_is_told_beside_texts_that_repeat():
    with pytest.raises(DataError, match=r"Column 'user_id' has no user id in row 2"):
        Interactions.from_frame(events(user_id=["u", "u", pd.NA, "v"]))
    column = pd.Series(["u", "u", pd.NA], dtype=object)
    assert factorise(column)[0].tolist() == [0, 0, -1]

"""Lists of ids from elsewhere: everybody meant is found whatever the spelling, or refused."""

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from id_writings import WRITINGS
from tsgen.data import Vocabulary, read_id_list
from tsgen.data.events import id_entries
from tsgen.errors import DataError, DataWarning, SettingsError

pytestmark = pytest.mark.filterwarnings("ignore::tsgen.errors.DataWarning")


def vocabulary(ids):
    return Vocabulary.of(pd.Series(ids), "user")[1]


def listed(ids, asked, **options):
    known = vocabulary(ids)
    return {known.ids[code] for code in read_id_list(asked, known, **options).codes}


TEXTS = st.text("ab 0123456789.-_@=+", min_size=1, max_size=6).filter(str.strip)
KINDS = [
    st.lists(st.integers(-5, 10**6), min_size=1, max_size=8, unique=True),
    st.lists(st.integers(2**53, 2**63 - 1), min_size=1, max_size=8, unique=True),
    st.lists(TEXTS, min_size=1, max_size=8, unique=True),
    st.lists(st.integers(0, 99_999).map("{:05}".format), min_size=1, max_size=8, unique=True),
    st.lists(st.uuids(), min_size=1, max_size=4, unique=True),
    st.lists(st.dates(), min_size=1, max_size=4, unique=True),
]
CONTAINERS = [
    list, set, tuple, pd.Series, pd.Index, lambda ids: pd.Series([*ids, None]), iter,
    lambda ids: np.array(ids, object), lambda ids: pd.Series(ids).astype("category"),
    pd.array,
]  # fmt: skip


@pytest.mark.parametrize("kind", range(len(KINDS)))
@given(data=st.data())
def test_whoever_is_on_the_list_is_found_or_the_list_is_refused(kind, data):
    ids = data.draw(KINDS[kind])
    meant = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    writing = data.draw(st.sampled_from(list(WRITINGS)))
    assume(writing != "zeros lost" or isinstance(ids[0], str))
    asked = data.draw(st.sampled_from(CONTAINERS))([WRITINGS[writing](one) for one in meant])
    try:
        found = listed(ids, asked)
    except (DataError, SettingsError):
        return
    assert set(meant) <= found


@given(ids=KINDS[3], data=st.data())
def test_flags_are_refused_in_any_collection(ids, data):
    flags = data.draw(st.lists(st.booleans(), min_size=1))
    for asked in (flags, pd.Series(flags, index=range(len(flags))), np.array(flags),
                  dict.fromkeys(ids, True), pd.Series(flags, dtype="boolean")):  # fmt: skip
        with pytest.raises(SettingsError):
            listed(ids, asked)
        with pytest.raises(SettingsError):
            listed([0, 1, 2], asked, on_unknown="warn")


@pytest.mark.parametrize(
    ("ids", "asked", "expected"),
    [
        (["00001", "00002"], [1], {"00001"}),
        (["00001", "1", "u1"], [1], {"00001", "1"}),
        ([17001, 99999], ["99999", "17001 "], {17001, 99999}),
        ([17001, 99999], pd.Series([17001.0, np.nan]), {17001}),
        ([12345678901234567, 12345678901234569], [1.2345678901234568e16],
         {12345678901234567, 12345678901234569}),
        ([16777216, 16777217, 5], pd.Series([16777216], dtype="float32"), {16777216, 16777217}),
        (["u1", "U1", "u2"], ["u1"], {"u1"}),
        (["u1", "U2"], ["U1 "], {"u1"}),
        (["ann@x.de", "Ann@X.de", "b@x.de"], ["ann@x.de"], {"ann@x.de", "Ann@X.de"}),
        ([2**53 + 1, 2**53 + 3, 5], [f" {2**53}.0"], {2**53 + 1}),
        (["=SUM(A1)", "+49170", "-5", "@x"], ["'=SUM(A1)", "'+49170", "'-5", "'@x"],
         {"=SUM(A1)", "+49170", "-5", "@x"}),
        (["49170123", "+49170123"], [49170123.0], {"49170123", "+49170123"}),
        ([1234, 5], ["1,234"], {1234}),
        ([17, 17000], ["17.000"], {17, 17000}),
        ([17000, 5], ["17.000", "5"], {17000, 5}),
        (["\u0661\u0662", "7"], ["12"], {"\u0661\u0662"}),
        (["u-1"], ["u\u20131"], {"u-1"}),
        ([-5, 5], ["\u22125"], {-5}),
        (["ab"], ["\u00aba\u00adb\u00bb"], {"ab"}),
        (["x1", "y2"], [b"x1"], {"x1"}),
        ([("a", 1), ("b", 2)], [("a", 1)], {("a", 1)}),
        (["ann lee"], ["ann\u00a0lee"], {"ann lee"}),
        ([1.5, 2.0], ["1.50", 2], {1.5, 2.0}),
        (["a"], [], set()),
        (["a"], [None, "", " "], set()),
        ([True, False], [True], {True}),
    ],
)  # fmt: skip
def test_what_a_spelling_means(ids, asked, expected):
    assert listed(ids, asked) == expected


@pytest.mark.parametrize(
    ("ids", "asked", "message"),
    [
        (["u1"], ["x9", "x8"], r"None of the 2 users to exclude is known \(the first: 'x9', str"),
        ([1, 2], ["1", "ann", "ben"], r"2 of the 3 .* of another kind .*'ann', in the log 1"),
        (["ann", "ben"], ["ann", 7, 8], r"2 of the 3 .* of another kind .*: 7, in the log 'ann'"),
        ([123456789012, 5], ["1.23457E+11", "5"], r"1 of the 2 .* lost digits .*1\.23457E\+11"),
        ([12300000000, *"abc"], ["1.23E+10", "a"], r"1 of the 2 .* lost digits .*1\.23E\+10"),
        ([], ["x"], "None of the 1 users"),
        ([3, 4, 5], [3, 4, "5 moved"], r"1 of the 3 .* hold an id of the log and more .*'5 moved'"),
        (["u1", "u2"], ["u1", "user=u2"], r"1 of the 2 .* hold an id .*'user=u2'"),
        (["u1", "u2"], ["u1", "u2;u3"], r"1 of the 2 .* hold an id .*'u2;u3'"),
        (
            ["ab" * 32, "cd" * 32, "ef" * 32],
            ["ab" * 32, "CD" * 32, "ann"],
            r"1 of the 3 .* no digests, .*'ann'; tsgen\.data\.hashed_id\(id, salt\)",
        ),
    ],
)
def test_a_list_that_would_leave_nobody_out_is_refused_unless_one_says_so(ids, asked, message):
    with pytest.raises(DataError, match=message + r".*on_unknown='warn'"):
        listed(ids, asked)
    with pytest.warns(DataWarning, match=message):
        listed(ids, asked, on_unknown="warn")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["7", "u1"], r"1 of 2 users to exclude fit several .*'7', which may be '007', '7'"),
        (["u1", "x"], r"1 of 2 users to exclude are not known \(the first: 'x'\)"),
        ([" u1"], r"1 of 1 .* written otherwise .*' u1', there 'u1'"),
        (["u1", None, ""], "2 of 3 entries are empty"),
    ],
)
def test_what_is_read_into_a_list_is_said(asked, message):
    with pytest.warns(DataWarning, match=message):
        listed(["u1", "u2", "7", "007"], asked)


@pytest.mark.parametrize(
    "asked",
    ["u1", b"u1", 5, None, {"u1": 1}, pd.DataFrame({"user_id": [1]}), np.array(5), np.array("u1")],
)
def test_what_is_no_list_is_refused(asked):
    with pytest.raises(SettingsError, match=r"exclude is a .*; give a list of user ids"):
        listed(["u1"], asked)


@pytest.mark.parametrize("flags", [[0, 1, 1], ["0", "1", "0", "0"], [0.0, 0.0, 0.0], [1, 1, 1]])
def test_flags_that_are_numbers_are_refused_as_true_and_false_are(flags):
    for asked in (flags, pd.Series(flags), np.array(flags)):
        with pytest.raises(SettingsError, match=r"nothing but 0 and 1 \(. entries\), as flags do"):
            listed(range(5), asked)
    assert listed(range(5), flags[:2]) == {int(float(one)) for one in flags[:2]}


@pytest.mark.parametrize(
    "counts",
    [
        pd.Series([3, 2], pd.Index([5, 6], name="user_id")),
        pd.Series([3, 2], pd.Index([5, 6], name="user_id"), name="item_id"),
        pd.Series([3, 2], pd.Index([5, 6], name="customer")),
        pd.Series([5, 5, 6]).value_counts(),
        pd.Series(["a", "b"], pd.Index([5, 6], name="user_id"), name="item_id"),
    ],
)
def test_values_by_id_are_no_list_of_ids(counts):
    with pytest.raises(SettingsError, match=r"a Series of values by id, .*; give the index"):
        listed(range(9), counts)
    assert listed(range(9), counts.index) == {5, 6}


def test_a_series_of_ids_may_have_any_index():
    orders = pd.DataFrame({"order": [1, 2, 3], "user_id": [5, 6, 5]})
    for ids in (orders.set_index("order")["user_id"], orders["user_id"][1:], orders["user_id"]):
        assert listed(range(9), ids) == {5, 6}


def test_a_remark_is_none_where_ids_have_the_like_in_them():
    assert listed(["Lee, Ann", "Ann"], ["Ann", "Ann, Bo"]) == {"Ann"}
    assert listed([12, 7], [7, 7, 7, 7, "K-12", "2024-12-07", "12/7"]) == {7}


def test_a_text_means_an_id_only_if_it_fits_just_one():
    known = vocabulary(["007", "08", "8", "Ann"])
    assert known.from_text(["7", "08", "8.0", "ann", "x"]) == ["007", "08", "8.0", "Ann", "x"]


def test_a_column_of_another_library_is_a_list():
    known = vocabulary([7, 8, 9])
    assert read_id_list(polars.Series([8, 9]), known).codes.tolist() == [1, 2]
    with pytest.raises(SettingsError, match=r"exclude is a DataFrame; give a list"):
        read_id_list(polars.DataFrame({"user_id": [8]}), known)


def test_short_floats_stay_short_so_that_they_mean_all_that_they_may():
    column = pd.Series([2.0**24, None], dtype="float32")
    for ids in (column, column.astype("Float32"), pa.array([2.0**24, None], pa.float32())):
        entries = id_entries(ids)
        assert [type(one) for one in entries] == [np.float32, type(None)]
    assert id_entries(iter([1, "a"])) == (1, "a")
    with pytest.raises(SettingsError, match="exclude is a str; give a list of user ids"):
        id_entries("u1")


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.string()])
def test_an_arrow_array_means_what_its_values_mean(kind):
    vocabulary = Vocabulary(pd.Index([5, 2**60]), "user")
    listed = read_id_list(pa.array([5, 2**60], pa.int64()).cast(kind, safe=False), vocabulary)
    assert listed.codes.tolist() == [0, 1]

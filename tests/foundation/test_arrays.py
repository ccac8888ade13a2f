"""What a metric's arrays must be: rows of numbers, complete, wide and many enough."""

import numpy as np
import pytest

from tsgen.arrays import as_rows, same_width
from tsgen.errors import DataError


def test_rows_come_back_as_double_precision():
    rows = as_rows([[1, 2], [3, 4]], "real")
    assert rows.dtype == np.float64
    assert rows.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("values", "least", "told"),
    [
        ([["a", "b"]], {}, "real must be an array of numbers, one window a row"),
        ([1.0, 2.0], {}, r"real has shape \(2,\); expected two dimensions \(windows, length\)"),
        (np.ones((2, 3)), {"min_rows": 3}, "2 windows of length 3; at least 3 of length 1"),
        (np.ones((2, 3)), {"min_width": 4}, "2 windows of length 3; at least 1 of length 4"),
        (np.ones((0, 3)), {}, "0 windows of length 3; at least 1"),
    ],
)
def test_what_is_not_rows_of_numbers_is_refused(values, least, told):
    with pytest.raises(DataError, match=told):
        as_rows(values, "real", **least)


def test_the_fewest_rows_and_columns_are_enough():
    assert as_rows(np.ones((3, 4)), "real", min_rows=3, min_width=4).shape == (3, 4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_windows_that_are_not_complete_are_counted_and_the_first_is_named(bad):
    values = np.ones((5, 3))
    values[1, 2] = values[4] = bad
    with pytest.raises(DataError, match=r"in 2 of 5 windows \(first: window 1\)") as caught:
        as_rows(values, "real")
    assert caught.value.row == 1


def test_rows_of_two_lengths_are_refused():
    same_width(np.ones((2, 3)), "real", np.ones((4, 3)), "synthetic")
    with pytest.raises(DataError, match="real has rows of length 3 and synthetic of length 2"):
        same_width(np.ones((2, 3)), "real", np.ones((2, 2)), "synthetic")

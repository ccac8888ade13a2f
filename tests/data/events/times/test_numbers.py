"""Numbers as times: a date that is written as one is never taken for seconds."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data.events.times.numbers import fits_better, missing_time, read_numbers_as_times
from tsgen.errors import DataError

DAYS = pd.date_range("2024-01-01", periods=99, freq="D")


def column(numbers):
    return pd.Series(numbers, name="when")


@pytest.mark.parametrize("form", ["%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S"])
@pytest.mark.parametrize("kind", ["int64", "float64"])
@pytest.mark.parametrize("other", [None, 0, 99_991_231, 20_241_301, 1_705_312_345])
def test_a_written_date_is_refused_even_where_some_are_none(form, kind, other):
    numbers = DAYS.strftime(form).astype("int64").to_numpy().astype(kind)
    told = f"date_format='{form}'"
    if other is not None:
        numbers[7] = other
        told = (
            rf"98 whole numbers such as 2024\d+, .* and 1 that do not \(the first: {other} in row 7"
        )
    with pytest.raises(DataError, match=told):
        read_numbers_as_times(column(numbers), None)
    seconds = read_numbers_as_times(column(numbers[:9] % 10**9), "s")
    assert len(seconds) == 9


def test_seconds_of_any_size_are_seconds():
    draw = np.random.default_rng(0)
    for most in (100, 30_000_000, 2 * 10**9):
        numbers = draw.integers(0, most, 300)
        assert read_numbers_as_times(column(numbers), "s").tolist() == (numbers * 10**6).tolist()
    steps = column(draw.integers(0, 30_000_000, 300))
    assert not fits_better(steps)
    assert read_numbers_as_times(steps, None).max() < 30 * 10**12


def test_a_row_without_a_time_is_named():
    error = missing_time("when", 3)
    assert (error.field, error.row) == ("when", 3)
    with pytest.raises(DataError, match="no time stamp in row 1"):
        read_numbers_as_times(column([1.0, np.nan]), None)


@pytest.mark.parametrize("form", ["%Y%j", "%Y%m%d%H", "%y%m%d%H%M", "%y%m%d%H%M%S", "%d%m%y%H%M"])
@pytest.mark.parametrize("kind", ["int64", "float64"])
def test_dates_that_would_be_seconds_of_another_year_are_refused(form, kind):
    stamps = pd.date_range("2021-03-04 05:06:07", "2024-12-30 23:59:58", periods=400)
    numbers = stamps.strftime(form).astype("int64").to_numpy().astype(kind)
    with pytest.raises(DataError, match=rf"look like dates written \w+; say date_format='{form}'"):
        read_numbers_as_times(column(numbers), None)


def test_seconds_of_our_years_are_no_written_dates():
    random = np.random.default_rng(0)
    for begin in np.arange(1_500_000_000, 2_000_000_000, 25_000_000):
        for span in (10**4, 10**6, 10**8):
            seconds = begin + random.integers(0, span, 40)
            times = read_numbers_as_times(column(seconds), None)
            assert (times == seconds * 1_000_000).all()

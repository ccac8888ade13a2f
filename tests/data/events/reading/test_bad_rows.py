import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions, read_interactions
from tsgen.errors import DataError, DataWarning


def table(stamps, **columns):
    size = len(stamps)
    return pd.DataFrame({"user_id": [f"u{k}" for k in range(size)], "item_id": "x",
                         "timestamp": stamps} | columns)  # fmt: skip


def days(log):
    return [str(stamp)[:10] for stamp in log.to_frame()["timestamp"]]


@pytest.mark.parametrize("kind", [int, float, str])
def test_dates_as_whole_numbers_are_refused_and_read_by_their_format(kind):
    stamps = pd.Series([20240115, 20240302, 20231231]).astype(kind)
    if kind is not str:  # which is a date of ISO's basic kind
        with pytest.raises(DataError, match=r"yyyymmdd; say date_format='%Y%m%d'"):
            Interactions.from_frame(table(stamps))
    log = Interactions.from_frame(table(stamps), date_format="%Y%m%d")
    assert days(log) == ["2024-01-15", "2024-03-02", "2023-12-31"]


@pytest.mark.parametrize("form", ["%y%m%d", "%d%m%Y", "%m%d%Y"])
def test_dates_of_six_digits_and_with_the_year_last(form):
    """A whole number has lost its first zero; six digits of text are no date of ours."""
    dates = pd.to_datetime(["2024-01-01", "2024-03-31", "2023-12-05", "2024-01-25"])
    texts = dates.strftime(form)
    numbers = pd.Series(texts).astype(int)
    with pytest.raises(DataError, match=f"say date_format='{form}'"):
        Interactions.from_frame(table(numbers))
    with pytest.raises(DataError, match="a number in row 0"):
        Interactions.from_frame(table(texts))
    for column in (numbers, texts):
        log = Interactions.from_frame(table(column), date_format=form)
        assert days(log) == list(dates.strftime("%Y-%m-%d"))


def test_dates_as_whole_numbers_in_files(tmp_path):
    table([20240115, 20240302]).to_csv(tmp_path / "log.csv", index=False)
    table([20240115, 20240302]).to_parquet(tmp_path / "log.parquet")
    for name in ("log.csv", "log.parquet"):
        log = read_interactions(tmp_path / name, date_format="%Y%m%d")
        assert days(log) == ["2024-01-15", "2024-03-02"]


def test_day_and_month_mixed_are_refused_and_read_by_their_format():
    dates = pd.date_range("2024-01-01", periods=60)
    mixed = [d.strftime("%d/%m/%Y" if d.day <= 12 else "%m/%d/%Y") for d in dates]
    with pytest.raises(DataError, match=r"day/month.*date_format='%d/%m/%Y'"):
        Interactions.from_frame(table(mixed))
    with pytest.raises(DataError, match=r"are not written as date_format.*on_bad_time='drop'"):
        Interactions.from_frame(table(mixed), date_format="%d/%m/%Y")
    with pytest.warns(DataWarning, match="36 of 60 rows have no readable time"):
        log = Interactions.from_frame(table(mixed), date_format="%d/%m/%Y", on_bad_time="drop")
    assert sorted(days(log)) == [str(d)[:10] for d in dates if d.day <= 12]


def test_rows_without_a_readable_time_are_left_out_and_counted():
    stamps = ["2024-01-01", "unknown", None, "2024-01-04 10:00"]
    with pytest.raises(DataError, match="on_bad_time='drop'"):
        Interactions.from_frame(table(stamps))
    with pytest.warns(DataWarning, match=r"2 of 4 rows have no readable time.*first: row 1"):
        log = Interactions.from_frame(table(stamps), on_bad_time="drop")
    assert days(log) == ["2024-01-01", "2024-01-04"]
    gappy = table(pd.to_datetime(["2024-01-01", None]))
    with pytest.warns(DataWarning, match="1 of 2 rows"):
        log = Interactions.from_frame(gappy, on_bad_time="drop")
    assert len(log) == 1


@pytest.mark.parametrize("nothing", ["", "  ", None, np.nan])
def test_rows_without_an_id_are_refused_or_left_out_and_counted(nothing):
    rows = table(pd.date_range("2024-01-01", periods=3), item_id=["a", "b", nothing])
    if nothing != "  ":
        with pytest.raises(DataError, match=r"item id.*on_missing_id='drop'"):
            Interactions.from_frame(rows)
    with pytest.warns(DataWarning, match="1 of 3 rows have no id in column 'item_id'"):
        log = Interactions.from_frame(rows, on_missing_id="drop")
    assert list(log.items.ids) == ["a", "b"]

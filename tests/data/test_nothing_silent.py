"""What used to be read without a word, and wrongly: refused or told, with the place."""

import pandas as pd
import pytest

from tsgen.data import read_interactions, to_dataset
from tsgen.errors import DataError

HOURS = pd.date_range("2024-01-01", periods=24, freq="h")


def events(**columns):
    table = {"user_id": list("abcd"), "item_id": "i", "timestamp": HOURS[:4]}
    return pd.DataFrame(table | columns)


@pytest.mark.parametrize(
    "times",
    [
        ["10:00", "11:00"],
        ["10:00:00", "11:00:00"],
        ["9:15 pm", "1:00Z"],
        ["Jan", "Feb"],
        ["Monday", "Tuesday"],
        ["today", "now"],
    ],
)
def test_times_without_a_date_are_refused(times, tmp_path):
    table = pd.DataFrame({"item_id": "a", "timestamp": times, "target": 1.0})
    with pytest.raises(DataError, match="row 0, a time without a date"):
        to_dataset(table, freq="h")
    table.rename(columns={"item_id": "user_id", "target": "item_id"}).to_csv(
        tmp_path / "log.csv", index=False
    )
    with pytest.raises(DataError, match="time"):
        read_interactions(tmp_path / "log.csv")


def test_a_daily_series_among_hourly_ones_is_refused_unless_the_frequency_is_said():
    hourly = pd.DataFrame({"item_id": "a", "timestamp": HOURS, "target": 1.0})
    days = pd.date_range("2024-01-01", periods=9, freq="D")
    daily = pd.DataFrame({"item_id": "b", "timestamp": days, "target": 1.0})
    both = pd.concat([hourly, hourly.assign(item_id="c"), daily])
    with pytest.raises(DataError, match=r"Series 'b' has a row every 24 steps of freq='h'"):
        to_dataset(both)
    assert len(to_dataset(both, freq="h")) == 3
    gappy = hourly.assign(item_id="b").iloc[[0, 2, 4, 5, 6, 8, 10, 12, 14, 16]]
    assert len(to_dataset(pd.concat([hourly, gappy]))) == 2


def test_entries_without_a_start_or_with_features_that_are_no_numbers_are_told():
    entry = {"item_id": "a", "target": [1.0, 2, 3], "start": pd.NaT}
    with pytest.raises(DataError, match="The start of series 'a' is missing"):
        to_dataset([entry], freq="h")
    start = pd.Period("2024-01-01", "h")
    with pytest.raises(DataError, match=r"feat_static_real=\{'a': 1\}, which are no numbers"):
        to_dataset([entry | {"start": start, "feat_static_real": {"a": 1}}])

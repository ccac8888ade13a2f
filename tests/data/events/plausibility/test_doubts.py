import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.data.events.plausibility.doubts import warn_of_doubts
from tsgen.errors import DataError, DataWarning

DAY = 86_400 * 10**6


def days_of(*days, **options):
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, "D")
    users = np.arange(len(days)) % 7
    table = pd.DataFrame({"user_id": users, "item_id": "x", "timestamp": stamps})
    return Interactions.from_frame(table, on_duplicate="keep", **options)


def with_default(text, share=15, **options):
    log = days_of(*np.arange(100) / 3).to_frame()
    log.loc[log.index[:share], "timestamp"] = pd.Timestamp(text)
    return Interactions.from_frame(log, on_duplicate="keep", **options)


def test_strays_are_left_out_refused_or_taken_as_asked():
    days = [*range(100), 2000]
    with pytest.warns(DataWarning, match="last 1 of 101 events.*on_stray='drop'.*at= "):
        warn_of_doubts(days_of(*days), 7 * DAY)
    warn_of_doubts(days_of(*days, on_stray="keep"), 7 * DAY)
    with pytest.warns(
        DataWarning, match=r"first 1 of 102.*last 1 of 102.*These 2 events were left out"
    ):
        log = days_of(-900, *days, on_stray="drop")
    assert len(log) == 100
    with pytest.raises(DataError, match=r"last 1 of 101 events.*on_stray='drop' or 'keep'"):
        days_of(*days, on_stray="error")


@pytest.mark.parametrize("text", ["1900-01-01", "1970-01-01", "2030-01-01"])
def test_blocks_of_default_dates_are_left_out(text):
    with pytest.warns(DataWarning, match=f"15 of 100 events are at {text}"):
        warn_of_doubts(with_default(text), 7 * DAY)
    with pytest.warns(DataWarning, match=f"15 of 100 events are at {text}"):
        log = with_default(text, on_stray="drop")
    assert len(log) == 85


def test_default_dates_in_the_zone_of_the_log_and_days_that_are_like_others():
    with pytest.warns(DataWarning, match="15 of 100 events are at 1970-01-01"):
        warn_of_doubts(with_default("1970-01-01", timezone="Asia/Tokyo"), 7 * DAY)
    first = pd.Timestamp("2000-01-01") + pd.to_timedelta(np.arange(60) // 3, "D")
    table = pd.DataFrame({"user_id": range(60), "item_id": "x", "timestamp": first})
    warn_of_doubts(Interactions.from_frame(table), 7 * DAY)  # a log that begins on that day


def test_machines_are_left_out_refused_or_taken_as_asked():
    log = days_of(*np.arange(100) / 3).to_frame()
    robot = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(300), "h")
    table = pd.concat([log, log.iloc[:1].merge(robot.to_series(name="t"), how="cross").assign(
        user_id=77, timestamp=lambda x: x.pop("t"))])  # fmt: skip
    with pytest.warns(
        DataWarning, match=r"1 of 8 users are plainly.*300 of 400.*on_machine='drop'"
    ):
        warn_of_doubts(Interactions.from_frame(table), 7 * DAY)
    warn_of_doubts(Interactions.from_frame(table, on_machine="keep"), 7 * DAY)
    with pytest.warns(DataWarning, match="300 events were left out"):
        assert len(Interactions.from_frame(table, on_machine="drop")) == 100
    with pytest.raises(DataError, match="plainly machines"):
        Interactions.from_frame(table, on_machine="error")

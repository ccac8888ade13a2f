"""Step numbers in the place of time stamps."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import read_series, to_dataset
from tsgen.errors import DataError, SettingsError


def numbered(steps=(0, 1, 2, 3), **columns):
    return pd.DataFrame(
        {"item_id": "a", "timestamp": steps, "target": np.arange(len(steps), dtype=float)}
    ).assign(**columns)


@pytest.mark.parametrize(
    ("freq", "dates"),
    [
        ("h", ["2020-01-03 00:00", "2020-01-03 01:00", "2020-01-03 02:00", "2020-01-03 03:00"]),
        ("15min", ["2020-01-03 00:00", "2020-01-03 00:15", "2020-01-03 00:30", "2020-01-03 00:45"]),
        ("B", ["2020-01-03", "2020-01-06", "2020-01-07", "2020-01-08"]),  # a Friday
        ("W-SUN", ["2020-01-05", "2020-01-12", "2020-01-19", "2020-01-26"]),
        ("M", ["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"]),
        ("2Y", ["2020-12-31", "2022-12-31", "2024-12-31", "2026-12-31"]),
    ],
)
def test_steps_are_counted_from_the_date_in_the_unit_of_the_frequency(freq, dates):
    dated = to_dataset(numbered(), start="2020-01-03", freq=freq)
    plain = to_dataset(numbered(pd.to_datetime(dates)), freq=freq)
    assert (dated.starts == plain.starts).all()
    assert (dated.freq, dated.values.tolist()) == (plain.freq, [0, 1, 2, 3])


def test_series_begin_where_their_steps_do_and_gaps_stay_gaps():
    both = pd.concat([numbered((0, 1)), numbered((5, 2, 3), item_id="b")])
    with pytest.warns(UserWarning, match="sorted"):
        dataset = to_dataset(both, start="2020-01-01", freq="D")
    assert (dataset.starts - dataset.starts[0]).tolist() == [0, 2]
    np.testing.assert_array_equal(dataset.series(1), [1, 2, np.nan, 0])


def test_a_csv_of_step_numbers_says_what_is_missing_and_is_read_with_it(tmp_path):
    numbered().to_csv(tmp_path / "steps.csv", index=False)
    with pytest.raises(DataError, match=r"row 0: 0.*pass start= and freq="):
        read_series(tmp_path / "steps.csv")
    dataset = read_series(tmp_path / "steps.csv", start="2020-01-01", freq="h", timezone="UTC")
    assert dataset.timestamps(0)[3] == pd.Timestamp("2020-01-01 03:00")


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (numbered(), {"start": "2020-01-01"}, SettingsError, "pass freq= too"),
        (numbered(), {"start": "soon", "freq": "h"}, SettingsError, "'soon' is not a time"),
        (numbered(), {"start": "2020-01-01 00:00Z", "freq": "h"}, SettingsError, "naive time"),
        (numbered((0, 1, 2.5, 3)), {"start": "2020", "freq": "h"}, DataError, r"row 2: 2\.5"),
        (numbered((0, 1, None, 3)), {"start": "2020", "freq": "h"}, DataError, "row 2: nan"),
        (numbered((0, 1, 2, 900)), {"start": "2020", "freq": "Y"}, DataError, "900; from 2020 .*Y"),
        (
            numbered(pd.date_range("2020", periods=4, freq="h")),
            {"start": "2020", "freq": "h"},
            DataError,
            "time stamps, not step numbers; leave start= out",
        ),
        (
            [{"start": pd.Period("2020", "h"), "target": [1.0]}],
            {"start": "2020", "freq": "h"},
            SettingsError,
            "entries carry start",
        ),
    ],
)
def test_impossible_steps_are_refused(table, options, error, message):
    with pytest.raises(error, match=message):
        to_dataset(table, **options)

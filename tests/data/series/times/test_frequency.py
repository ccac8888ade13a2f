import numpy as np
import pandas as pd
import pytest

from strategies import GRIDS
from tsgen.data.series.times.frequency import infer_freq, normalise_freq, place_on_grid, step_stamps
from tsgen.errors import SettingsError


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("MS", "M"),
        ("ME", "M"),
        ("M", "M"),
        ("H", "h"),
        ("T", "min"),
        ("15T", "15min"),
        ("W", "W-SUN"),
        ("2W-TUE", "2W-TUE"),
        ("QS", "Q-DEC"),
        ("QS-OCT", "Q-DEC"),
        ("QS-FEB", "Q-OCT"),
        ("Q-MAR", "Q-MAR"),
        ("YS", "Y-DEC"),
        ("YS-JUL", "Y-JUN"),
        ("A", "Y-DEC"),
        ("B", "B"),
        ("7D", "7D"),
    ],
)
def test_every_spelling_becomes_the_spelling_of_periods(given, normal):
    assert normalise_freq(given) == normal
    assert pd.Period(ordinal=100, freq=normal).freqstr == normal


@pytest.mark.parametrize("freq", ["hourly", "", None, "-1h", "0D", "BME", "ms", "SME", 7])
def test_impossible_frequencies_are_refused_with_examples(freq):
    with pytest.raises(SettingsError, match=r"30min|'B'"):
        normalise_freq(freq)


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: f"{grid.offset} {grid.first}")
def test_stamps_are_inferred_placed_and_printed_back(grid):
    stamps = pd.date_range(grid.first, periods=30, freq=grid.offset)
    freq, fits = infer_freq(stamps, np.zeros(30, int))
    assert (freq, fits) == (grid.freq, True)
    ordinals, label, off = place_on_grid(stamps, grid.freq)
    assert not off.any()
    step = int(pd.tseries.frequencies.to_offset(grid.offset).n)
    assert (np.diff(ordinals) == step).all()
    assert step_stamps(ordinals, grid.freq, label).equals(pd.DatetimeIndex(stamps, freq=None))


@pytest.mark.parametrize(
    ("stamps", "freq"),
    [
        (pd.date_range("2024-01-31", periods=3, freq="ME"), "M"),
        (pd.date_range("2024-01-15", periods=9, freq="MS") + pd.Timedelta("14D"), "M"),
        (pd.date_range("2024-01-01", periods=9, freq="2MS"), "2M"),
        (pd.date_range("2024-01-01", periods=9, freq="6MS"), "2Q-DEC"),
        (pd.date_range("2024-01-01", periods=9, freq="10D"), "10D"),
        (pd.date_range("2024-01-05", periods=30, freq="4W-FRI"), "4W-FRI"),
        (pd.date_range("2024-01-01", periods=5, freq="D"), "D"),  # one week tells nothing
        (pd.date_range("2024-01-01", periods=12, freq="90min"), "90min"),
        (pd.date_range("2024-01-01", periods=12, freq="6h"), "6h"),
        (pd.date_range("2024-01-01", periods=12, freq="10s"), "10s"),
    ],
)
def test_less_common_steps_are_inferred(stamps, freq):
    assert infer_freq(stamps, np.zeros(len(stamps), int)) == (freq, True)


def test_one_long_gap_and_many_series_do_not_mislead_inference():
    hours = pd.date_range("2024-01-01", periods=20, freq="h")
    stamps = hours[[0, 1, 2, 3, 19]].append(hours[[4, 6, 7]])
    assert infer_freq(stamps, np.repeat([0, 1], [5, 3])) == ("h", True)


def test_the_smaller_step_wins_where_gaps_make_a_multiple_of_it_common():
    hours = pd.date_range("2024-01-01", periods=20, freq="h")
    assert infer_freq(hours[[0, 2, 4, 6, 8, 9, 11, 13]], np.zeros(8, int)) == ("h", True)


def test_single_observations_have_no_frequency():
    stamps = pd.DatetimeIndex(["2024-01-01", "2024-01-02"])
    assert infer_freq(stamps, np.array([0, 1])) == (None, False)

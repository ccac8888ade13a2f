"""Calendar features against pandas' own calendar, over decades and for every frequency."""

import numpy as np
import pytest
import torch
from gluonts.time_feature import time_features_from_frequency_str

from tsgen.data.series.times.calendar import Calendar
from tsgen.data.series.times.frequency import period_index, start_period
from tsgen.errors import DataError

FREQS = ["min", "5min", "15min", "h", "6h", "D", "B", "W-SUN", "W-WED", "M", "Q-DEC", "Y-DEC"]
FIRST = ["1931-03-07 05:35", "1969-12-30 22:45", "2000-02-27 10:20", "2023-12-31 23:05"]


def steps_from(first, freq, count):
    calendar = Calendar.for_span(freq, 10**6, "linear")
    base = freq.lstrip("0123456789")
    return start_period(first, base).ordinal + np.arange(count) * calendar.stride, base


def places_of(name, periods):
    """Return (place in the cycle, number of places) as pandas sees them."""
    pandas_sees = {
        "day of week": lambda: (periods.dayofweek, 5 if periods.freqstr == "B" else 7),
        "day of month": lambda: (periods.day - 1, 31),
        "day of year": lambda: (periods.dayofyear - 1, 366),
        "month of year": lambda: (periods.month - 1, 12),
        "quarter of year": lambda: (periods.quarter - 1, 4),
    }
    if name == "time of day":
        if periods.freqstr == "h":
            return periods.hour, 24
        return periods.hour * 60 + periods.minute, 1440
    return pandas_sees[name]()


@pytest.mark.parametrize("freq", FREQS)
@pytest.mark.parametrize("first", FIRST)
def test_features_are_what_pandas_says(freq, first):
    steps, base = steps_from(first, freq, 400)
    periods = period_index(steps, base)
    for encoding in ("linear", "peaks"):
        calendar = Calendar.for_span(freq, 10**7, encoding)
        found = calendar.features(torch.tensor(steps)[None])[0].double().numpy()
        assert found.shape == (calendar.num_features, 400)
        row = 0
        for name in calendar.names:
            if name == "week of year":
                row += 1 if encoding == "linear" else 4
                continue  # tested for itself below
            if name == "narrow weeks of year":
                row += 12
                continue
            place, count = places_of(name.replace("narrow days", "day"), periods)
            if encoding == "linear":
                expected = [np.asarray(place) / (count - 1) - 0.5]
            else:
                angle = 2 * np.pi * np.asarray(place) / count
                waves = {"time of day": 3, "day of week": 2, "month of year": 2}.get(name, 1)
                numbers = range(2, 9) if name.startswith("narrow") else range(1, waves + 1)
                expected = [f(k * angle) for k in numbers for f in (np.sin, np.cos)]
            for wave in expected:
                np.testing.assert_allclose(found[row], wave, atol=1e-6, err_msg=f"{name} {freq}")
                row += 1
        assert row == calendar.num_features


def test_the_linear_encoding_of_hourly_data_is_gluonts_own():
    steps, _ = steps_from("2019-12-20 07:00", "h", 24 * 900)
    index = period_index(steps, "h")
    expected = np.stack([feature(index) for feature in time_features_from_frequency_str("h")])
    found = Calendar.for_span("h", 10**6, "linear").features(torch.tensor(steps)[None])[0]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("freq", ["W-SUN", "W-WED"])
def test_the_week_of_the_year_follows_the_year_over_decades(freq):
    steps, base = steps_from("1950-01-08", freq, 52 * 100)
    calendar = Calendar.for_span(freq, 10**4, "cyclic")
    first_wave = calendar.features(torch.tensor(steps)[None])[0, :2].double().numpy()
    phase = np.arctan2(first_wave[0], first_wave[1]) / (2 * np.pi) % 1
    year_share = (period_index(steps, base).start_time.dayofyear - 1).to_numpy() / 365.25
    apart = (phase - year_share + 0.5) % 1 - 0.5
    assert np.ptp(apart) < 14 / 365.25  # within a week either side, with no drift


def test_a_cycle_that_no_series_covers_is_left_out():
    assert Calendar.for_span("h", 20).names == ()
    assert Calendar.for_span("h", 24 * 6).names == ("time of day",)
    assert Calendar.for_span("h", 24 * 7).names == ("time of day", "day of week")
    assert "day of year" in Calendar.for_span("h", 24 * 366).names
    assert "day of year" in Calendar.for_span("15min", 96 * 366).names
    assert len(Calendar.for_span("h", 20, "linear").names) == 4


@pytest.mark.parametrize(("freq", "year"), [("D", 365.25), ("B", 261), ("W-SUN", 52.2)])
def test_what_is_narrow_in_a_year_can_be_drawn_once_it_has_come_twice(freq, year):
    steps, base = steps_from("2020-01-05", freq, int(3 * year))
    days = period_index(steps, base).start_time.dayofyear.to_numpy()
    christmas = 1 + 1.7 * np.exp(-0.5 * ((days - 352) / 12) ** 2)
    heights = {}
    for years in (1.9, 2.1):
        calendar = Calendar.for_span(freq, int(years * year), "peaks")
        features = calendar.features(torch.tensor(steps)[None])[0].double().numpy()
        inputs = np.vstack([features, np.ones(len(steps))]).T
        fitted = inputs @ np.linalg.lstsq(inputs, christmas, rcond=None)[0]
        heights[years] = fitted[np.abs(days - 352) <= 4].mean()
        assert calendar.cycles[-1] == round(365.2425 / {"D": 1, "B": 1.4, "W-SUN": 7}[freq])
        assert len(set(calendar.cycles)) == len(calendar.cycles)
    assert heights[1.9] < 1.9
    assert heights[2.1] > 2.4
    for other in ("linear", "cyclic"):
        names = Calendar.for_span(freq, 10**6, other).names
        assert not [name for name in names if name.startswith("narrow")]


def test_a_stride_counts_in_the_base_unit():
    assert Calendar.for_span("15min", 100).stride == 15
    assert Calendar.for_span("D", 100).stride == 1


@pytest.mark.parametrize("freq", ["ms", "BME", "", "7"])
def test_a_frequency_without_a_calendar_is_refused(freq):
    with pytest.raises(DataError, match=f"freq='{freq}' is not supported"):
        Calendar.for_span(freq, 100)


def test_no_feature_gives_no_channel():
    calendar = Calendar.for_span("Y-DEC", 30)
    assert calendar.features(torch.zeros(3, 8, dtype=torch.int64)).shape == (3, 0, 8)


def test_cyclic_features_do_not_jump_at_midnight_or_new_year():
    steps, _ = steps_from("2023-12-31 00:00", "h", 48)
    features = Calendar.for_span("h", 24 * 800).features(torch.tensor(steps)[None])[0]
    change = features.diff(dim=1).abs()
    hours, year = change[:6], change[-2:]
    assert hours[:, 23].max() <= hours.max() - 1e-3 or hours[:, 23].max() < 0.8
    assert year[:, 23].max() < 0.04
    linear = Calendar.for_span("h", 24 * 800, "linear").features(torch.tensor(steps)[None])[0]
    assert linear.diff(dim=1).abs()[:, 23].max() > 0.9

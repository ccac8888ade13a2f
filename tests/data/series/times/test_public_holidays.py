"""Holidays as features: against dates that everybody knows."""

import sys

import numpy as np
import pandas as pd
import pytest
import torch

from tsgen.data.series import Calendar
from tsgen.data.series.times.public_holidays import check_country, holiday_features
from tsgen.errors import MissingExtraError, SettingsError

pytest.importorskip("holidays", reason="needs the extra holidays")


def features(freq, first, count, country="DE"):
    """Holidays in the step, and nearness of the next, of the named steps."""
    calendar = Calendar.for_span(freq, 1000, holidays=country)
    base = freq.lstrip("0123456789")
    begin = pd.Period(first, base).ordinal
    steps = begin + np.arange(count) * calendar.stride
    found = calendar.features(torch.tensor(steps)[None])[0]
    assert len(found) == calendar.num_features
    return found[-2:].numpy()


def test_days_near_christmas():
    within, near = features("D", "2023-12-18", 16)
    assert within.tolist() == [0] * 7 + [1, 1] + [0] * 5 + [1, 0]  # 25, 26, and 1 January
    np.testing.assert_allclose(near[:8], np.arange(8) / 7, atol=1e-6)
    np.testing.assert_allclose(near[8:10], [1, 2 / 7], atol=1e-6)
    assert near[-1] == 0  # Epiphany is none in most of the country


def test_easter_moves():
    for year, friday in ((2023, "2023-04-07"), (2024, "2024-03-29")):
        days = pd.period_range(f"{year}-03-15", periods=40, freq="D")
        within, _ = features("D", str(days[0]), 40)
        assert days[within > 0].astype(str)[0] == friday


@pytest.mark.parametrize("freq", ["h", "6h", "15min"])
def test_shorter_steps_have_the_holiday_of_their_day(freq):
    within, _ = features(freq, "2024-01-01 00:00", 4)
    assert within.all()
    within, _ = features(freq, "2023-12-31 23:00", 1)
    assert not within.any()


@pytest.mark.parametrize(("freq", "first"), [("W-SUN", "2023-12-18"), ("W-WED", "2023-12-21")])
def test_weeks_count_their_holidays(freq, first):
    """To Sunday 24 none; to Wednesday 27 two; New Year is in the week after these two."""
    within, near = features(freq, first, 3)
    expected = [0, 2, 1] if freq == "W-SUN" else [2, 1, 0]
    np.testing.assert_allclose(within * 3, expected, atol=1e-6)
    assert (near[within > 0] == 1).all()
    before, closer = features(freq, "2023-11-27", 3)
    assert not before.any()
    np.testing.assert_allclose(np.diff(closer), 0.25, atol=1e-6)  # four weeks


def test_several_days_a_step_and_business_days():
    within, _ = features("2D", "2023-12-24", 2)
    np.testing.assert_allclose(within * 3, [1, 1], atol=1e-6)
    within, _ = features("B", "2023-12-22", 4)
    assert within.tolist() == [0, 1, 1, 0]


def test_parts_of_a_country_have_holidays_of_their_own():
    assert features("D", "2024-01-06", 1, "DE-BY")[0] == 1
    assert features("D", "2024-01-06", 1)[0] == 0


@pytest.mark.parametrize(
    ("country", "sentence"),
    [("XX", "no such country"), ("DE-QQ", "DE has no such part; it has BB, BE"), ("", "country")],
)
def test_unknown_countries_are_refused(country, sentence):
    with pytest.raises(SettingsError, match=sentence):
        check_country(country)


def test_months_know_no_holidays():
    with pytest.raises(SettingsError, match="say nothing about steps of freq='M'"):
        Calendar.for_span("M", 100, holidays="DE")


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    from tsgen.data.series.times import public_holidays as module

    module._days_of.cache_clear()
    with pytest.raises(MissingExtraError, match=r"tsgen-forecasting\[holidays\]"):
        holiday_features(torch.tensor([[0]]), 1, "DE")

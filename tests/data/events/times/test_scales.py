"""Lengths of time and moments, for people and back."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data.events.times import MICROSECONDS, read_span, span_text, to_stamps
from tsgen.errors import SettingsError


@pytest.mark.parametrize("span", ["14", 14, "2 months", "-1D", "0D", "999ns", None, float("nan")])
def test_a_horizon_must_be_a_length_of_time(span):
    with pytest.raises(SettingsError, match="write '14D'"):
        read_span(span)


def test_a_length_is_read_and_written():
    assert read_span("14D") == 14 * MICROSECONDS["D"] == read_span(pd.Timedelta("2W"))
    assert (span_text(read_span("14D")), span_text(read_span("90min"))) == ("14 days", "1:30:00")


def test_moments_are_stamps_of_utc_or_of_a_zone():
    noon = np.array([43_200_000_000])
    assert str(to_stamps(noon, None)[0]) == "1970-01-01 12:00:00"
    assert str(to_stamps(noon, "Europe/Berlin")[0]) == "1970-01-01 13:00:00+01:00"

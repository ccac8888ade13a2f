"""Lengths of time and moments in microseconds since 1970 UTC, and for people."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers
from tsgen.errors import SettingsError

__all__ = ["MICROSECONDS", "read_span", "span_text", "to_stamps"]

MICROSECONDS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6, "min": 6e7, "h": 3.6e9, "D": 8.64e10}
"""Microseconds in one step of each unit of numeric time stamps."""


def read_span(span: Any, name: str = "horizon") -> int:
    """Read a length of time ("14D", "6h", a timedelta), in microseconds.

    Raises:
        SettingsError: It means no length of time from a microsecond; months and years have none.
    """
    message = f"{name}={span!r} is not a length of time; write '14D', '6h' or '30min'."
    if isinstance(span, int | float) or (isinstance(span, str) and span.strip().isdigit()):
        raise SettingsError(message)
    try:
        length = pd.Timedelta(span)
    except (ValueError, TypeError):
        raise SettingsError(message) from None
    if pd.isna(length) or length < pd.Timedelta(microseconds=1):
        raise SettingsError(message)
    return int(length / pd.Timedelta(microseconds=1))


def span_text(span: int) -> str:
    """Return a length in microseconds for people."""
    length = datetime.timedelta(microseconds=span)
    return str(length).replace(", 0:00:00", "")


def to_stamps(times: Integers, timezone: str | None) -> pd.DatetimeIndex:
    """Return microseconds since 1970 UTC as time stamps: naive UTC, or in `timezone`."""
    stamps = pd.DatetimeIndex(np.asarray(times, np.int64).view("datetime64[us]"))
    return stamps.tz_localize("UTC").tz_convert(timezone) if timezone else stamps

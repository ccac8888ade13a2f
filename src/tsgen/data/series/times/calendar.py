"""Calendar features of a step, by frequency: what the wall clock of the series says.

A step is the ordinal of a pandas Period (hours since 1970 for "h", months for "M"), so everything
but the day of the month and of the year is integer arithmetic, done on the training device.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch

from tsgen.arrays import Array
from tsgen.errors import DataError, SettingsError

from .public_holidays import check_country, holiday_features

__all__ = ["Calendar"]

# Seconds in one step of each sub-daily base frequency.
_SECONDS = {"s": 1, "min": 60, "h": 3600}
# Feature -> length of its cycle in days; features are offered from fast to slow.
_CYCLE_DAYS = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "time of day": 1.0,
    "day of week": 7.0,
    "day of month": 30.436875,
    "day of year": 365.2425,
    "week of year": 365.2425,
    "month of year": 365.2425,
    "quarter of year": 365.2425,
    "narrow days of year": 365.2425,
    "narrow weeks of year": 365.2425,
}
_FEATURES = {
    "s": ("minute", "hour", "time of day", "day of week", "day of month", "day of year"),
    "min": ("time of day", "day of week", "day of month", "day of year"),
    "h": ("time of day", "day of week", "day of month", "day of year"),
    "D": ("day of week", "day of month", "day of year", "narrow days of year"),
    "B": ("day of week", "day of month", "day of year", "narrow days of year"),
    "W": ("week of year", "narrow weeks of year"),
    "M": ("month of year",),
    "Q": ("quarter of year",),
    "Y": (),
}
# Harmonics of each cycle: a day has a shape that one sine wave does not draw.
_HARMONICS = {
    "time of day": range(1, 4),
    "day of week": range(1, 3),
    "month of year": range(1, 3),
    "week of year": range(1, 3),
    "narrow days of year": range(2, 9),
    "narrow weeks of year": range(3, 9),
}
_BASIC = range(1, 2)
# What is narrow in a year (the weeks before Christmas) is told from a date once it has come twice.
_NARROW = {"narrow days of year": "day of year", "narrow weeks of year": "week of year"}
_TWICE = 2
_WITHOUT_DAYS = {"M", "Q", "Y"}
_DAYS_PER_STEP = {"D": 1.0, "B": 1.4, "W": 7.0, "M": 30.436875, "Q": 91.310625, "Y": 365.2425}


@dataclass(frozen=True)
class Calendar:
    """Computes the calendar features of any step, as cycles (default) or linearly (the paper).

    Attributes:
        freq: Pandas Period frequency.
        names: The features in use, a subset of those the frequency offers.
        encoding: "cyclic", and "peaks": sines and cosines of each cycle; "linear": each feature
            mapped to about [-0.5, 0.5], with a jump where the cycle starts again (PSA-GAN, after
            GluonTS).
        holidays: Country whose holidays are features too; see `check_country`.

    Raises:
        SettingsError: Holidays for months or longer steps.
    """

    freq: str
    names: tuple[str, ...]
    encoding: Literal["cyclic", "peaks", "linear"] = "cyclic"
    holidays: str | None = None

    def __post_init__(self) -> None:
        if self.holidays and _base(self.freq) in _WITHOUT_DAYS:
            raise SettingsError(
                f"holidays={self.holidays!r} say nothing about steps of freq={self.freq!r}; they "
                "are for weeks and shorter steps. Leave them out."
            )
        if odd := [name for name in self.names if name not in _FEATURES[_base(self.freq)]]:
            raise ValueError(f"{odd[0]!r} is no calendar feature of freq {self.freq!r}")

    @classmethod
    def for_span(
        cls,
        freq: str,
        num_steps: int,
        encoding: Literal["cyclic", "peaks", "linear"] = "cyclic",
        holidays: str | None = None,
    ) -> Calendar:
        """Choose the features for series of at most `num_steps` steps.

        A cycle that no series covers once cannot be learned (its feature would only date the
        window), so the cyclic encoding leaves it out; the linear one keeps the whole cycles, as the
        paper does. "peaks" is cyclic, with eight waves of the year for days, weeks and business
        days if a series covers two years: of less, they would only date the window.

        Raises:
            SettingsError: Holidays of a country that is not known, or for months or longer steps.
            MissingExtraError: The package `holidays` is not installed.
        """
        if holidays:
            check_country(holidays)
        base = _base(freq)
        days = num_steps * _step_days(freq)
        offered = tuple(n for n in _FEATURES[base] if n not in _NARROW or encoding == "peaks")
        if encoding != "linear":
            # Day-of-month effects are slight below a day's resolution and would blur the windows.
            left_out = {"day of month"} if base in _SECONDS else set()
            needed = {n: (_TWICE if n in _NARROW else 1) * _CYCLE_DAYS[n] for n in offered}
            offered = tuple(n for n in offered if needed[n] <= days and n not in left_out)
        return cls(freq, offered, encoding, holidays=holidays)

    @property
    def num_features(self) -> int:
        """How many channels `features` returns."""
        holidays = 2 if self.holidays else 0
        if self.encoding == "linear":
            return len(self.names) + holidays
        return sum(2 * len(_HARMONICS.get(name, _BASIC)) for name in self.names) + holidays

    @property
    def cycles(self) -> tuple[int, ...]:
        """Steps of each cycle in use, to the nearest whole one, fast to slow."""
        whole = [name for name in self.names if name not in _NARROW]
        return tuple(round(_CYCLE_DAYS[name] / _step_days(self.freq)) for name in whole)

    def features(self, steps: torch.Tensor) -> torch.Tensor:
        """Return (B, num_features, L) float32 for the Period ordinals `steps` (B, L)."""
        channels: list[torch.Tensor] = []
        for name in self.names:
            phase, span = self._phase(_NARROW.get(name, name), steps)
            if self.encoding == "linear":
                channels.append(phase * span / (span - 1) - 0.5)
                continue
            for harmonic in _HARMONICS.get(name, _BASIC):
                angle = 2 * torch.pi * harmonic * phase
                channels += [torch.sin(angle), torch.cos(angle)]
        if self.holidays:
            channels += self._holidays(steps, self.holidays)
        if not channels:
            return torch.empty((len(steps), 0, steps.shape[1]), device=steps.device)
        return torch.stack(channels, dim=1).float()

    def _holidays(self, steps: torch.Tensor, country: str) -> list[torch.Tensor]:
        stride, base = _parse(self.freq)
        if base == "W":
            return holiday_features(7 * steps + _first_day(self.freq), 7 * stride, country)
        days = stride if base == "D" else 1
        return holiday_features(self._days(steps), days, country)

    def _phase(self, name: str, steps: torch.Tensor) -> tuple[torch.Tensor, float]:
        """Return the place in the cycle, in [0, 1), and the number of places the cycle has."""
        base = _base(self.freq)
        if name == "time of day":
            per_day = 86_400 // _SECONDS[base]
            places = 24 if base == "h" else 1440
            return (steps % per_day).double() / per_day, places
        if name in {"minute", "hour"}:
            per_cycle = 60 if name == "minute" else 3600
            return (steps % per_cycle).double() / per_cycle, 60
        if name == "month of year":
            return (steps % 12).double() / 12, 12
        if name == "quarter of year":
            return (steps % 4).double() / 4, 4
        if name == "week of year":
            return ((steps * 7).double() / 365.2425) % 1, 53
        if name == "day of week":
            if base == "B":
                return ((steps + 3) % 5).double() / 5, 5
            return ((self._days(steps) + 3) % 7).double() / 7, 7  # 1970-01-01 was a Thursday
        days = self._days(steps)
        first = int(days.min())
        table = _day_table(first, int(days.max()))[name]
        places = 31 if name == "day of month" else 366
        looked_up = torch.as_tensor(table, device=steps.device)[days - first]
        return looked_up / places, places

    def _days(self, steps: torch.Tensor) -> torch.Tensor:
        """Return days since 1970-01-01 (int64)."""
        base = _base(self.freq)
        if base in _SECONDS:
            return torch.div(steps * _SECONDS[base], 86_400, rounding_mode="floor")
        if base == "B":  # ordinal 0 is Thursday 1970-01-01
            week = torch.div(steps + 3, 5, rounding_mode="floor")
            return week * 7 + (steps + 3) % 5 - 3
        return steps

    @property
    def stride(self) -> int:
        """Ordinals from one step to the next: 5 for "5min", 1 for "h"."""
        return _parse(self.freq)[0]


def _parse(freq: str) -> tuple[int, str]:
    """Return the multiple and the base of a Period frequency: (15, "min") for "15min"."""
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(-[A-Z]{3})?", freq)
    if match is None or match[2] not in _FEATURES:
        raise DataError(
            f"freq='{freq}' is not supported; use seconds, minutes, hours, days, business days, "
            "weeks, months, quarters or years (for example '15min', 'h', 'D', 'W-SUN', 'M')."
        )
    return int(match[1] or 1), match[2]


def _base(freq: str) -> str:
    return _parse(freq)[1]


def _first_day(freq: str) -> int:
    """Return the first day of week 0, since 1970-01-01."""
    week = freq[freq.index("W") :]
    return int((pd.Period(ordinal=0, freq=week).start_time - pd.Timestamp(0)).days)


def _step_days(freq: str) -> float:
    stride, base = _parse(freq)
    return stride * (_SECONDS[base] / 86_400 if base in _SECONDS else _DAYS_PER_STEP[base])


def _day_table(first: int, last: int) -> dict[str, Array]:
    """Return the day of month and of year, from 0, of each day from `first` to `last`."""
    days = np.arange(first, last + 1).astype("datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    return {
        "day of month": (days - months).astype(np.float64),
        "day of year": (days - years).astype(np.float64),
    }

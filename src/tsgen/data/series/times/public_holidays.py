"""Public holidays of a country, as features of a step: is one in it, and how near is the next.

The dates are those of the package `holidays`; those that follow the moon move with its versions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from tsgen.arrays import Integers
from tsgen.errors import MissingExtraError, SettingsError, nearest

__all__ = ["check_country", "holiday_features"]

_NEAR_DAYS, _NEAR_STEPS = 7, 4
"""From when on a holiday is near: days, and steps of several days."""
_MANY = 3
"""Holidays in a step of several days that count as one."""


def check_country(country: str) -> None:
    """Refuse a country or a part of one of which no holidays are known.

    Args:
        country: ISO 3166 code, "DE", or with a part, "DE-BY".

    Raises:
        SettingsError: There is no such country or part.
        MissingExtraError: The package is not installed.
    """
    _days_of(country, 2024, 2024)


def holiday_features(first: torch.Tensor, days: int, country: str) -> list[torch.Tensor]:
    """Return two features of steps: holidays in it, and the nearness of the next one.

    Args:
        first: (B, L), first day of each step since 1970-01-01.
        days: Days of a step: 1, or 7 for weeks; a step below a day has the holidays of its day.
        country: As for `check_country`.

    Returns:
        Two of (B, L), float64: the number of holidays (in a step of several days, a third of it),
        and what rises from 0 to 1 in the seven days, or four steps, before one.
    """
    begin, end = (_year(int(day)) for day in (first.min(), first.max()))
    dates = torch.as_tensor(_days_of(country, begin, end + 1), device=first.device)
    place = torch.searchsorted(dates, first.contiguous())
    within = torch.searchsorted(dates, (first + days).contiguous()) - place
    ahead = (dates[place.clamp(max=len(dates) - 1)] - first - days + 1).clamp(min=0)
    many, near = (1, _NEAR_DAYS) if days == 1 else (_MANY, _NEAR_STEPS * days)
    return [within.double() / many, (1 - ahead.double() / near).clamp(min=0)]


def _year(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[Y]").astype(int)) + 1970


@lru_cache(maxsize=64)
def _days_of(country: str, begin: int, end: int) -> Integers:
    """Return the holidays of the years `begin` to `end`, as days since 1970-01-01, ascending."""
    name, _, part = country.partition("-")
    package = _package()
    try:
        holidays = package.country_holidays(name, subdiv=part or None, years=range(begin, end + 1))
    except NotImplementedError:
        raise _unknown(package, country, name) from None
    return np.array(sorted(holidays), "datetime64[D]").astype(np.int64)


def _package() -> Any:
    try:
        import holidays
    except ModuleNotFoundError:
        raise MissingExtraError(
            "Holidays need the package holidays; install it with "
            "pip install 'tsgen-forecasting[holidays]'."
        ) from None
    return holidays


def _unknown(package: Any, country: str, name: str) -> SettingsError:
    countries = package.list_supported_countries()
    if name not in countries:
        return SettingsError(
            f"holidays={country!r}: no such country; expected an ISO 3166 code such as 'DE' or "
            f"'US', or with a part 'DE-BY'.{nearest(name, list(countries))}"
        )
    parts = ", ".join(countries[name]) or "none"
    return SettingsError(f"holidays={country!r}: {name} has no such part; it has {parts}.")

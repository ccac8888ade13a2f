"""KEY=VALUE texts of --read, and advice in the words of the command line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

from tsgen.errors import SettingsError, TsgenError, nearest

__all__ = ["LISTS", "advising_options", "read_choices"]

Value = TypeVar("Value")


LISTS = ("static", "static_numbers", "dynamic", "past_dynamic")
"""Keys whose values, comma between, add up when they are given again."""


def read_choices(choices: list[str] | None, keys: Sequence[str]) -> dict[str, str]:
    """Return what the `--read` texts say, by key.

    Raises:
        SettingsError: A text is not KEY=VALUE with one of the keys.
    """
    options: dict[str, str] = {}
    for choice in choices or []:
        key, separator, value = choice.partition("=")
        if not separator or key not in keys:
            hint = nearest(key, keys) if separator else ""
            raise SettingsError(
                f"--read {choice} is not understood.{hint} Write KEY=VALUE with one of: "
                f"{', '.join(keys)}."
            )
        if key in options and key not in LISTS:
            raise SettingsError(
                f"--read {key}= is given twice ({options[key]} and {value}); give it once."
            )
        options[key] = f"{options[key]},{value}" if key in options else value
    return options


def advising_options(keys: Sequence[str], reader: Callable[[], Value]) -> Value:
    """Return what `reader` reads; its messages say how arguments they advise are written here."""
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            return reader()
    except TsgenError as error:
        if advice := _as_options(str(error), keys):
            raise type(error)(f"{error}{advice}") from error
        raise
    finally:
        for warning in caught:
            advice = _as_options(str(warning.message), keys)
            warnings.warn(f"{warning.message}{advice}", warning.category, stacklevel=2)


def _as_options(message: str, keys: Sequence[str]) -> str:
    """Return " (Here: --read key=...)" for the arguments that a message advises."""
    advised = re.findall(r"(?:[Pp]ass|[Ss]ay|example|and) (\w+)=('')?", message)
    values = {key: "" if empty else "..." for key, empty in advised if key in keys}
    written = " ".join(f"--read {key}={value}" for key, value in values.items())
    return f" (Here: {written})" if values else ""

"""KEY=VALUE texts of --read, and advice in the words of the command line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

from tsgen.errors import SettingsError, TsgenError, nearest

__all__ = ["LISTS", "advising_options", "read_choices"]

Value = TypeVar("Value")
_VALUE = r"""('[^']*'|"[^"]*"|[\w.:-]*\w|\.\.\.)?"""
_QUOTES = "'\""


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
    """Return what `reader` reads; its messages name options in the place of arguments."""
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            return reader()
    except TsgenError as error:
        if (text := _in_options(str(error), keys)) != str(error):
            raise type(error)(text) from error
        raise
    finally:
        for warning in caught:
            text = _in_options(str(warning.message), keys)
            warnings.warn(text, warning.category, stacklevel=2)


def _in_options(message: str, keys: Sequence[str]) -> str:
    """Return a message with `--read key=value` in the place of arguments, and no call of pandas."""
    message = re.sub(r", pd\.\w+\([^()]*\)", "", message)
    named = re.compile(rf"(?<!--read )(?<![\w.'\"-])({'|'.join(keys)})=(?!=){_VALUE}")
    return named.sub(lambda m: f"--read {m[1]}={(m[2] or '...').strip(_QUOTES)}", message)

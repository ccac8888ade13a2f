"""What is wrong with a whole list of ids, and what becomes of it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tsgen.errors import DataError, DataWarning

from .spelling import has_lost_digits, is_digest, is_numeric, spelling

__all__ = ["fault_of_list", "refuse_list", "warn_of_list"]

_MOST = 0.5


def fault_of_list(
    filled: Sequence[Any],
    unknown: Sequence[Any],
    *,
    share: float,
    example: Any,
    holding: Sequence[Any] = (),
    what: str = "user",
    name: str = "exclude",
) -> str:
    """Return what is wrong with a whole list, or nothing.

    Args:
        filled: Its entries that are not empty.
        unknown: Those that nobody fits.
        share: Of the ids of the log, how many are numbers.
        example: One of them.
        holding: Unknown entries that hold an id beside other text.
        what: What an id names.
        name: What the list is for.
    """
    whats = f"{what}s to {name}"
    if not filled:
        return ""
    if plain := [one for one in unknown if is_digest(example) and not is_digest(one)]:
        return (
            f"{len(plain)} of the {len(filled)} {whats} are no digests, as the ids of the log are "
            f"(the first: {plain[0]!r}; tsgen.data.hashed_id(id, salt) gives the digest of an id)"
        )
    if holding:
        return (
            f"{len(holding)} of the {len(filled)} {whats} hold an id of the log and more (the "
            f"first: {holding[0]!r}), where each entry is one id"
        )
    if len(unknown) == len(filled):
        first = unknown[0]
        return (
            f"None of the {len(filled)} {whats} is known (the first: {first!r}, "
            f"{type(first).__name__}; ids in the log are such as {example!r}, "
            f"{type(example).__name__})"
        )
    strange = [one for one in unknown if is_numeric(spelling(one)) != (share == 1.0)]
    if share in (0.0, 1.0) and len(strange) > _MOST * len(filled):
        return (
            f"{len(strange)} of the {len(filled)} {whats} are of another kind than the ids of the "
            f"log (the first: {strange[0]!r}, in the log {example!r})"
        )
    short = [one for one in unknown if share and has_lost_digits(one, surely=share <= _MOST)]
    if short:
        return (
            f"{len(short)} of the {len(filled)} {whats} have lost digits in a spreadsheet (the "
            f"first: {short[0]!r})"
        )
    return ""


def refuse_list(fault: str, what: str, on_unknown: str) -> None:
    """Refuse a list for its fault, or warn of it where that is asked for.

    Raises:
        DataError: `on_unknown` is not "warn".
    """
    if on_unknown == "warn":
        warn_of_list(f"{fault}.")
        return
    raise DataError(
        f"{fault}; write the ids as the log does, or pass on_unknown='warn' if these {what}s are "
        "indeed in no log."
    )


def warn_of_list(message: str) -> None:
    """Warn whoever gave the list."""
    warnings.warn(message, DataWarning, stacklevel=4)

"""Ids that differ by blanks only, which are often one id written in two ways."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from tsgen.errors import DataWarning

__all__ = ["warn_of_blanks"]


def warn_of_blanks(ids: Iterable[Any], name: str, what: str) -> None:
    """Warn of ids that are those of others but for blanks; they stay ids of their own.

    Args:
        ids: Distinct ids.
        name: The column they stand in.
        what: What an id names: user, item or series.

    Warns:
        DataWarning: There are some; how many, the first, and what to do.
    """
    texts = [one for one in ids if isinstance(one, str)]
    if all(text.isalnum() for text in texts):
        return
    seen: dict[str, str] = {}
    again = [(text, first) for text in texts if (first := _first(seen, text)) != text]
    if again:
        text, first = again[0]
        warnings.warn(
            f"{len(again)} {what} ids of column '{name}' differ from another by blanks only (the "
            f"first: {text!r}, beside {first!r}) and stay ids of their own; if they are one, write "
            f"them alike, such as table['{name}'].str.strip().",
            DataWarning,
            stacklevel=4,
        )


def _first(seen: dict[str, str], text: str) -> str:
    """Return the first text that is this one but for blanks."""
    return seen.setdefault("".join(text.split()), text)

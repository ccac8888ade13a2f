"""Ids that differ by blanks, case or the form of characters only: often one id written twice."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from tsgen.errors import DataWarning

__all__ = ["warn_of_alike"]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


_WAYS: dict[str, tuple[Callable[[str], str], str]] = {
    "blanks": (lambda text: "".join(text.split()), ".str.strip()"),
    "Unicode form": (_composed, ".str.normalize('NFC')"),
    "case": (str.casefold, ".str.casefold()"),
}
"""Way of writing -> what takes it away from a text, and from a column of pandas."""

_END = "\0"
"""Between ids: no id has one."""


def warn_of_alike(ids: Iterable[Any], name: str, what: str) -> None:
    """Warn of ids that are those of others but for the way of writing; they stay ids of their own.

    Args:
        ids: Distinct ids.
        name: The column they stand in.
        what: What an id names: user, item or series.

    Warns:
        DataWarning: There are some; how many, in which way, the first, and what to do.
    """
    texts = [one for one in ids if isinstance(one, str)]
    whole = _END.join(texts)
    plain = whole.isascii() and len(whole.split()) < 2
    if plain and len(set(whole.lower().split(_END))) >= len(texts):  # millions in a moment
        return
    seen: dict[str, str] = {}
    again = [(one, first) for one in texts if (first := seen.setdefault(_key(one), one)) != one]
    if not again:
        return
    text, first = again[0]
    ways = [way for way in _WAYS if any(_key(one, way) != _key(other, way) for one, other in again)]
    shown = ascii if "Unicode form" in ways else repr
    remedy = "".join(_WAYS[way][1] for way in ways)
    warnings.warn(
        f"{len(again)} {what} ids of column '{name}' differ from another by {' and '.join(ways)} "
        f"only (the first: {shown(text)}, beside {shown(first)}) and stay ids of their own; if "
        f"they are one, write them alike, such as table['{name}']{remedy}.",
        DataWarning,
        stacklevel=4,
    )


def _key(text: str, kept: str = "") -> str:
    """Return what is left of a text without the ways of writing, but for one that is kept."""
    for way, (without, _) in _WAYS.items():
        if way != kept:
            text = without(text)
    return text

"""Ids that could not be told apart in a file, or that no file holds as they are."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any

from tsgen.errors import DataError, DataWarning

__all__ = ["check_texts", "refuse_odd", "warn_of_missing", "written_missing"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_BITS = 64

_MISSING = {"nan", "null", "none", "nat", "n/a", "#n/a", "<na>", "(null)", "undefined"}
"""What other programs write where there is no id."""

_LONGEST = 10


def written_missing(text: str) -> bool:
    """Return whether an id is written as programs write a missing one."""
    return len(text) < _LONGEST and text.lower() in _MISSING


def warn_of_missing(ids: Iterable[Any], name: str) -> None:
    """Warn of series whose id is written as programs write a missing one; they stay.

    Warns:
        DataWarning: There are some.
    """
    missing = [one for one in ids if isinstance(one, str) and written_missing(one)]
    if missing:
        warnings.warn(
            f"Column '{name}' has the item id {missing[0]!r}, as programs write a missing one, and "
            "takes it for a series; where it is none, drop its rows.",
            DataWarning,
            stacklevel=4,
        )


def check_texts(ids: Iterable[Any], name: str, what: str) -> None:
    """Refuse ids that are one text, such as 1 and "1", and those that no file holds.

    Args:
        ids: Distinct ids, or values of a static column.
        name: The column they stand in.
        what: What one of them is, such as "item id".

    Raises:
        DataError: Some are so.
    """
    ids = list(ids)
    refuse_odd(ids, name, what)
    texts: dict[str, Any] = {}
    for cell in ids:
        text = str(cell)
        if text in texts:
            raise DataError(
                f"Column '{name}' has the {what}s {texts[text]!r} and {cell!r}, which are one "
                "text and could not be told apart in a file; make all of them one type.",
                field=name,
            )
        texts[text] = cell


def refuse_odd(ids: Iterable[Any], name: str, what: str) -> None:
    """Refuse ids that no file holds as they are.

    Raises:
        DataError: One has a NUL, at which other programs cut it off, or halves of characters, or is
            a whole number beyond 64 bits.
    """
    for item_id in ids:
        text = str(item_id)
        if "\0" in text:
            fault = "with a NUL character, at which other programs cut it off; remove it"
        elif isinstance(item_id, int) and item_id.bit_length() > _BITS:
            fault = "beyond 64 bits; make the ids text"
        elif not text.isascii() and _SURROGATE.search(text):
            fault = "which is no valid text (it has half a character); read the data as UTF-8"
        else:
            continue
        raise DataError(f"Column '{name}' has the {what} {item_id!r} {fault}.", field=name)

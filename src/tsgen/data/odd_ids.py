"""Ids that could not be told apart in a file, or that no file holds as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tsgen.errors import DataError

__all__ = ["check_texts", "refuse_odd"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_BITS = 64


def check_texts(ids: Iterable[Any], name: str, what: str) -> None:
    """Refuse ids that are one text, such as 1 and "1", and those that no file holds.

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
                f"Column '{name}' has the {what} ids {texts[text]!r} and {cell!r}, which are one "
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
        raise DataError(f"Column '{name}' has the {what} id {item_id!r} {fault}.", field=name)

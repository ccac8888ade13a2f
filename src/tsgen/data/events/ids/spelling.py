"""Ids as other programs write them: numbers as text, zeros lost, blanks, floats, marks."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Indices, Integers

from ...columns import plain_value

__all__ = ["Spellings", "has_lost_digits", "is_blank", "is_digest", "is_numeric", "spelling"]

_NUMBER = re.compile(r"([+-]?)0*([0-9]+?)(?:\.([0-9]*?)0*)?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}")
_SHEET_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}")
_THOUSANDS = re.compile(r"([0-9]{1,3}(?:[.,'’][0-9]{3})+)(?:[.,]0{1,2})?")
_UUID = re.compile(r"(?:urn:uuid:)?\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MINUS = "\u2212"
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»"}
_AROUND = re.compile(r"^(?:mailto:|(?![-.][0-9])[\W_])+|[\W_]+$", re.IGNORECASE)
_ADDRESS = re.compile(r"[^<>]*<([^<>@]+@[^<>@]+)>\W*")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BETWEEN = re.compile(r"[^\w.@+/-]+")
"""What stands between an id and a remark, and seldom within an id."""
_COMMA_ZERO = re.compile(r"([+-]?[0-9]+),0{1,2}")
_FLOAT_TEXT = re.compile(r"[0-9]{16,17}\.0")
_SHEET_DIGITS = 15
"""Digits that a spreadsheet keeps of a number; it writes zeros for those after them."""
_EXACT = {2: 2**11, 4: 2**24, 8: 2**53}
"""Bytes of a float -> the number from which on it does not hold every whole number."""


def spelling(one: Any) -> str:
    """Return what is common to all ways of writing an id.

    Blanks, invisible characters, the marks by which spreadsheets keep text (`'007`, `="007"`),
    leading zeros, a plus and trailing decimal zeros are no part of it, and digits and dashes are
    those of ASCII: 7, 7.0, "007", " 7", "٧" and `="007"` are all "7".
    """
    return _plain_number(_text(one))


def _text(one: Any) -> str:
    """Return an id as text without blanks and marks, digits and dashes as in ASCII."""
    text = one.decode("utf-8", "replace") if isinstance(one, bytes) else str(plain_value(one))
    if isinstance(one, float | np.floating) and float(one).is_integer():
        text = str(int(one))
    return _unmarked("".join(_plain_text(text).split()))


def _plain_text(text: str) -> str:
    if text.isascii():
        return text
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", text)))


def _plain_character(one: str) -> str:
    """Return a digit or dash of any script as that of ASCII, and nothing for what nobody sees."""
    kind = unicodedata.category(one)
    if kind == "Cf":
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(one))
    return "-" if kind == "Pd" or one == _MINUS else one


def _unmarked(text: str) -> str:
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1]
    if len(text) > 2 and _QUOTES.get(text[0]) == text[-1]:
        return text[1:-1]
    return text[1:] if len(text) > 1 and text[0] in "'’‘" else text


def _plain_number(text: str) -> str:
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    sign, whole, decimals = number.groups()
    return f"{'-' * (sign == '-')}{whole}{f'.{decimals}' if decimals else ''}"


def _loose(key: str) -> str:
    """Return a spelling without case, thousands separators, the dashes of a UUID, and wrappings.

    These are what lists of SQL, mail programs and text files leave around an id: quotes and
    brackets of any kind, `#`, `*`, a comma or a currency behind it, `mailto:`, the name before an
    address in `<` and `>`; and the zeros of 12,0. A minus before a digit is a sign. Ids of nothing
    but marks are alike.
    """
    if address := _ADDRESS.fullmatch(key):
        key = address[1]
    key = _AROUND.sub("", key.casefold())
    if whole := _COMMA_ZERO.fullmatch(key):
        key = whole[1]
    if _UUID.fullmatch(key):
        return str(uuid.UUID(key))
    return _without_thousands(key) or _plain_number(key)


def _without_thousands(text: str) -> str:
    """Return the whole number that a text with thousands separators is, or nothing."""
    number = _THOUSANDS.fullmatch(text)
    return _plain_number(re.sub(r"[^0-9]", "", number[1])) if number else ""


def _has_separators(one: Any) -> bool:
    return isinstance(one, str) and (not one.isascii() or any(mark in one for mark in ".,'"))


def is_blank(one: Any) -> bool:
    """Return whether an entry of a list is no id: missing, or an empty text."""
    if isinstance(one, str):
        return not _plain_text(one).strip()
    return one is None or one is pd.NA or one is pd.NaT or (isinstance(one, float) and one != one)


def is_digest(one: Any) -> bool:
    """Return whether an id looks like one that `hashed_id` made."""
    return isinstance(one, str) and _DIGEST.fullmatch(one) is not None


def is_numeric(key: str) -> bool:
    """Return whether a spelling is a number."""
    return _NUMBER.fullmatch(key) is not None


def has_lost_digits(one: Any, *, surely: bool = False) -> bool:
    """Return whether a text is a number as spreadsheets shorten it, 1.23457E+11.

    Args:
        one: An id.
        surely: Leave out texts such as 4e7, which may be ids as they stand.
    """
    form = _SHEET_SCIENTIFIC if surely else _SCIENTIFIC
    return isinstance(one, str) and form.fullmatch(_text(one)) is not None


class Spellings:
    """The codes of ids by how they may be written.

    Args:
        ids: Distinct ids in the order of their codes.

    Example:
        >>> import pandas as pd
        >>> from tsgen.data.events import Spellings
        >>> Spellings(pd.Index(["007", "0815"])).codes([7, "815 ", "x"])
        [array([0]), array([1]), array([], dtype=int64)]
    """

    def __init__(self, ids: pd.Index[Any]) -> None:
        self.keys = pd.Index([spelling(one) for one in ids], dtype=object)
        self._readings: dict[str, pd.Index[Any]] = {}
        self._ids = ids

    @property
    def numeric_share(self) -> float:
        """Share of the ids that are numbers."""
        return sum(map(is_numeric, self.keys)) / max(len(self.keys), 1)

    def codes(self, asked: Iterable[Any], *, widely: bool = False) -> list[Integers]:
        """Return the codes of all ids that each entry may mean, none for an unknown one.

        An address (ann@shop.example) means all that differ by case, as mailboxes do not.

        Args:
            asked: Entries.
            widely: Whether case and wrappings are seen through even where an id fits with them.
        """
        whole = _float_bytes(asked)
        given = list(asked)
        sizes = [min(whole, _float_bytes(one)) for one in given]
        keys = [spelling(one) for one in given]
        matches = _matches(self.keys, keys)

        def add(reading: Callable[[], pd.Index[Any]], wanted: dict[int, str]) -> None:
            if wanted:
                fitting = _matches(reading(), list(wanted.values()))
                for place, codes in zip(wanted, fitting, strict=True):
                    matches[place] = np.union1d(matches[place], codes)

        for size in set(sizes):
            mine = (k for k, one in enumerate(given) if sizes[k] == size and _is_rounded(one, size))
            shown = {k: keys[k] if isinstance(given[k], str) else given[k] for k in mine}
            add(partial(self._as_floats, size), {k: _as_float(v, size) for k, v in shown.items()})
        several = {k: _without_thousands(_text(one)) for k, one in enumerate(given)
                   if _has_separators(one)}  # fmt: skip
        add(lambda: self.keys, {place: text for place, text in several.items() if text})
        cut = {place: keys[place] for place in _cut(keys)}
        add(lambda: self._read_as(_cut_off, "cut"), cut)
        add(lambda: self._read_as(_cut_near, "near"), cut)
        missing = {
            place: _loose(keys[place])
            for place, codes in enumerate(matches)
            if widely or not len(codes) or _MAIL.fullmatch(keys[place])
        }
        add(lambda: self._read_as(_loose, "loose"), missing)
        return matches

    def holding(self, asked: Iterable[Any]) -> list[bool]:
        """Return which texts hold an id and something beside it, such as "17 moved" or "17;x".

        What stands between is no letter, digit or one of ".@+/-_"; where ids have the like in them,
        nothing is said.
        """
        parts = [_parts(one) for one in asked]
        if not any(parts) or self._has_marks:
            return [False] * len(parts)
        distinct = list(dict.fromkeys(part for entry in parts for part in entry))
        ids = {one for one, codes in zip(distinct, self.codes(distinct), strict=True) if len(codes)}
        return [not ids.isdisjoint(entry) for entry in parts]

    @cached_property
    def _has_marks(self) -> bool:
        """Whether an id has in it what stands between an id and a remark."""
        return any(_BETWEEN.search(str(one).strip()) for one in self._ids)

    def rows(self, asked: pd.Series[Any]) -> tuple[Indices, Integers]:
        """Return (row, code) of every id that a row of a column may mean, by row.

        Rows of unknown ids are not there; those of ids that several are written like are there
        several times.
        """
        place, distinct = pd.factorize(asked, use_na_sentinel=False)
        fitting = self.codes(distinct)
        sizes = np.array([len(codes) for codes in fitting], int)
        rows = np.repeat(np.arange(len(asked)), sizes[place])
        return rows, np.concatenate([np.zeros(0, np.int64), *(fitting[k] for k in place)])

    def _as_floats(self, size: int) -> pd.Index[Any]:
        return self._read_as(partial(_as_float, size=size), str(size))

    def _read_as(self, reading: Callable[[str], str], name: str) -> pd.Index[Any]:
        """Return the spellings in another reading, made once."""
        if name not in self._readings:
            self._readings[name] = pd.Index([reading(key) for key in self.keys], dtype=object)
        return self._readings[name]


def _parts(one: Any) -> list[str]:
    """Return what a text falls into, nothing for one that is whole."""
    if not isinstance(one, str):
        return []
    parts = [part for part in _BETWEEN.split(_plain_text(one)) if part]
    return parts if len(parts) > 1 else []


def _as_float(one: Any, size: int) -> str:
    """Return what a float of `size` bytes makes of a number, or nothing."""
    if isinstance(one, str) and not is_numeric(one):
        return ""
    with np.errstate(over="ignore"):
        return repr(float(np.dtype(f"f{size}").type(float(one))))


def _cut(keys: list[str]) -> list[int]:
    """Return the places of numbers that a spreadsheet may have cut off: all that are long enough.

    A longer number with other digits than zeros at its end says that the list was in none.
    """
    long = [place for place, key in enumerate(keys) if len(key) > _SHEET_DIGITS and key.isdecimal()]
    zeros = all(not keys[place][_SHEET_DIGITS:].strip("0") for place in long)
    return long if zeros else []


def _cut_off(key: str) -> str:
    """Return a number with zeros for the digits that a spreadsheet drops, or nothing."""
    rest = len(key) - _SHEET_DIGITS
    return key[:_SHEET_DIGITS] + "0" * rest if rest > 0 and key.isdecimal() else ""


def _cut_near(key: str) -> str:
    """Return a number rounded to the digits that a spreadsheet keeps, or nothing."""
    unit = 10 ** max(len(key) - _SHEET_DIGITS, 0)
    return str((int(key) + unit // 2) // unit * unit) if unit > 1 and key.isdecimal() else ""


def _float_bytes(asked: Any) -> int:
    """Return the size of the floats of a list, or of one; 8 where there are none."""
    dtype: Any = getattr(asked, "dtype", None)
    return dtype.itemsize if getattr(dtype, "kind", "") == "f" else 8


def _is_rounded(one: Any, size: int) -> bool:
    if isinstance(one, str):  # a float that a program wrote as text, 9007199254740992.0
        return _FLOAT_TEXT.fullmatch(_text(one)) is not None and float(_text(one)) >= _EXACT[8]
    return isinstance(one, float | np.floating) and abs(float(one)) >= _EXACT.get(size, 2**53)


def _matches(keys: pd.Index[Any], asked: list[str]) -> list[Integers]:
    """Return the places of each asked key; a key may be there several times."""
    wanted, place = np.unique(np.asarray(asked, object), return_inverse=True)
    targets = pd.Index(wanted, dtype=object).get_indexer(keys)
    order = np.argsort(targets, kind="stable")
    bounds = np.searchsorted(targets[order], np.arange(len(wanted) + 1))
    return [order[bounds[k] : bounds[k + 1]].astype(np.int64) for k in place]

"""Lists of ids from elsewhere, such as an opt-out list: everybody who may be meant is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import Integers, Mask
from tsgen.errors import SettingsError

from ...columns import plain_value
from ...frames import as_pandas
from .list_faults import fault_of_list, refuse_list, warn_of_list
from .spelling import is_blank, spelling
from .vocabulary import Vocabulary

__all__ = ["IdList", "OnUnknown", "id_entries", "read_id_list"]

OnUnknown = Literal["error", "warn"]

_DOUBLE = 8
_COUNTS = {"count", "size"}
"""What pandas calls counts by id."""


@dataclass(frozen=True, eq=False)
class IdList:
    """What a list of ids means in a vocabulary.

    Attributes:
        codes: (k,) codes of all that may be meant, ascending, each once.
        asked: Entries of the list that are not empty.
        unknown: Entries that nobody fits.
        rewritten: Entries that are written otherwise than the one id that they fit, with that id.
        ambiguous: Entries that fit several ids, with these ids.
        fits: (asked,) how many ids each entry that is not empty fits.
        holding: (asked,) which entries that nobody fits hold an id beside a remark ("17 moved").
    """

    codes: Integers
    asked: int
    unknown: tuple[Any, ...]
    rewritten: tuple[tuple[Any, Any], ...]
    ambiguous: tuple[tuple[Any, tuple[Any, ...]], ...]
    fits: Integers
    holding: Mask


def read_id_list(
    ids: Iterable[Any],
    vocabulary: Vocabulary,
    *,
    name: str = "exclude",
    on_unknown: OnUnknown = "error",
) -> IdList:
    """Read a list of ids in the kind of a vocabulary, so that nobody meant is missed.

    An entry means every id that has its `spelling`: numbers for text, floats, lost zeros, blanks
    and the marks of spreadsheets are seen through; where nothing fits, case is too. An entry that
    fits several ids means all of them.

    Args:
        ids: The list; empty entries are skipped.
        vocabulary: What is known.
        name: What the list is for, for messages: users to "exclude".
        on_unknown: "error" refuses a list of which nothing is known, or of another kind; "warn"
            says so and goes on.

    Raises:
        SettingsError: It is no list, or holds True and False.
        DataError: It is of another kind or wholly unknown, and `on_unknown` is "error".

    Warns:
        DataWarning: Entries are empty, unknown, written otherwise, or fit several ids.
    """
    if on_unknown not in ("error", "warn"):
        raise SettingsError(f"on_unknown={on_unknown!r} is not possible: use error or warn.")
    everything = id_entries(ids, vocabulary.what, name)
    given = [one for one in everything if not is_blank(plain_value(one))]
    filled = [plain_value(one) for one in given]
    _refuse_flags(filled, vocabulary, name)
    candidates = vocabulary.spellings.codes(given)
    listed = _sorted_out(filled, candidates, vocabulary)
    _say(listed, len(everything), vocabulary, name)
    example = plain_value(vocabulary.ids[0]) if len(vocabulary) else None
    share = vocabulary.spellings.numeric_share
    fault = fault_of_list(
        filled,
        listed.unknown,
        share=share,
        example=example,
        holding=[one for one, holds in zip(filled, listed.holding, strict=True) if holds],
        what=vocabulary.what,
        name=name,
    )
    if fault:
        refuse_list(fault, vocabulary.what, on_unknown)
    return listed


def id_entries(ids: Any, what: str = "user", name: str = "exclude") -> tuple[Any, ...]:
    """Return the entries of a list as they are; floats of half or single size stay such.

    Args:
        ids: A list, or a column of any library.
        what: What an id names.
        name: What the list is for.

    Raises:
        SettingsError: It is no list.
    """
    ids = as_pandas(ids)
    if hasattr(ids, "to_pylist") and not isinstance(ids, pd.Series | pd.DataFrame):
        ids = ids.to_pandas(integer_object_nulls=True)  # an Arrow array holds scalars of its own
    single = getattr(ids, "ndim", 1) == 0 or not isinstance(ids, Iterable)
    if single or isinstance(ids, str | bytes | pd.DataFrame | Mapping):
        raise SettingsError(
            f"{name} is a {type(ids).__name__}; give a list of {what} ids, such as "
            f"table['{what}_id']."
        )
    _refuse_counts(ids, what, name)
    dtype: Any = getattr(ids, "dtype", None)
    if getattr(dtype, "kind", "") == "f" and dtype.itemsize < _DOUBLE:
        short = np.dtype(f"f{dtype.itemsize}").type
        return tuple(None if pd.isna(one) else short(one) for one in ids)
    return tuple(ids)


def _refuse_counts(ids: Any, what: str, name: str) -> None:
    """Refuse a Series whose index holds the ids, and whose values are counts or the like by id."""
    if not isinstance(ids, pd.Series) or isinstance(ids.index, pd.RangeIndex):
        return
    numbers = pd.api.types.is_numeric_dtype(ids.dtype) and not pd.api.types.is_bool_dtype(ids.dtype)
    by_name = ids.index.name is not None and ids.name is None
    if ids.index.name == f"{what}_id" != ids.name or (numbers and (by_name or ids.name in _COUNTS)):
        raise SettingsError(
            f"{name} is a Series of values by id, such as counts ({ids.iloc[0]!r} for "
            f"{ids.index[0]!r}), not of {what} ids; give the index, such as counts.index, if these "
            "are the ids, or else the values as a list."
        )


def _refuse_flags(filled: list[Any], vocabulary: Vocabulary, name: str) -> None:
    flags = sum(isinstance(one, bool) for one in filled)
    if flags and not any(isinstance(plain_value(one), bool) for one in vocabulary.ids[:1]):
        raise SettingsError(
            f"{name} holds True and False ({flags} of {len(filled)}), not {vocabulary.what} ids; "
            "give the ids where it is True, such as flags.index[flags]."
        )
    distinct = {spelling(one) for one in filled}
    if distinct <= {"0", "1"} and len(filled) > max(len(distinct), 2):
        raise SettingsError(
            f"{name} holds nothing but 0 and 1 ({len(filled)} entries), as flags do, not "
            f"{vocabulary.what} ids; give the ids where it is 1, each of them once."
        )


def _sorted_out(filled: list[Any], candidates: list[Integers], vocabulary: Vocabulary) -> IdList:
    unknown, rewritten, ambiguous = [], [], []
    for one, codes in zip(filled, candidates, strict=True):
        matches = vocabulary.ids[codes]
        if not len(codes):
            unknown.append(one)
        elif len(codes) > 1:
            ambiguous.append((one, tuple(plain_value(k) for k in matches)))
        elif str(one) != str(plain_value(matches[0])):
            rewritten.append((one, plain_value(matches[0])))
    codes = np.unique(np.concatenate([np.zeros(0, np.int64), *candidates]))
    fits = np.array([len(codes) for codes in candidates], np.int64)
    holding = np.zeros(len(filled), bool)
    holding[fits == 0] = vocabulary.spellings.holding(unknown)
    entries = tuple(unknown), tuple(rewritten), tuple(ambiguous)
    return IdList(codes, len(filled), *entries, fits, holding)


def _say(listed: IdList, entries: int, vocabulary: Vocabulary, name: str) -> None:
    whats = f"{vocabulary.what}s to {name}"
    if blank := entries - listed.asked:
        warn_of_list(f"{name}: {blank} of {entries} entries are empty and name nobody.")
    if listed.unknown and len(listed.codes):
        warn_of_list(
            f"{len(listed.unknown)} of {listed.asked} {whats} are not known (the first: "
            f"{listed.unknown[0]!r})."
        )
    if listed.rewritten:
        one, match = listed.rewritten[0]
        warn_of_list(
            f"{len(listed.rewritten)} of {listed.asked} {whats} are written otherwise than in the "
            f"log (the first: {one!r}, there {match!r}) and are taken as those."
        )
    if listed.ambiguous:
        one, several = listed.ambiguous[0]
        warn_of_list(
            f"{len(listed.ambiguous)} of {listed.asked} {whats} fit several ids of the log (the "
            f"first: {one!r}, which may be {', '.join(map(repr, several[:3]))}); all of them are "
            "meant."
        )

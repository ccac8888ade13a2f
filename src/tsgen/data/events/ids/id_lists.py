"""Lists of ids from elsewhere, such as an opt-out list: everybody who may be meant is found."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import Integers
from tsgen.errors import DataError, DataWarning, SettingsError

from ...columns import plain_value
from ...frames import as_pandas
from .spelling import has_lost_digits, is_blank, is_numeric, spelling
from .vocabulary import Vocabulary

__all__ = ["IdList", "OnUnknown", "fault_of_list", "id_entries", "read_id_list", "refuse_list"]

OnUnknown = Literal["error", "warn"]

_MOST = 0.5
_DOUBLE = 8


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
    """

    codes: Integers
    asked: int
    unknown: tuple[Any, ...]
    rewritten: tuple[tuple[Any, Any], ...]
    ambiguous: tuple[tuple[Any, tuple[Any, ...]], ...]
    fits: Integers


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
    words = {"what": vocabulary.what, "name": name}
    if fault := fault_of_list(filled, listed.unknown, share=share, example=example, **words):
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
    if isinstance(ids, str | bytes | pd.DataFrame | Mapping) or not isinstance(ids, Iterable):
        raise SettingsError(
            f"{name} is a {type(ids).__name__}; give a list of {what} ids, such as "
            f"table['{what}_id']."
        )
    dtype: Any = getattr(ids, "dtype", None)
    if getattr(dtype, "kind", "") == "f" and dtype.itemsize < _DOUBLE:
        single = np.dtype(f"f{dtype.itemsize}").type
        return tuple(None if pd.isna(one) else single(one) for one in ids)
    return tuple(ids)


def _refuse_flags(filled: list[Any], vocabulary: Vocabulary, name: str) -> None:
    flags = sum(isinstance(one, bool) for one in filled)
    if flags and not any(isinstance(plain_value(one), bool) for one in vocabulary.ids[:1]):
        raise SettingsError(
            f"{name} holds True and False ({flags} of {len(filled)}), not {vocabulary.what} ids; "
            "give the ids where it is True, such as flags.index[flags]."
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
    return IdList(codes, len(filled), tuple(unknown), tuple(rewritten), tuple(ambiguous), fits)


def _say(listed: IdList, entries: int, vocabulary: Vocabulary, name: str) -> None:
    whats = f"{vocabulary.what}s to {name}"
    if blank := entries - listed.asked:
        _warn(f"{name}: {blank} of {entries} entries are empty and name nobody.")
    if listed.unknown and len(listed.codes):
        _warn(
            f"{len(listed.unknown)} of {listed.asked} {whats} are not known (the first: "
            f"{listed.unknown[0]!r})."
        )
    if listed.rewritten:
        one, match = listed.rewritten[0]
        _warn(
            f"{len(listed.rewritten)} of {listed.asked} {whats} are written otherwise than in the "
            f"log (the first: {one!r}, there {match!r}) and are taken as those."
        )
    if listed.ambiguous:
        one, several = listed.ambiguous[0]
        _warn(
            f"{len(listed.ambiguous)} of {listed.asked} {whats} fit several ids of the log (the "
            f"first: {one!r}, which may be {', '.join(map(repr, several[:3]))}); all of them are "
            "meant."
        )


def fault_of_list(
    filled: Sequence[Any],
    unknown: Sequence[Any],
    *,
    share: float,
    example: Any,
    what: str = "user",
    name: str = "exclude",
) -> str:
    """Return what is wrong with a whole list, or nothing.

    Args:
        filled: Its entries that are not empty.
        unknown: Those that nobody fits.
        share: Of the ids of the log, how many are numbers.
        example: One of them.
        what: What an id names.
        name: What the list is for.
    """
    whats = f"{what}s to {name}"
    if not filled:
        return ""
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
        _warn(f"{fault}.")
        return
    raise DataError(
        f"{fault}; write the ids as the log does, or pass on_unknown='warn' if these {what}s are "
        "indeed in no log."
    )


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=4)

"""Lists of ids from elsewhere, such as an opt-out list: everybody who may be meant is found."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
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

__all__ = ["IdList", "OnUnknown", "read_id_list"]

OnUnknown = Literal["error", "warn"]

_MOST = 0.5


@dataclass(frozen=True, eq=False)
class IdList:
    """What a list of ids means in a vocabulary.

    Attributes:
        codes: (k,) codes of all that may be meant, ascending, each once.
        asked: Entries of the list that are not empty.
        unknown: Entries that nobody fits.
        rewritten: Entries that are written otherwise than the one id that they fit, with that id.
        ambiguous: Entries that fit several ids, with these ids.
    """

    codes: Integers
    asked: int
    unknown: tuple[Any, ...]
    rewritten: tuple[tuple[Any, Any], ...]
    ambiguous: tuple[tuple[Any, tuple[Any, ...]], ...]


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
    ids = _plain_list(as_pandas(ids))
    _check_list(ids, vocabulary, name)
    everything = [plain_value(one) for one in ids]
    filled = [one for one in everything if not is_blank(one)]
    _refuse_flags(filled, vocabulary, name)
    dtype = getattr(ids, "dtype", None)
    narrow = isinstance(dtype, np.dtype) and dtype.kind == "f" and dtype.itemsize < 8
    candidates = vocabulary.spellings.codes(np.array(filled, dtype) if narrow else filled)
    listed = _sorted_out(filled, candidates, vocabulary)
    _say(listed, len(everything), vocabulary, name)
    if filled and (fault := _fault(listed, filled, vocabulary, name)):
        _refuse(fault, vocabulary, on_unknown)
    return listed


def _plain_list(ids: Any) -> Any:
    """Return an Arrow array, whose elements are scalars of its own, as a Series."""
    scalars = hasattr(ids, "to_pylist") and not isinstance(ids, pd.Series | pd.DataFrame)
    return ids.to_pandas(integer_object_nulls=True) if scalars else ids


def _check_list(ids: Any, vocabulary: Vocabulary, name: str) -> None:
    if isinstance(ids, str | bytes | pd.DataFrame | Mapping) or not isinstance(ids, Iterable):
        raise SettingsError(
            f"{name} is a {type(ids).__name__}; give a list of {vocabulary.what} ids, such as "
            f"table['{vocabulary.what}_id']."
        )


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
    return IdList(codes, len(filled), tuple(unknown), tuple(rewritten), tuple(ambiguous))


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


def _fault(listed: IdList, filled: list[Any], vocabulary: Vocabulary, name: str) -> str:
    """Return what is wrong with a whole list, or nothing."""
    whats = f"{vocabulary.what}s to {name}"
    example = plain_value(vocabulary.ids[0]) if len(vocabulary) else None
    if not len(listed.codes):
        first = listed.unknown[0]
        return (
            f"None of the {listed.asked} {whats} is known (the first: {first!r}, "
            f"{type(first).__name__}; ids in the log are such as {example!r}, "
            f"{type(example).__name__})"
        )
    share = vocabulary.spellings.numeric_share
    strange = [one for one in listed.unknown if is_numeric(spelling(one)) != (share == 1.0)]
    if share in (0.0, 1.0) and len(strange) > _MOST * len(filled):
        return (
            f"{len(strange)} of the {listed.asked} {whats} are of another kind than the ids of the "
            f"log (the first: {strange[0]!r}, in the log {example!r})"
        )
    short = [one for one in listed.unknown if share and has_lost_digits(one, surely=share <= _MOST)]
    if short:
        return (
            f"{len(short)} of the {listed.asked} {whats} have lost digits in a spreadsheet (the "
            f"first: {short[0]!r})"
        )
    return ""


def _refuse(fault: str, vocabulary: Vocabulary, on_unknown: OnUnknown) -> None:
    if on_unknown == "warn":
        _warn(f"{fault}.")
        return
    raise DataError(
        f"{fault}; write the ids as the log does, or pass on_unknown='warn' if these "
        f"{vocabulary.what}s are indeed in no log."
    )


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=4)

"""Ids of any hashable kind, and the integer codes that stand for them inside."""

from __future__ import annotations

import ast
import datetime
import uuid
import warnings
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Codes, Indices
from tsgen.errors import DataError, DataWarning, UnknownIdError, nearest

from ...columns import factorise, plain_value
from ...odd_ids import written_missing
from .spelling import Spellings, is_blank, is_digest

__all__ = ["Vocabulary"]

_COMPARED = 20_000
"""Ids that a misspelt one is compared with; more would make an error message slow."""


_TEXT_KINDS: dict[str, tuple[type, Callable[[str], Any]]] = {
    "uuid": (uuid.UUID, uuid.UUID),
    "date": (datetime.date, datetime.date.fromisoformat),
}
"""Kinds of id that a file holds as text, and how they are read back."""


class Vocabulary:
    """Ids in code order: code i stands for `ids[i]`.

    Ids are in their own order where they have one (numbers, text, times), so that a tie broken by
    code is broken by id. Ids of several kinds are ordered by kind first.

    Args:
        ids: Distinct ids, in the order of their codes.
        what: What an id names ("user", "item"), for messages.

    Example:
        >>> import pandas as pd
        >>> codes, users = Vocabulary.of(pd.Series(["eve", "ann", "eve"]), "user")
        >>> codes.tolist(), list(users.ids), users.find(["eve"]).tolist()
        ([1, 0, 1], ['ann', 'eve'], [1])
    """

    def __init__(self, ids: pd.Index[Any], what: str) -> None:
        self.ids = ids
        self.what = what

    @classmethod
    def of(
        cls, column: pd.Series[Any], what: str, *, ordered: bool = True
    ) -> tuple[Codes, Vocabulary]:
        """Return the code of each row of `column`, shape (rows,), and the vocabulary.

        With `ordered=False` ids are in order of appearance, for a part that `union` takes.

        Raises:
            DataError: A row has no id, or a list or the like in its place.
        """
        codes, distinct = factorise(column)
        if (codes < 0).any():
            row = int((codes < 0).argmax())
            raise DataError(
                f"Column '{column.name}' has no {what} id in row {row}; fill it in or drop the "
                "row.",
                field=str(column.name),
                row=row,
            )
        ids = _index(distinct)
        _refuse_empty_text(ids, codes, str(column.name), what)
        return (
            cls._in_order(codes, ids, what) if ordered else (codes.astype(np.int32), cls(ids, what))
        )

    @classmethod
    def _in_order(cls, codes: Indices, ids: pd.Index[Any], what: str) -> tuple[Codes, Vocabulary]:
        """Return codes of ids that stand in any order as those in their own order."""
        order = _order(ids)
        rank = np.empty(len(ids), np.int32)
        rank[order] = np.arange(len(ids), dtype=np.int32)
        return rank[codes], cls(ids[order], what)

    @classmethod
    def union(cls, parts: Sequence[Vocabulary], what: str) -> tuple[list[Codes], Vocabulary]:
        """Unite vocabularies, in the order of the ids.

        Returns:
            For each part, the new code of each of its old codes; and the union.
        """
        kinds = {part.ids.dtype for part in parts if len(part)}
        columns = [
            pd.Series(part.ids if len(kinds) == 1 else part.ids.astype(object))
            for part in parts
            if len(part)
        ]
        if not columns:
            return [np.zeros(0, np.int32) for _ in parts], parts[0]
        places, distinct = factorise(pd.concat(columns, ignore_index=True))
        codes, united = cls._in_order(places, _index(distinct), what)
        return np.split(codes, np.cumsum([len(part) for part in parts])[:-1]), united

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} {self.what}s)"

    @cached_property
    def spellings(self) -> Spellings:
        """The codes of ids that are written otherwise; made when first asked for."""
        return Spellings(self.ids)

    def codes(self, ids: Iterable[Any]) -> Indices:
        """Return the codes of ids, -1 for unknown ones, shape (ids,)."""
        asked = _index(_objects(ids))
        if asked.dtype == object and self.ids.dtype != object:
            asked = _like(asked, self.ids.dtype)
        return np.asarray(self.ids.get_indexer(asked))

    def find(self, ids: Iterable[Any]) -> Indices:
        """Return the codes of ids, shape (ids,).

        Raises:
            UnknownIdError: An id is not here; the message names the nearest one.
            DataError: An id is of a kind that none can be, such as a list.
        """
        asked = list(ids)
        try:
            codes = self.codes(asked)
        except TypeError:
            strange = next((k for k in asked if not isinstance(k, Hashable)), asked[0])
            raise DataError(
                f"{strange!r} is not one {self.what} id but a {type(strange).__name__}; give each "
                "id by itself."
            ) from None
        if (codes < 0).any():
            stranger = plain_value(asked[int((codes < 0).argmax())])
            raise UnknownIdError(
                f"There is no {self.what} {stranger!r}.{self._hint(stranger)} "
                f"{len(self)} {self.what}s are known.",
                item_id=stranger,
            )
        return codes

    def from_text(self, texts: Iterable[str]) -> list[Any]:
        """Return ids written as text (on a command line) in their own kind; others stay text.

        A text that is no id as it stands means the one that has its `spelling`; none if there are
        several.

        Warns:
            DataWarning: A text is written otherwise than the id that it means.
        """
        asked = list(texts)
        by_text = {str(one): one for one in self.ids}
        meant = [by_text.get(text) for text in asked]
        strange = [place for place, one in enumerate(meant) if one is None]
        fitting = self.spellings.codes([asked[place] for place in strange]) if strange else []
        for place, codes in zip(strange, fitting, strict=True):
            meant[place] = asked[place] if len(codes) != 1 else self._respelt(asked[place], codes)
        return [plain_value(one) for one in meant]

    def _respelt(self, text: str, codes: Indices) -> Any:
        one = plain_value(self.ids[codes[0]])
        warnings.warn(
            f"There is no {self.what} {text!r}; {one!r} is taken.", DataWarning, stacklevel=3
        )
        return one

    def _hint(self, stranger: Any) -> str:
        if not len(self):
            return ""
        fitting = self.ids[self.spellings.codes([stranger])[0]]
        if len(fitting):
            examples = [plain_value(one) for one in fitting[:3]]
            kind = type(examples[0]).__name__
            return f" Ids here are of type {kind}: it may be {' or '.join(map(repr, examples))}."
        example = plain_value(self.ids[0])
        if is_digest(example) and not is_digest(stranger):
            return " Ids here are digests: ask by what tsgen.data.hashed_id(id, salt) returns."
        hint = nearest(stranger, self.ids[:_COMPARED])
        if isinstance(stranger, str) != isinstance(example, str):
            return f"{hint} Ids here are of type {type(example).__name__}, such as {example!r}."
        return hint

    def to_column(self) -> tuple[Any, str]:
        """Return the ids as something Parquet can hold, and the word `from_column` needs.

        Raises:
            DataError: The ids are of a kind that no file can hold.
        """
        if self.ids.dtype != object or all(isinstance(one, str) for one in self.ids):
            return self.ids.array, "plain"
        for kind, (cls, _) in _TEXT_KINDS.items():
            if all(type(one) is cls for one in self.ids):
                return [str(one) for one in self.ids], kind
        texts = [repr(plain_value(one)) for one in self.ids]
        try:
            for text in texts:
                ast.literal_eval(text)
        except (ValueError, SyntaxError):
            raise DataError(
                f"The {self.what} ids are objects that cannot be saved (the first is "
                f"{self.ids[0]!r}); make them text with astype(str)."
            ) from None
        return texts, "literal"

    @classmethod
    def from_column(cls, column: pd.Series[Any], kind: str, what: str) -> Vocabulary:
        """Return what `to_column` gave.

        Raises:
            ValueError: An id is missing, there twice, or of another kind.
        """
        if kind == "plain":
            ids = pd.Index(column, name=None)
        else:
            read = _TEXT_KINDS[kind][1] if kind in _TEXT_KINDS else ast.literal_eval
            try:
                ids = _index(_objects([read(text) for text in column]))
            except (ValueError, SyntaxError, TypeError, AttributeError, RecursionError):
                raise ValueError(f"{what} ids cannot be read back as {kind} ids") from None
        if ids.has_duplicates or ids.hasnans:
            raise ValueError(f"{what} ids are missing or repeat")
        return cls(ids, what)


def _refuse_empty_text(ids: pd.Index[Any], codes: Indices, name: str, what: str) -> None:
    """Refuse texts of nothing but blanks as ids, and warn of words for a missing one."""
    if ids.dtype.kind not in "OU":
        return
    one_id = f"{'an' if what[:1] in 'aeio' else 'a'} {what} id"  # an item, a user
    texts = [one if isinstance(one, str) and not one.isdecimal() else "x" for one in ids]
    empty = np.array([not one.isalnum() and is_blank(one) for one in texts], bool)
    if empty.any():
        rows = np.flatnonzero(empty[codes])
        raise DataError(
            f"Column '{name}' has an empty text for {one_id} in {len(rows)} of {len(codes)} "
            f"rows (the first: row {rows[0]}); fill it in or drop these rows.",
            field=name,
            row=int(rows[0]),
        )
    missing = np.array([written_missing(one) for one in texts], bool)
    if missing.any():
        rows = np.flatnonzero(missing[codes])
        warnings.warn(
            f"Column '{name}' has {ids[codes[rows[0]]]!r} for {one_id} in {len(rows)} of "
            f"{len(codes)} rows (the first: row {rows[0]}), as programs write a missing one, and "
            f"takes it for {one_id}; where it is none, drop these rows.",
            DataWarning,
            stacklevel=5,
        )


def _index(values: Any) -> pd.Index[Any]:
    if isinstance(values, pd.CategoricalIndex | pd.Categorical):
        values = np.asarray(values)
    index: pd.Index[Any] = pd.Index(values, tupleize_cols=False)
    return index


def _objects(ids: Iterable[Any]) -> Any:
    """Return ids as something one-dimensional, tuples included."""
    if isinstance(ids, pd.Series | pd.Index | np.ndarray):
        return ids
    asked = list(ids)
    if not any(isinstance(one, tuple) for one in asked):
        return pd.Series(asked, dtype=None if asked else object)
    objects = np.empty(len(asked), dtype=object)
    for i, one in enumerate(asked):
        objects[i] = one
    return objects


def _like(asked: pd.Index[Any], dtype: Any) -> pd.Index[Any]:
    """Return ids in another dtype where all of them mean the same there."""
    try:
        converted = asked.astype(dtype)
    except (TypeError, ValueError):
        return asked
    same = all(
        type(plain_value(new)) is type(old) for new, old in zip(converted, asked, strict=True)
    )
    return pd.Index(converted) if same else asked


def _order(ids: pd.Index[Any]) -> Indices:
    try:
        return np.asarray(ids.argsort())
    except TypeError:  # several kinds
        keys = [(type(one).__name__, str(one)) for one in ids]
        return np.array(sorted(range(len(ids)), key=keys.__getitem__), dtype=np.intp)

"""Attributes of the members of a population: those without any are a group of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers
from tsgen.data.events import Spellings, Vocabulary
from tsgen.errors import DataError, nearest

__all__ = ["AttributeTable", "attributes_of", "rows_of"]


@dataclass(frozen=True, eq=False)
class AttributeTable:
    """n members and what is known of them.

    Attributes:
        ids: (n,) their ids.
        columns: (n, columns) attributes, missing where they are not known.
        strangers: Members that the table does not have: their attributes are all missing.
    """

    ids: pd.Index[Any]
    columns: pd.DataFrame
    strangers: int = 0

    def __len__(self) -> int:
        return len(self.ids)


def attributes_of(
    ids: pd.Index[Any] | None, table: pd.DataFrame, *, key: str = "user_id"
) -> AttributeTable:
    """Return the attributes of some members, in their order.

    Args:
        ids: (n,) their ids; None takes those of the table.
        table: One row a member: the column `key`, or an index of that name or of none.
        key: The column of ids.

    Raises:
        DataError: The table has no ids, or one twice; or none of its ids is a member's.
    """
    if key in table.columns:
        held, columns = pd.Index(table[key]), table.drop(columns=key)
    elif table.index.name == key:
        held, columns = pd.Index(table.index), table
    else:
        raise DataError(
            f"The table of attributes has no column '{key}'."
            f"{nearest(key, table.columns)} It has: {', '.join(map(str, table.columns))}.",
            field=key,
        )
    _refuse_twice(held, key)
    columns = columns.reset_index(drop=True)
    if ids is None:
        return AttributeTable(held, columns)
    rows = rows_of(held, ids)
    if not (rows >= 0).any():
        raise DataError(
            f"None of the {len(ids)} ids ({ids[0]!r}, ...) is in the table of attributes "
            f"(its first is {held[0]!r}). Are they the same?"
            if len(held)
            else "The table of attributes is empty."
        )
    taken = columns.reindex(rows).reset_index(drop=True)  # -1 is no row: all missing
    return AttributeTable(pd.Index(ids), taken, int((rows < 0).sum()))


def rows_of(held: pd.Index[Any], ids: pd.Index[Any]) -> Integers:
    """Return the row of each id, -1 without one; an id may be written in another way (7, "7").

    Raises:
        DataError: Two rows have one id.
    """
    _refuse_twice(held, "user_id")
    rows = Vocabulary(held, "user").codes(ids).astype(np.int64)
    missing = np.flatnonzero(rows < 0)
    if len(missing):
        for place, fitting in zip(missing, Spellings(held).codes(ids[missing]), strict=True):
            if len(fitting) == 1:
                rows[place] = fitting[0]
    return rows


def _refuse_twice(held: pd.Index[Any], key: str) -> None:
    if held.has_duplicates:
        twice = held[held.duplicated()][0]
        raise DataError(f"The table of attributes has {key} {twice!r} twice; keep one row each.")

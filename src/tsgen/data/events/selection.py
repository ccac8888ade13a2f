"""Parts of an event log: what changes in it when items or users are forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from tsgen.arrays import Codes, Indices

from .ids import Vocabulary

if TYPE_CHECKING:
    from .interactions import Interactions

__all__ = ["events_of_items", "without_idle"]

Log = TypeVar("Log", bound="Interactions")


def events_of_items(log: Log, items: Sequence[Any]) -> tuple[Log, dict[str, Any]]:
    """Return the events of some items, and what changes in their log when the others go.

    Raises:
        UnknownIdError: There is no such item.
    """
    codes = np.unique(log.items.find(items))
    place = _places(codes, log.num_items)
    kept = log.where(place[log.item] >= 0)
    return kept, {
        "items": Vocabulary(log.items.ids[codes], "item"),
        "item": place[kept.item],
        "item_table": _rows(log.item_table, codes),
    }


def without_idle(log: Interactions) -> dict[str, Any]:
    """Return what changes in a log when users and items without events go."""
    active, codes = np.flatnonzero(log.lengths), np.flatnonzero(log.item_counts())
    return {
        "users": Vocabulary(log.users.ids[active], "user"),
        "items": Vocabulary(log.items.ids[codes], "item"),
        "offsets": np.concatenate([log.offsets[active], [len(log)]]),
        "item": _places(codes, log.num_items)[log.item],
        "user_table": _rows(log.user_table, active),
        "item_table": _rows(log.item_table, codes),
    }


def _places(codes: Indices, num: int) -> Codes:
    """Return the new code of each old one, -1 for those that go."""
    place = np.full(num, -1, np.int32)
    place[codes] = np.arange(len(codes), dtype=np.int32)
    return place


def _rows(table: pd.DataFrame | None, rows: Indices) -> pd.DataFrame | None:
    return None if table is None else table.iloc[rows].reset_index(drop=True)

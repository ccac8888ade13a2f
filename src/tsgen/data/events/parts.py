"""Tables of events, read: columns, ids as codes, times and values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.errors import DataError

from ..columns import check_roles, check_texts, pick, read_numbers
from .times import read_times
from .vocabulary import Vocabulary

__all__ = ["EventColumns", "EventPart", "check_frame", "read_part"]


@dataclass(frozen=True)
class EventColumns:
    """How the columns of an event table are called and read.

    Attributes:
        user_id: Column of the users.
        item_id: Column of the items.
        timestamp: Column of the times.
        value: Column of the values (ratings, amounts); None takes "value" if there is one, ""
            none.
        unit: What numeric times count, since 1970 UTC (see `read_times`).
        timezone: The zone whose wall clock naive time stamps are; None means UTC.

    Raises:
        SettingsError: One column has two roles.
    """

    user_id: str = "user_id"
    item_id: str = "item_id"
    timestamp: str = "timestamp"
    value: str | None = None
    unit: str | None = None
    timezone: str | None = None

    def __post_init__(self) -> None:
        names = ("user_id", "item_id", "timestamp", "value")
        check_roles({name: getattr(self, name) for name in names})

    def value_column(self, names: Iterable[Any]) -> str | None:
        """Return the column of the values in a table with these columns."""
        if self.value is not None:
            return self.value or None
        return "value" if "value" in names else None


@dataclass(frozen=True)
class EventPart:
    """Some rows of an event table, ids as codes of their own vocabularies."""

    users: Vocabulary
    items: Vocabulary
    user: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    time: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64] | None
    timezone: str | None


def read_part(table: pd.DataFrame, columns: EventColumns) -> EventPart:
    """Read the rows of a table; see `Interactions.from_frame` for the rules."""
    check_frame(table, "events", "user_id, item_id and timestamp")
    user, users = Vocabulary.of(pick(table, columns.user_id, "user_id"), "user", ordered=False)
    item, items = Vocabulary.of(pick(table, columns.item_id, "item_id"), "item", ordered=False)
    _check_ids(users, columns.user_id)
    _check_ids(items, columns.item_id)
    stamps = pick(table, columns.timestamp, "timestamp")
    time, zone = read_times(stamps, unit=columns.unit, timezone=columns.timezone)
    name = columns.value_column(table.columns)
    value = None if name is None else _read_value(pick(table, name, "value"))
    return EventPart(users, items, user, item, time, value, zone)


def _check_ids(known: Vocabulary, name: str) -> None:
    """Refuse ids of bytes, ids with NUL, and two ids that are one text, such as 1 and "1"."""
    ids = known.ids
    if ids.dtype != object:
        return
    if binary := [one for one in ids if isinstance(one, bytes)]:
        raise DataError(
            f"Column '{name}' has {known.what} ids of bytes (the first is {binary[0]!r}); decode "
            "them to text first.",
            field=name,
        )
    if all(type(one) is str for one in ids):
        ids = ids[np.array(["\0" in one for one in ids], bool)]
    check_texts(ids, name, known.what)


def check_frame(table: Any, what: str, columns: str) -> None:
    """Refuse what is no table.

    Raises:
        DataError: It is something else than a data frame.
    """
    if not isinstance(table, pd.DataFrame):
        raise DataError(
            f"The {what} are given as {type(table).__name__}; give a data frame with the columns "
            f"{columns} (tsgen.read_interactions reads files)."
        )


def _read_value(column: pd.Series[Any]) -> npt.NDArray[np.float64]:
    values = read_numbers(column, "or pass value='' to leave the column out")
    wrong = ~np.isfinite(values)
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"Column '{column.name}' has no finite value in row {row} ({column.iloc[row]}); fill "
            "it in, drop the row, or pass value='' to leave the column out.",
            field=str(column.name),
            row=row,
        )
    return values

"""Tables of events, read: columns, ids as codes, times and values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.errors import DataError

from ..columns import pick, read_numbers
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
    """

    user_id: str = "user_id"
    item_id: str = "item_id"
    timestamp: str = "timestamp"
    value: str | None = None
    unit: str | None = None
    timezone: str | None = None

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
    stamps = pick(table, columns.timestamp, "timestamp")
    time, zone = read_times(stamps, unit=columns.unit, timezone=columns.timezone)
    name = columns.value_column(table.columns)
    value = None if name is None else _read_value(pick(table, name, "value"))
    return EventPart(users, items, user, item, time, value, zone)


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

"""Newer histories in terms of a fitted model: nothing is learnt again."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsgen.data import Histories, Interactions, Vocabulary
from tsgen.data.columns import plain_value
from tsgen.data.event_times import to_stamps
from tsgen.errors import DataError, DataWarning

from .parts import FittedParts
from .user_states import UserStates

__all__ = ["NewerLog", "read_newer"]


@dataclass(frozen=True, eq=False)
class NewerLog:
    """What another log tells.

    Attributes:
        states: Its users.
        user_table: Attributes, one row a user of `states`, or None.
        item_table: Attributes, one row an item of the model, or None.
    """

    states: UserStates
    user_table: pd.DataFrame | None
    item_table: pd.DataFrame | None


def read_newer(
    events: Any, at: int | None, items: Vocabulary, parts: FittedParts, horizon: int
) -> NewerLog:
    """Summarise the histories of another log.

    Args:
        events: `Interactions`, or a table as `Interactions.from_frame` takes it. Events of items
            that the model does not know are left out, with a warning that counts them.
        at: The time of the request in microseconds; later events are left out likewise. None is
            just after the last event.
        items: The model's.
        parts: What has learnt.
        horizon: Microseconds.

    Raises:
        DataError: No event is of an item that the model knows.
    """
    log = events if isinstance(events, Interactions) else Interactions.from_frame(events)
    moment = int(log.time.max()) + 1 if at is None else at
    if later := int((log.time >= moment).sum()):
        asked = to_stamps(np.array([moment]), log.timezone)[0]
        _warn(f"{later} events at or after at={asked} are left out.")
    place = items.codes(log.items.ids)
    known = place[log.item] >= 0
    if lost := int((~known).sum()):
        _warn(f"{lost} events of items that the model does not know are left out.")
    if not known.any():
        raise DataError(
            f"None of the {len(known)} events is of an item that the model knows (such as "
            f"{plain_value(items.ids[0])!r}); are the item ids written as in training?"
        )
    log = log.where(known)
    item_table = log.item_table
    if item_table is not None:
        theirs = log.items.codes(items.ids)
        item_table = item_table.reset_index(drop=True).reindex(theirs).reset_index(drop=True)
    known_items = Interactions(
        users=log.users,
        items=items,
        offsets=log.offsets,
        item=place[log.item].astype(np.int32),
        time=log.time,
        value=log.value,
        timezone=log.timezone,
    )
    states = UserStates.of(Histories.of(known_items, moment), log.users, parts, horizon)
    return NewerLog(states, log.user_table, item_table)


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=5)

"""Contacts already made, and how many a user may still have."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers, Mask
from tsgen.data import Vocabulary, as_pandas, pick, plain_value
from tsgen.data.events import read_span, read_times, to_stamps
from tsgen.errors import DataError, DataWarning

__all__ = ["recent_contacts"]


def recent_contacts(
    table: pd.DataFrame, users: Vocabulary, at: int, window: str, timezone: str | None
) -> Integers:
    """Return each user's contacts in the window that ends at a time, shape (n,).

    Args:
        table: user_id and timestamp, one row a contact.
        users: The users.
        at: Microseconds since 1970 UTC; a contact exactly one window earlier is over.
        window: Length of time.
        timezone: The zone of naive time stamps; None is UTC.

    Raises:
        DataError: A column is missing or unreadable, a contact lies at or after `at`, or no user
            of the table is known.

    Warns:
        DataWarning: Some users are not known.
    """
    table = as_pandas(table)
    ids = pick(table, "user_id", "user_id")
    times, zone = read_times(pick(table, "timestamp", "timestamp"), timezone=timezone)
    if (times >= at).any():
        row = int((times >= at).argmax())
        late, moment = to_stamps(np.array([times[row], at]), timezone or zone)
        raise DataError(
            f"The table of contacts has {int((times >= at).sum())} contacts in the future: row "
            f"{row} is of {late}, the campaigns begin at {moment}. Leave them out, or give at=.",
            field="timestamp",
            row=row,
        )
    rows, codes = users.spellings.rows(ids)
    _check_strangers(np.bincount(rows, minlength=len(ids)) == 0, ids)
    recent = times[rows] > at - read_span(window, "contact_window")
    return np.bincount(codes[recent], minlength=len(users))


def _check_strangers(strange: Mask, ids: pd.Series[Any]) -> None:
    if not strange.any():
        return
    stranger = plain_value(ids.iloc[int(strange.argmax())])
    if strange.all():
        raise DataError(
            f"None of the {len(ids)} contacts is of a user that is known (the first: "
            f"{stranger!r}); are the ids written as in the log?",
            field="user_id",
        )
    warnings.warn(
        f"{int(strange.sum())} of {len(ids)} contacts are of users who are not known (the "
        f"first: {stranger!r}).",
        DataWarning,
        stacklevel=4,
    )

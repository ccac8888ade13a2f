"""Why a user is in a list: plain facts of the user's own past."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyIntegers, Array, Mask
from tsgen.data import Interactions
from tsgen.errors import DataError

from ..scoring import Candidates

__all__ = ["REASONS", "reasons"]

REASONS = ("times_bought", "days_since_bought", "days_since_last", "similar_bought")
"""Columns of `reasons`."""

_SIMILAR = 20
_DAY = 8.64e10


def reasons(candidates: Candidates, rows: AnyIntegers, columns: AnyIntegers) -> pd.DataFrame:
    """Return what is known of users and some items before the list's time, one row a user.

    Args:
        candidates: Users, items and their events.
        rows: Users of the list.
        columns: Items of the list.

    Returns:
        times_bought (events of the items), days_since_bought (since the last of these; NaN if there
        is none), days_since_last (since the last event of any item) and similar_bought (other items
        among the 20 that most often have the same users as one of the list's, by cosine).

    Raises:
        DataError: The model keeps no events.
    """
    events = candidates.events
    if events is None:
        raise DataError(
            "The model keeps no events to give reasons by (keep_events=False, or an earlier "
            "version); leave why out, or give the whole log as events=."
        )
    own = np.isin(np.arange(events.num_items), columns)
    counts = sp.csr_array(events.pair_counts())
    times = np.asarray((counts @ own.astype(np.float64))[rows])
    similar = _similar(counts, columns[columns < events.num_items]) & ~own
    similar |= _like(candidates, columns) & ~own
    seen = sp.csr_array(counts[rows] > 0, dtype=np.float64)
    return pd.DataFrame({
        "times_bought": times.astype(np.int64),
        "days_since_bought": _days_since(events, own[events.item], candidates.at)[rows],
        "days_since_last": _days_since(events, np.ones(len(events), bool), candidates.at)[rows],
        "similar_bought": np.asarray(seen @ similar.astype(np.float64)).astype(np.int64),
    })  # fmt: skip


def _similar(counts: sp.csr_array, columns: AnyIntegers) -> Mask:
    """Return which items are among those most alike to one of some items, (items,)."""
    seen = sp.csc_array(counts > 0, dtype=np.float64)
    users = np.maximum(np.asarray(seen.sum(axis=0)).ravel(), 1.0)
    similar = np.zeros(seen.shape[1], bool)
    for column in columns:
        both = np.asarray((seen[:, [column]].T @ seen).todense()).ravel()
        both[column] = 0.0
        cosine = both / np.sqrt(users * users[column])
        best = np.argsort(-cosine, kind="stable")[:_SIMILAR]
        similar[best[cosine[best] > 0]] = True
    return similar


def _like(candidates: Candidates, columns: AnyIntegers) -> Mask:
    """Return which items are among those that items without events go with most, (items,)."""
    if candidates.likeness is None:
        return np.zeros(1, bool)
    weights = candidates.likeness[np.isin(candidates.on_attributes, columns)].toarray()
    best = np.argsort(-weights, axis=1, kind="stable")[:, :_SIMILAR]
    similar = np.zeros(weights.shape[1], bool)
    for row, places in zip(weights, best, strict=True):
        similar[places[row[places] > 0]] = True
    return similar


def _days_since(events: Interactions, counted: Mask, at: int) -> Array:
    """Return the days since each user's last counted event, NaN without one, (users,)."""
    last = np.full(events.num_users, np.nan)
    last[events.user[counted]] = events.time[counted]  # in time order: the last one stays
    return np.asarray((at - last) / _DAY)

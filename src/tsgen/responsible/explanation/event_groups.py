"""What a model knows of users, in groups: the item itself, similar items, the rest by age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import Interactions
from tsgen.data.events import Vocabulary, read_span

__all__ = ["ATTRIBUTES", "EventGroups", "groups_of_events", "masked_log"]

ATTRIBUTES = "attributes"
_SIMILAR = 20


@dataclass(frozen=True, eq=False)
class EventGroups:
    """A group for every event of a log.

    Attributes:
        names: Of the groups.
        codes: (events,) group of each event.
    """

    names: tuple[str, ...]
    codes: Integers


def groups_of_events(
    log: Interactions, columns: Integers, at: int, ages: Sequence[str] = ("30D", "90D")
) -> EventGroups:
    """Return the group of each event before a time, as seen from some items.

    Args:
        log: Events.
        columns: Codes of the items.
        at: The time, microseconds since 1970 UTC.
        ages: Bounds of the age of other events, rising.
    """
    bounds = np.array([read_span(age, "ages") for age in ages])
    own = np.isin(log.item, columns)
    similar = _similar(log, columns)[log.item]
    age = bounds.searchsorted(at - log.time, side="left")
    codes = np.where(own, 0, np.where(similar, 1, 2 + age))
    labels = ["the last " + ages[0]]
    labels += [f"{a} to {b} ago" for a, b in pairwise(ages)]
    labels.append(f"more than {ages[-1]} ago")
    return EventGroups(("the item itself", "similar items", *labels), codes.astype(np.int64))


def _similar(log: Interactions, columns: Integers) -> Mask:
    """Return the other items that most often have the same users as one of some items, (items,)."""
    seen = sp.csc_array(log.pair_counts() > 0, dtype=np.float64)
    users = np.maximum(np.asarray(seen.sum(axis=0)).ravel(), 1.0)
    similar = np.zeros(seen.shape[1], bool)
    for column in columns:
        both = np.asarray((seen[:, [column]].T @ seen).todense()).ravel()
        cosine = both / np.sqrt(users * users[column])
        cosine[columns] = 0.0
        best = np.argsort(-cosine, kind="stable")[:_SIMILAR]
        similar[best[cosine[best] > 0]] = True
    return similar


def masked_log(
    log: Interactions,
    groups: EventGroups,
    rows: Integers,
    inside: Mask,
    people: pd.DataFrame | None,
) -> Interactions:
    """Return a log in which each user comes once for each coalition, with its events alone.

    Args:
        log: Events.
        groups: Their groups.
        rows: (u,) users.
        inside: (c, k) coalitions of the groups, and of the attributes where there are any.
        people: (u, columns) attributes of these users, or None.

    Returns:
        A log of u * c users, coalitions of one user side by side.
    """
    lengths = log.lengths[rows]
    events = np.repeat(log.offsets[rows], lengths) + _counting(lengths)
    owner = np.repeat(np.arange(len(rows)), lengths)
    event, coalition = np.nonzero(inside[:, groups.codes[events]].T)
    user = owner[event] * len(inside) + coalition
    order = np.argsort(user, kind="stable")
    kept = events[event[order]]
    size = len(rows) * len(inside)
    counts = np.bincount(user, minlength=size)
    return Interactions(
        Vocabulary(pd.RangeIndex(size), "user"),
        log.items,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        log.item[kept],
        log.time[kept],
        None if log.value is None else log.value[kept],
        log.timezone,
        _people(people, inside, len(rows)),
        None,
        log.read_options,
    )


def _people(people: pd.DataFrame | None, inside: Mask, users: int) -> pd.DataFrame:
    """Return the attributes of every pair of user and coalition, missing where they are absent."""
    if people is None:
        return pd.DataFrame({"nothing": np.full(users * len(inside), np.nan)})
    repeated = people.iloc[np.repeat(np.arange(users), len(inside))].reset_index(drop=True)
    return repeated.where(pd.Series(np.tile(inside[:, -1], users)), other=None)


def _counting(lengths: Any) -> Array:
    """Return 0, 1, ... within each of some stretches, one after the other."""
    begins = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(np.arange(int(np.sum(lengths))) - begins)

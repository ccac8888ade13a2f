"""What tells users and pairs apart, whatever they are called and however the log goes on.

Who is drawn, and which pairs come together in a step of the training, is decided by such keys and
not by places in a table: so the same users are drawn a few hours later, and what is learnt moves by
what has happened since and not by another draw.
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Integers, Keys
from tsgen.data import Histories
from tsgen.rng import mixed

__all__ = ["item_keys", "pair_keys", "user_keys"]


def user_keys(histories: Histories, seed: int) -> Keys:
    """Return 64 random-looking bits of each request, by the times of its events, (r,).

    A later time of the request changes those alone who have done something in between. Users of
    the same times are told apart by their items.

    Args:
        histories: Requests with a history each.
        seed: Other seeds give other bits.
    """
    _, rows = histories.flat()
    events = histories.events
    starts = np.cumsum(histories.lengths) - histories.lengths
    since = events.time[rows] - _beginning(events.time)
    times = np.add.reduceat(mixed(since, seed), starts) if len(starts) else _nothing()
    items = (
        np.add.reduceat(mixed(since, events.item[rows].astype(np.int64)), starts)
        if len(starts)
        else _nothing()
    )
    order = np.lexsort((items, times))
    fresh = np.append(True, np.diff(times[order]) != 0)[: len(order)]
    place = np.arange(len(order))
    rank = np.empty_like(place)
    rank[order] = place - np.maximum.accumulate(np.where(fresh, place, 0))
    return mixed(times, rank)


def item_keys(histories: Histories) -> Keys:
    """Return bits of each item, by the time of its first event, (items,)."""
    _, rows = histories.flat()
    times, items = histories.events.time, histories.events.item[rows]
    first = np.full(histories.events.num_items, -1, np.int64)
    order = np.argsort(-times[rows], kind="stable")
    first[items[order]] = times[rows][order] - _beginning(times)  # the earliest stays
    return mixed(first)


def pair_keys(users: Keys, items: Keys, request: Integers, item: Integers) -> Keys:
    """Return bits of each pair (p,) of a request and an item."""
    return mixed(users[request], items[item])


def _beginning(times: Integers) -> int:
    return int(times.min()) if len(times) else 0


def _nothing() -> Keys:
    return np.zeros(0, np.uint64)

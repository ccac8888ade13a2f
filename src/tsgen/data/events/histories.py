"""Histories: what each of some requests (a user at a time) may know of the past."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Integers

from .interactions import Interactions

__all__ = ["Histories", "count_before"]


@dataclass(frozen=True, eq=False)
class Histories:
    """The pasts of r requests in one event log; a user may be asked about at several times.

    Attributes:
        events: The log; request k sees the events `begins[k]` to `ends[k]` of it.
        users: (r,) user codes.
        at: (r,) times of the requests, microseconds since 1970 UTC.
        ends: (r,) the event after the last one that is strictly before the request.
        remembered: What was found out about the log's users at single times, for whoever asks
            again; None keeps nothing.
    """

    events: Interactions
    users: Integers
    at: Integers
    ends: Integers
    remembered: dict[Any, Any] | None = field(default=None, repr=False, kw_only=True)

    @classmethod
    def of(
        cls,
        events: Interactions,
        at: int | Integers,
        users: AnyArray | None = None,
    ) -> Self:
        """Return what happened strictly before `at`.

        Args:
            events: The log.
            at: Microseconds since 1970 UTC: one time, or one a request.
            users: (r,) user codes; None takes every user once.
        """
        codes = np.arange(events.num_users) if users is None else np.asarray(users, np.int64)
        times = np.broadcast_to(np.asarray(at, np.int64), codes.shape)
        return cls(events, codes, times, count_before(events, codes, times))

    def __len__(self) -> int:
        return len(self.users)

    @property
    def begins(self) -> Integers:
        """The first event of each request's user, shape (r,)."""
        return self.events.offsets[self.users]

    @property
    def lengths(self) -> Integers:
        """Number of events each request sees, shape (r,)."""
        return self.ends - self.begins

    def subset(self, chosen: AnyArray) -> Self:
        """Return the requests that `chosen` (a mask or positions) names."""
        return replace(self, users=self.users[chosen], at=self.at[chosen], ends=self.ends[chosen])

    def earlier(self, span: int) -> Self:
        """Return the same users `span` microseconds earlier."""
        if not span:
            return self
        return replace(
            type(self).of(self.events, self.at - span, self.users), remembered=self.remembered
        )

    def last(self, num: int) -> Self:
        """Return the same requests with at most `num` last events each, in a log of their own."""
        lengths = np.minimum(self.lengths, num)
        rows = _ranges(self.ends - lengths, lengths)
        events = replace(
            self.events,
            users=self.events.users,
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            item=self.events.item[rows],
            time=self.events.time[rows],
            value=None if self.events.value is None else self.events.value[rows],
        )
        places = np.arange(len(self))
        return replace(self, events=events, users=places, ends=events.offsets[1:], remembered=None)

    def flat(self) -> tuple[Integers, Integers]:
        """Return (request, event) of every event that every request sees, in order."""
        lengths = self.lengths
        return np.repeat(np.arange(len(self)), lengths), _ranges(self.begins, lengths)

    def pair_counts(self) -> sp.csr_array:
        """Return how often each request has seen each item, sparse, shape (r, items)."""
        _, rows = self.flat()
        offsets = np.concatenate([[0], np.cumsum(self.lengths)])
        shape = (len(self), self.events.num_items)
        counts = sp.csr_array((np.ones(len(rows)), self.events.item[rows], offsets), shape=shape)
        counts.sum_duplicates()
        return counts


def count_before(events: Interactions, users: Integers, at: Integers) -> Integers:
    """Return, for each (user, time), the position after the user's last event before the time.

    A binary search in all users at once: about 20 passes over the requests, whatever the log.
    """
    low, high = events.offsets[users].copy(), events.offsets[users + 1].copy()
    while (open_ := low < high).any():
        middle = (low + high) // 2
        earlier = open_ & (events.time[np.minimum(middle, len(events) - 1)] < at)
        low = np.where(earlier, middle + 1, low)
        high = np.where(open_ & ~earlier, middle, high)
    return low


def _ranges(begins: Integers, lengths: Integers) -> Any:
    """Return begins[0], begins[0] + 1, ... of each range, one after another."""
    offsets = np.cumsum(lengths) - lengths
    return np.repeat(begins - offsets, lengths) + np.arange(int(lengths.sum()))

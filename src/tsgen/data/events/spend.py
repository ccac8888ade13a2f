"""What an engagement of a user with an item is expected to be worth, from a log with values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from tsgen.arrays import AnyIntegers, Array, Indices
from tsgen.errors import DataError

from .ids import Vocabulary
from .interactions import Interactions

__all__ = ["Spend"]

_PRIOR = 5.0  # events that the mean of all counts for, beside a user's or an item's own


@dataclass(frozen=True, eq=False)
class Spend:
    """Expected value of an event: factor of the user times price of the item.

    Both are means drawn towards the mean of all by as much as five events would: an item's price
    towards the mean value of all events, a user's factor, what its events were worth over what
    their items' prices say, towards 1.

    Attributes:
        prices: (items,) value of an event.
        factors: (users,) of each user.
    """

    prices: Array
    factors: Array

    def of_rows(self, rows: AnyIntegers) -> Self:
        """Return the same for some users; -1 is one who is not known, with the factor 1."""
        return replace(self, factors=np.where(rows < 0, 1.0, self.factors[rows]))

    @staticmethod
    def is_in(log: Interactions) -> bool:
        """Return whether a log has values that say what events are worth."""
        return log.value is not None and len(log) > 0 and bool(log.value.mean() > 0)

    @classmethod
    def of(cls, events: Any, users: Vocabulary, items: Vocabulary) -> Self:
        """Learn from a log with values.

        Args:
            events: `Interactions`, or a table as `Interactions.from_frame` takes it.
            users: Whose factors are wanted; without an event it is 1.
            items: Whose prices are wanted; without an event it is the mean of all.

        Raises:
            DataError: The log has no values, or their mean is not above 0.
        """
        log = events if isinstance(events, Interactions) else Interactions.from_frame(events)
        if log.value is None or not cls.is_in(log):
            raise DataError(
                "value='spend' needs a log whose events have values, on average above 0; give it "
                "as spend=, or give campaigns a value in numbers."
            )
        item, value = items.codes(log.items.ids)[log.item], np.maximum(log.value, 0)
        mean = value.mean()
        prices = (_sums(item, value, len(items)) + _PRIOR * mean) / (
            _sums(item, np.ones(len(value)), len(items)) + _PRIOR
        )
        expected = np.where(item >= 0, prices[np.maximum(item, 0)], mean)
        user = users.codes(log.users.ids)[log.user]
        drawn = _PRIOR * mean
        own = _sums(user, value, len(users)) + drawn
        return cls(prices, own / (_sums(user, expected, len(users)) + drawn))


def _sums(codes: Indices, values: Array, num: int) -> Array:
    """Return the values added up by code, those of code -1 left out, (num,)."""
    there = codes >= 0
    return np.bincount(codes[there], values[there], minlength=num).astype(np.float64)

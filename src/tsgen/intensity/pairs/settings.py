"""What is looked at of pairs, and how the pair network learns."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from tsgen.settings import Settings

__all__ = ["PairSettings"]

_WEEK = 7 * 86_400 * 10**6
_FEWEST_WINDOWS, _MOST_WINDOWS = 3, 7


class PairSettings(Settings):
    """The pair part of `repeats="learned"`; see `LearnedPairs`."""

    num_windows: int | None = Field(default=None, ge=1)
    """Most of the last horizons to learn from. None is three, of horizons of less than a third of a
    week as many as make one, seven at most; and one where the activity is expensive."""

    num_neighbours: int = Field(default=20, ge=1)
    """Items that go with an item."""

    num_new: int = Field(default=50, ge=1)
    """Items not seen, of a user, that are looked at: those that go best with the ones seen."""

    first_purchases: bool = False
    """Whether the network also sees what people who share items with the user took up lately, and
    how alike the item's attributes are to those of the user's items."""

    max_pairs: int = Field(default=600_000, ge=1)
    """Most pairs to learn from, about."""

    hidden_size: int = Field(default=8, ge=1)
    """Width of the network; a wide one makes much of little, so that lists change with the hour."""

    learning_rate: float = Field(default=5e-3, gt=0)
    """Of AdamW, at its greatest."""

    def most_windows(self, horizon: int) -> int:
        """Return the most horizons, of so many microseconds, to learn from."""
        if self.num_windows is not None:
            return self.num_windows
        return int(np.clip(-(-_WEEK // horizon), _FEWEST_WINDOWS, _MOST_WINDOWS))

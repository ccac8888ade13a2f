"""What makes lists: whatever has candidates at a time."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import pandas as pd

from tsgen.data import Vocabulary
from tsgen.errors import DataWarning
from tsgen.scores import ScoreParts

from ..new_items import AttributeItems
from ..scoring import Candidates, FittedParts, OnDelta

__all__ = ["ListMaker"]


class ListMaker(ABC):
    """Has candidates for lists.

    Attributes:
        parts: What has learnt.
        items: The items' vocabulary.
        item_table: Attributes of the items, or None.
        new_items: Items that rest on attributes alone, or None.
        summary: What is known of the training.
    """

    parts: FittedParts
    items: Vocabulary
    item_table: pd.DataFrame | None
    new_items: AttributeItems | None
    summary: dict[str, Any]

    @property
    def all_items(self) -> Vocabulary:
        """The items of training, and the new ones."""
        return self.items if self.new_items is None else self.new_items.all_items(self.items)

    @property
    def all_item_table(self) -> pd.DataFrame | None:
        """Attributes of all items, or None."""
        new = self.new_items
        return self.item_table if new is None else new.all_attributes(self.item_table)

    @abstractmethod
    def candidates(
        self, at: Any = None, events: Any = None, on_delta: OnDelta = "warn"
    ) -> Candidates:
        """Return the users at a time, with their activity, and the items."""

    def listed_candidates(self, at: Any, events: Any, on_delta: OnDelta) -> Candidates:
        """Return the candidates of a list.

        Warns:
            DataWarning: Without a log it holds the users of a sample alone.
        """
        sample = self.summary.get("sample")
        if sample and events is None:
            warnings.warn(
                f"The model knows {sample['users']:,} of {sample['of_users']:,} users, those it "
                "was trained on: lists hold no others. Give the whole log (events=), or use tsgen "
                "batch.",
                DataWarning,
                stacklevel=3,
            )
        return self.candidates(at, events, on_delta)

    def score_parts(self, *, at: Any = None, events: Any = None) -> ScoreParts:
        """Return what the intensities are the product of, of users known to exist; see `scores`."""
        candidates = self.candidates(at, events)
        return candidates.parts().select_users(np.flatnonzero(candidates.present))

    @property
    def user_attributes(self) -> pd.DataFrame | None:
        """The attributes of the users, with their ids as user_id; None without a user table."""
        candidates = self.candidates()
        if candidates.user_table is None:
            return None
        table = candidates.user_table.reset_index(drop=True)
        return table.assign(user_id=pd.Series(candidates.users.ids))

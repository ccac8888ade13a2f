"""Recommendations for all users of a log that is larger than memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from tsgen.errors import SettingsError

from .events import EventBatch, partition_of_users

__all__ = ["RecommendBatch"]


@dataclass(frozen=True)
class RecommendBatch(EventBatch):
    """For each user of the log the items to show; see `RIMModel.recommendations`.

    Attributes:
        size: Items wanted for each.
        items: Ids to choose from; None takes all.
        exclude_seen: Leave out what the user has seen.
    """

    size: int = 10
    items: tuple[Any, ...] | None = None
    exclude_seen: bool = False

    def check(self, model: Any) -> None:
        """See `BatchTask`.

        Raises:
            SettingsError: An impossible size or time.
            UnknownIdError: An item is not known.
        """
        if self.size < 1:
            raise SettingsError(f"size={self.size} is not possible; use a number from 1.")
        super().check(model)
        if self.items is not None:
            model.all_items.find(self.items)

    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """See `BatchTask`; user_id and the columns of `RIMModel.recommend`."""
        log = self.histories(model, table)
        with partition_of_users():
            return model.recommendations(  # type: ignore[no-any-return]
                list(log.users.ids),
                size=self.size,
                items=self.items,
                exclude_seen=self.exclude_seen,
                at=self.moment(model, end),
                events=log,
            )

"""Scores of all users of a log that is larger than memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsgen.errors import SettingsError

from .events import EventBatch, partition_of_users

__all__ = ["ScoreBatch"]


@dataclass(frozen=True)
class ScoreBatch(EventBatch):
    """Expected events, and the chance of one, of every user with some items.

    Attributes:
        items: Ids.
    """

    items: tuple[Any, ...] = ()

    def check(self, model: Any) -> None:
        """See `BatchTask`.

        Raises:
            SettingsError: No item, or an impossible time.
            UnknownIdError: An item is not known.
        """
        if not self.items:
            raise SettingsError("items is empty; name the items that scores are wanted for.")
        super().check(model)
        model.all_items.find(self.items)

    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """See `BatchTask`; user_id, item_id, intensity and probability, users one after another.

        A pair that recurs never (`repeats="never"`) and has been seen has an intensity of 0.
        """
        log = self.histories(model, table)
        with partition_of_users():
            scores = model.scores(events=log, at=self.moment(model, end))
        columns = model.all_items.find(self.items)
        part = scores.select_items(columns)
        intensity = part.block(slice(0, part.shape[0]), slice(0, len(columns))).astype(np.float64)
        if part.excluded is not None:
            intensity[part.excluded.nonzero()] = 0.0
        users, items = np.divmod(np.arange(intensity.size), len(columns))
        return pd.DataFrame({
            "user_id": part.user_ids.take(users),
            "item_id": part.item_ids.take(items),
            "intensity": intensity.ravel(),
            "probability": model.probability(intensity.ravel()),
        })  # fmt: skip

"""Audiences of a log that is larger than memory."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray
from tsgen.data import Vocabulary, read_id_list
from tsgen.data.events import IdList
from tsgen.errors import DataError, DataWarning, SettingsError

from .base import Merged, PartResults
from .events import EventBatch, partition_of_users

__all__ = ["AudienceBatch"]


@dataclass(frozen=True)
class AudienceBatch(EventBatch):
    """For each item the users most likely to engage with it; see `RIMModel.audiences`.

    Each partition gives its own best `size` users of an item, so that the best of all are among
    them: the merged list is exact, and users × items are never held.

    Attributes:
        items: Ids, a list each.
        size: Users wanted for each.
        threshold: Smallest chance of at least one event, or None.
        exclude: Ids of users to leave out, in any spelling (see `read_id_list`; what is meant is
            sought in each partition, so that a doubtful entry may leave out one more).
        on_unknown: Whether a list `exclude` of which nobody is known is refused ("error") or named.
        exclude_seen: Leave out users with an event of the item.
    """

    items: tuple[Any, ...] = ()
    size: int = 1000
    threshold: float | None = None
    exclude: tuple[Any, ...] | None = None
    on_unknown: str = field(default="error", metadata={"merging": True})
    exclude_seen: bool = False

    def check(self, model: Any) -> None:
        """See `BatchTask`.

        Raises:
            SettingsError: No item, or an impossible size, threshold, time or `on_unknown`.
            UnknownIdError: An item is not known.
        """
        if not self.items:
            raise SettingsError("items is empty; name the items that lists are wanted for.")
        if self.size < 1:
            raise SettingsError(f"size={self.size} is not possible; use a number from 1.")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise SettingsError(
                f"threshold={self.threshold} is not possible: use a probability, 0 to 1."
            )
        if self.on_unknown not in ("error", "warn"):
            raise SettingsError(
                f"on_unknown={self.on_unknown!r} is not possible: use error or warn."
            )
        super().check(model)
        model.all_items.find(self.items)

    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """See `BatchTask`; item_id and the columns of `RIMModel.audience`, without ranks."""
        log = self.histories(model, table)
        out = self._excluded(log.users)
        with partition_of_users():
            lists: pd.DataFrame = model.audiences(
                list(self.items),
                size=self.size,
                threshold=self.threshold,
                exclude=list(log.users.ids[out.codes]) if len(out.codes) else None,
                exclude_seen=self.exclude_seen,
                at=self.moment(model, end),
                events=log,
            )
        unknown = set(out.unknown)
        lists.attrs = {
            "excluded": len(out.codes),
            "rewritten": len(out.rewritten),
            "unknown": [k for k, one in enumerate(self.exclude or ()) if one in unknown],
        }
        return lists.drop(columns="rank")

    def _excluded(self, users: Vocabulary) -> IdList:
        """Return who of a partition's users may be meant; what is said of it waits for all."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            return read_id_list(self.exclude or (), users, on_unknown="warn")

    def merged(self, model: Any, parts: PartResults) -> Merged:
        """Keep the best of each item; exact ties go by id.

        Raises:
            DataError: Nobody on the list `exclude` is known, and `on_unknown` is "error".
        """
        return Merged(self._pieces(iter(parts)))

    def _pieces(self, parts: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        best, rewritten, unknown = None, 0, set(range(len(self.exclude or ())))
        for part in parts:
            unknown &= set(part.attrs["unknown"])
            rewritten += part.attrs["rewritten"]
            best = self._best(part if best is None else pd.concat([best, part], ignore_index=True))
        self._say(unknown, rewritten)
        if best is not None:
            best.insert(2, "rank", best.groupby("item_id", sort=False).cumcount() + 1)
            yield best

    def _say(self, unknown: set[int], rewritten: int) -> None:
        """Say what became of the list of users to leave out."""
        listed = self.exclude or ()
        whats = f"of {len(listed)} users to exclude"
        if rewritten:
            _warn(f"{rewritten} {whats} are written otherwise than in the log and taken as those.")
        if not unknown:
            return
        text = f"{len(unknown)} {whats} are not in the log (the first: {listed[min(unknown)]!r})"
        if len(unknown) == len(listed) and self.on_unknown == "error":
            raise DataError(
                f"{text}: nobody would be left out. Are they written as there? Pass "
                "on_unknown='warn' to go on."
            )
        _warn(f"{text}.")

    def _best(self, lists: pd.DataFrame) -> pd.DataFrame:
        place = lists["item_id"].map({item: k for k, item in enumerate(self.items)})
        order = np.lexsort(
            (_order(lists["user_id"]), -lists["intensity"].to_numpy(), place.to_numpy())
        )
        ordered = lists.iloc[order]
        kept = ordered.groupby("item_id", sort=False).cumcount() < self.size
        return ordered[kept].reset_index(drop=True)


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=5)


def _order(ids: pd.Series[Any]) -> AnyArray:
    """Return the places of ids in ascending order."""
    return (
        np.asarray(ids.rank(method="dense").to_numpy())
        if ids.dtype != object
        else np.asarray(pd.factorize(ids, sort=True)[0])
    )

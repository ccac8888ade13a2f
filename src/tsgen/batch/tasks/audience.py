"""Audiences of a log that is larger than memory."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray
from tsgen.data import Vocabulary, plain_value, read_id_list
from tsgen.data.events import IdList, fault_of_list, id_entries, is_blank, refuse_list
from tsgen.errors import DataWarning, SettingsError

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

    def __post_init__(self) -> None:
        if self.exclude is not None:
            object.__setattr__(self, "exclude", id_entries(self.exclude))

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
        respelt = {one for one, _ in out.rewritten}
        lists.attrs = {
            "excluded": len(out.codes),
            "eligible": lists.attrs["counts"]["eligible"],
            "fits": out.fits.tolist(),
            "holding": np.flatnonzero(out.holding).tolist(),
            "rewritten": [k for k, one in enumerate(self._listed) if one in respelt],
            "users": len(log.users),
            "numbers": round(log.users.spellings.numeric_share * len(log.users)),
            "example": _as_json(plain_value(log.users.ids[0])),
        }
        return lists.drop(columns="rank")

    def _excluded(self, users: Vocabulary) -> IdList:
        """Return who of a partition's users may be meant; what is said of it waits for all."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            return read_id_list(self.exclude or (), users, on_unknown="warn")

    def merged(self, model: Any, parts: PartResults) -> Merged:
        """Keep the best of each item; exact ties go by id.

        The details are the counts of `RIMModel.audiences`, once the lists are written.

        Raises:
            DataError: Nobody on the list `exclude` is known, or it is of another kind, and
                `on_unknown` is "error".
        """
        counts: dict[str, Any] = {}
        return Merged(self._pieces(iter(parts), counts), counts)

    def _pieces(
        self, parts: Iterator[pd.DataFrame], counts: dict[str, Any]
    ) -> Iterator[pd.DataFrame]:
        best, facts = None, list[Mapping[Any, Any]]()
        for part in parts:
            facts.append(part.attrs)
            part.attrs = {}
            best = self._best(part if best is None else pd.concat([best, part], ignore_index=True))
        unknown = self._say(facts) if self.exclude else 0
        if best is not None:
            counts |= {
                "excluded": sum(part["excluded"] for part in facts),
                "unknown": unknown,
                "eligible": sum(part["eligible"] for part in facts),
                "wanted": self.size * len(self.items),
                "got": len(best),
                "expected_events": float(best["intensity"].sum()),
                "expected_buyers": float(best["probability"].sum()),
            }
            if "expected_spend" in best:
                counts["expected_spend"] = float(best["expected_spend"].sum())
            best.insert(2, "rank", best.groupby("item_id", sort=False).cumcount() + 1)
            yield best

    @property
    def _listed(self) -> list[Any]:
        """The entries of the list to leave out that are not empty."""
        return [one for one in map(plain_value, self.exclude or ()) if not is_blank(one)]

    def _say(self, facts: list[Mapping[Any, Any]]) -> int:
        """Say what became of the list of users to leave out; return how many are not known."""
        listed = self._listed
        whats = f"of {len(listed)} users to exclude"
        if blank := len(self.exclude or ()) - len(listed):
            _warn(f"exclude: {blank} of {len(listed) + blank} entries are empty and name nobody.")
        fits = np.sum([part["fits"] for part in facts], axis=0)
        respelt = {k for part in facts for k in part["rewritten"] if fits[k] == 1}
        if respelt:
            _warn(
                f"{len(respelt)} {whats} are written otherwise than in the log and taken as those."
            )
        if several := [one for one, num in zip(listed, fits, strict=True) if num > 1]:
            _warn(
                f"{len(several)} {whats} fit several ids of the log (the first: {several[0]!r}); "
                "all of them are meant."
            )
        unknown = [one for one, num in zip(listed, fits, strict=True) if not num]
        users = sum(part["users"] for part in facts)
        share = sum(part["numbers"] for part in facts) / max(users, 1)
        if unknown and len(unknown) < len(listed):
            _warn(f"{len(unknown)} {whats} are not known (the first: {unknown[0]!r}).")
        places = {k for part in facts for k in part["holding"] if not fits[k]}
        fault = fault_of_list(
            listed,
            unknown,
            share=share,
            example=facts[0]["example"],
            holding=[listed[k] for k in sorted(places)],
        )
        if fault:
            refuse_list(fault, "user", self.on_unknown)
        return len(unknown)

    def _best(self, lists: pd.DataFrame) -> pd.DataFrame:
        place = lists["item_id"].map({item: k for k, item in enumerate(self.items)})
        order = np.lexsort(
            (_order(lists["user_id"]), -lists["intensity"].to_numpy(), place.to_numpy())
        )
        ordered = lists.iloc[order]
        kept = ordered.groupby("item_id", sort=False).cumcount() < self.size
        return ordered[kept].reset_index(drop=True)


def _as_json(one: Any) -> Any:
    return one if isinstance(one, str | int | float) else str(one)


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=5)


def _order(ids: pd.Series[Any]) -> AnyArray:
    """Return the places of ids in ascending order."""
    return (
        np.asarray(ids.rank(method="dense").to_numpy())
        if ids.dtype != object
        else np.asarray(pd.factorize(ids, sort=True)[0])
    )

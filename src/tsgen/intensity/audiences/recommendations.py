"""Recommendations: the items that a user is most likely to turn to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from tsgen.data import plain_value
from tsgen.errors import DataError

from ..scoring import ExcludeSeen, Filter, OnDelta, as_list, having
from .base import ListMaker
from .checks import check_size
from .tables import list_items

__all__ = ["RecommendationMaker"]


class RecommendationMaker(ListMaker):
    """Lists items for users: `recommend` for one, `recommendations` for many."""

    def recommend(
        self,
        user: Any,
        *,
        size: int = 10,
        items: Iterable[Any] | None = None,
        exclude_seen: ExcludeSeen = False,
        at: Any = None,
        events: Any = None,
        on_delta: OnDelta = "warn",
    ) -> pd.DataFrame:
        """Return the items that a user is most likely to engage with in the horizon.

        Args:
            user: Its id; `recommendations` takes many.
            size: Items wanted; fewer come back where fewer are left.
            items: Ids to choose from, such as `items_where` gives; None takes all.
            exclude_seen: True leaves out what the user has seen; an attribute of items, or a list,
                what equals it in that as well.
            at: See `scores`.
            events: See `scores`.
            on_delta: See `scores`.

        Returns:
            item_id, rank, intensity, probability and relevance, best first; exact ties by id.

        Raises:
            UnknownIdError: The user, or an item, is not known.
        """
        table = self.recommendations(
            [user],
            size=size,
            items=items,
            exclude_seen=exclude_seen,
            at=at,
            events=events,
            on_delta=on_delta,
        )
        return table.drop(columns="user_id")

    def recommendations(
        self,
        users: Sequence[Any],
        *,
        size: int,
        items: Iterable[Any] | None = None,
        exclude_seen: ExcludeSeen = False,
        at: Any = None,
        events: Any = None,
        on_delta: OnDelta = "warn",
    ) -> pd.DataFrame:
        """Return the recommendations for each of many users, stacked; see `recommend`.

        Args:
            users: Their ids; one that is there twice counts once.
            size: Items wanted for each.
            items: See `recommend`.
            exclude_seen: See `recommend`.
            at: See `scores`.
            events: See `scores`.
            on_delta: See `scores`.

        Returns:
            user_id and the columns of `recommend`. Its `attrs["counts"]` are users, got (rows),
            expected_events (sum of the intensities) and expected_pairs (sum of the probabilities).

        Raises:
            UnknownIdError: A user, or an item, is not known.
            DataError: There is no user.
        """
        check_size(size, None)
        candidates = self.listed_candidates(at, events, on_delta)
        rows = candidates.rows(as_list(users, candidates.states.users))
        table = list_items(candidates, rows, self.parts.probability, size, items, exclude_seen)
        table.attrs["counts"] = {
            "users": len(rows),
            "got": len(table),
            "expected_events": float(table["intensity"].sum()),
            "expected_pairs": float(table["probability"].sum()),
        }
        return table.drop(columns="activity")

    def items_where(self, conditions: Filter) -> list[Any]:
        """Return the ids of the items with these attributes, {"category": ["toys", "games"]}.

        `audience(model.items_where({"category": "toys"}), size=5000)` asks for a campaign.

        Raises:
            SettingsError: Items have no such attribute.
            DataError: No item has these attributes.
        """
        items, table = self.all_items, self.all_item_table
        matches = having(table, len(items), conditions, "Items")
        if not matches.any():
            raise DataError(f"No item has {_in_words(conditions)}; there is nothing to score.")
        return [plain_value(item) for item in items.ids[matches]]


def _in_words(conditions: Filter) -> str:
    """Return conditions as a person writes them: kind = 'tea' or 'mug', brand = 'x'."""
    parts = []
    for name, wanted in conditions.items():
        values = list(wanted) if pd.api.types.is_list_like(wanted) else [wanted]
        parts.append(f"{name} = {' or '.join(map(repr, values))}")
    return ", ".join(parts)

"""Audiences: the users most likely to engage with an item or a campaign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, cast

import pandas as pd

from tsgen.allocation import are_campaigns, campaign_lists
from tsgen.data.events import OnUnknown
from tsgen.errors import SettingsError
from tsgen.responsible import explain_scores

from ..scoring import ExcludeSeen, Filter, OnDelta, as_list
from .base import ListMaker
from .checks import check_size, check_why
from .tables import list_users, list_users_of_each, list_users_one_by_one

if TYPE_CHECKING:
    from tsgen.allocation import CampaignModel
    from tsgen.contracts import LoggedModel

__all__ = ["AudienceMaker"]


class AudienceMaker(ListMaker):
    """Lists users for items: `audience` for one, `audiences` for many."""

    def audience(
        self,
        items: Any,
        *,
        size: int | None = None,
        threshold: float | None = None,
        expected_buyers: float | None = None,
        exclude: Iterable[Any] | None = None,
        where: Filter | None = None,
        exclude_where: Filter | None = None,
        on_unknown: OnUnknown = "error",
        exclude_seen: ExcludeSeen = False,
        why: bool | Literal["shapley"] = False,
        at: Any = None,
        events: Any = None,
        on_delta: OnDelta = "warn",
    ) -> pd.DataFrame:
        """Return the users most likely to engage with an item in the horizon.

        Args:
            items: An item id, or a collection of ids, such as `items_where` gives: one campaign,
                whose intensities add up; an id that is there twice counts once. A tuple is a
                collection unless the ids of the log are tuples.
            size: Users wanted; fewer come back where fewer are left.
            threshold: Smallest chance of at least one event.
            expected_buyers: The list ends where it is expected to hold so many users with at least
                one event (the least such list: those most likely to have one).
            exclude: Ids of users to leave out, in any spelling: who may be meant is left out (see
                `read_id_list`).
            where: Attributes that users must have, {"country": ["DE", "AT"]}.
            exclude_where: Attributes of users to leave out.
            on_unknown: A list `exclude` of which nobody is known, or of another kind of id, and a
                value of `exclude_where` that nobody has, is refused by "error"; "warn" says so.
            exclude_seen: True leaves out users with an event of one of the items; an attribute of
                items ("category"), or a list, those with an event of an item that equals one of
                them in it.
            why: Add plain facts of each user's past: times_bought, days_since_bought,
                days_since_last, similar_bought (see `reasons`). "shapley" adds a sentence, too:
                what the past adds to the user's expected events (see `explain_scores`).
            at: See `scores`.
            events: See `scores`.
            on_delta: See `scores`.

        Returns:
            user_id, rank (from 1), intensity (expected events in the horizon), probability (of at
            least one, see `ProbabilityMap`), activity (expected events of any item: those of the
            activity model, with the default lifted by what the user's pairs add up to, see
            `usual_sums`) and relevance (intensity / activity, in [0, 1]; over all items it adds up
            to 1 at most) and, where the log has values, expected_spend (the value of these events;
            see `Spend`), best first; exact ties by id. Its `attrs["counts"]` say who was left out
            and what is expected (see `with_counts`).

        Raises:
            UnknownIdError: An item is not known.
            DataError: An item has neither events nor attributes to score it by; nobody on a list of
                users to leave out is known.
            SettingsError: Neither size nor threshold, or an impossible one.
        """
        check_size(size, threshold, expected_buyers)
        explained = check_why(why, events)
        candidates = self.listed_candidates(at, events, on_delta)
        columns = candidates.columns(as_list(items, self.all_items))
        eligible = candidates.eligible(exclude, where, exclude_where, on_unknown)
        table = list_users(
            candidates,
            columns,
            eligible,
            self.parts.probability,
            size=size,
            threshold=threshold,
            expected_buyers=expected_buyers,
            exclude_seen=exclude_seen,
            why=bool(why),
        )
        if explained:
            table["why"] = self._sentences(list(candidates.items.ids[columns]), table, at)
        return table

    def audiences(
        self,
        items: Any,
        *,
        size: int | None = None,
        threshold: float | None = None,
        expected_buyers: float | None = None,
        exclusive: bool = False,
        exclude: Iterable[Any] | None = None,
        where: Filter | None = None,
        exclude_where: Filter | None = None,
        on_unknown: OnUnknown = "error",
        exclude_seen: ExcludeSeen = False,
        why: bool | Literal["shapley"] = False,
        at: Any = None,
        events: Any = None,
        on_delta: OnDelta = "warn",
    ) -> pd.DataFrame:
        """Return one audience for each of many items or campaigns, stacked.

        Lists of one size alone are made in one pass.

        Args:
            items: Ids of items; or campaigns, as `tsgen.allocate` takes them: a list of `Campaign`
                or of tables of its settings, whose filters are their own.
            size: Users wanted for each; for campaigns, for those without an at_most.
            threshold: See `audience`, of items; a campaign has a min_probability.
            expected_buyers: See `audience`, of each item's list.
            exclusive: Of campaigns: a user is in one list at most, given out greedily.
            exclude: See `audience`; it holds for all lists.
            where: See `audience`, of items.
            exclude_where: See `audience`, of items.
            on_unknown: See `audience`.
            exclude_seen: See `audience`, of items.
            why: See `audience`, of items.
            at: See `scores`.
            events: See `scores`.
            on_delta: See `scores`.

        Returns:
            item_id and the columns of `audience`, with its counts of all lists together; of
            campaigns, see `campaign_lists`.

        Raises:
            SettingsError: Campaigns are given filters that are not their own, or items are to be
                exclusive.
        """
        if are_campaigns(items):
            _refuse_settings_of_campaigns(where, exclude_where, exclude_seen)
            _refuse_settings_of_lists(threshold, expected_buyers, why, on_delta)
            return campaign_lists(
                cast("CampaignModel", self),
                items,
                size=size,
                exclusive=exclusive,
                exclude=exclude,
                on_unknown=on_unknown,
                at=at,
                events=events,
            )
        if exclusive:
            raise SettingsError(
                "exclusive is for campaigns; give them as [{'name': ..., 'items': [...]}, ...]."
            )
        check_size(size, threshold, expected_buyers)
        explained = check_why(why, events)
        candidates = self.listed_candidates(at, events, on_delta)
        columns = candidates.columns(list(items))
        eligible = candidates.eligible(exclude, where, exclude_where, on_unknown)
        lists = candidates, columns, eligible, self.parts.probability
        if threshold is None and expected_buyers is None and not why:
            return list_users_of_each(*lists, size=cast("int", size), exclude_seen=exclude_seen)
        table = list_users_one_by_one(
            *lists,
            size=size,
            threshold=threshold,
            expected_buyers=expected_buyers,
            exclude_seen=exclude_seen,
            why=bool(why),
        )
        if explained:
            parts = table.groupby("item_id", sort=False).indices.items()
            for item, rows in parts:
                table.loc[rows, "why"] = self._sentences([item], table.iloc[rows], at)
        return table

    def _sentences(self, items: list[Any], table: pd.DataFrame, at: Any) -> list[str]:
        """Return why each user of a list is in it; see `explain_scores`."""
        asked = cast("LoggedModel", self)
        return explain_scores(asked, items, list(table["user_id"]), at=at).sentences()


def _refuse_settings_of_campaigns(*filters: Any) -> None:
    if any(filters):
        raise SettingsError(
            "where, exclude_where and exclude_seen are settings of each campaign; give them there."
        )


def _refuse_settings_of_lists(
    threshold: float | None, expected_buyers: float | None, why: bool | str, on_delta: OnDelta
) -> None:
    if threshold is not None or expected_buyers is not None or why:
        raise SettingsError(
            "threshold, expected_buyers and why are for lists of items; a campaign ends by its "
            "at_most and min_probability."
        )
    if on_delta != "warn":
        raise SettingsError(
            "on_delta is for lists of items; for campaigns, add what is new to the model first: "
            "model.update(events)."
        )

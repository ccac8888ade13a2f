"""Who could have been listed, who was, and who acted: of a table of lists, or of a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array
from tsgen.contracts import PartedModel
from tsgen.data import Interactions, as_interactions
from tsgen.data.events import Vocabulary
from tsgen.errors import DataError, SettingsError
from tsgen.metrics import one_percent
from tsgen.scores import ScoreParts

from ..facets import rows_of
from .counts import Selection
from .split import campaign_scores, split_places, take_best

__all__ = ["Lists", "lists_of_model", "lists_of_table"]


@dataclass(frozen=True, eq=False)
class Lists:
    """n users and m lists that each of them could have been in.

    Attributes:
        user_ids: (n,) ids.
        about: (m,) the items of each list; None is anything.
        selected: (n, m) sparse: who was taken.
        acted: (n, m) sparse: who engaged later, or None if not known.
        activity: (n,) expected events of any item, or None if not known.
        split: (3, n) what each part of the model adds to the places taken, or None.
        facts: What was counted, for people.
    """

    user_ids: pd.Index[Any]
    about: list[list[Any] | None]
    selected: sp.csr_array
    acted: sp.csr_array | None = None
    activity: Array | None = None
    split: Array | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def selection(self) -> Selection:
        """Return what each user's lists add up to."""
        taken = _sums(self.selected)
        if self.acted is None:
            unknown = np.full(len(taken), np.nan)
            return Selection(len(self.about), taken, unknown, unknown)
        hits = sp.csr_array(self.selected.multiply(self.acted))
        return Selection(len(self.about), taken, _sums(self.acted), _sums(hits))

    def with_outcomes(self, outcomes: Any, begin: Any, span: int | None) -> Lists:
        """Return the same lists with what users did later.

        Args:
            outcomes: An event log, or ids of those who acted.
            begin: The time from which events count, or None for all.
            span: For how long they count, microseconds; None is until the end.

        Raises:
            DataError: No event counts, or none is of a user who could be listed.
        """
        users = Vocabulary(self.user_ids, "user")
        if not isinstance(outcomes, Interactions | pd.DataFrame):
            return self._with_ids(users, outcomes)
        log = as_interactions(outcomes)
        window, facts = _window(log, begin, span)
        rows = users.codes(log.users.ids)[window.user]
        if not (rows >= 0).any():
            raise DataError(
                f"None of the {len(window)} outcomes is of a user who could be listed (the log's "
                f"first is {log.users.ids[0]!r}). Are the ids the same?"
            )
        acted = _stacked(self._who(log, window, rows, items) for items in self.about)
        facts |= {"outcomes of others": int((rows < 0).sum())}
        return replace(self, acted=acted, facts=self.facts | facts)

    def _with_ids(self, users: Vocabulary, outcomes: Iterable[Any]) -> Lists:
        codes = users.codes(list(outcomes))
        acted = np.zeros(len(users))
        acted[codes[codes >= 0]] = 1.0
        facts = self.facts | {"outcomes of others": int((codes < 0).sum())}
        matrix = sp.csr_array(np.repeat(acted[:, None], len(self.about), axis=1))
        return replace(self, acted=matrix, facts=facts)

    def _who(self, log: Interactions, window: Interactions, rows: Any, items: Any) -> Any:
        acted = np.zeros(len(self.user_ids), bool)
        mine = rows >= 0
        if items is not None:
            mine &= np.isin(window.item, log.items.codes(items))
        acted[rows[mine]] = True
        return acted


def _window(log: Interactions, begin: Any, span: int | None) -> tuple[Interactions, dict[str, Any]]:
    """Return the events of the window, and how many lie outside it."""
    if begin is None:
        return log, {"outcomes": len(log)}
    start = log.read_time(begin)
    end = int(log.time.max(initial=start)) + 1 if span is None else start + span
    window = log.where((log.time >= start) & (log.time < end))
    if not len(window):
        raise DataError(
            f"No outcome lies in the window that begins at {begin}: the {len(log)} events end "
            f"before it, or begin after it. Outcomes are what users did after the cut-off."
        )
    return window, {
        "outcomes": len(window),
        "events before the cut-off, left out": int((log.time < start).sum()),
        "events after the horizon, left out": int((log.time >= end).sum()),
    }


def lists_of_table(audience: pd.DataFrame, users: pd.DataFrame, items: list[Any] | None) -> Lists:
    """Return the lists of a table of user_id, and item_id if there are several.

    Everybody in the table of users could have been listed, and so could those listed whom it lacks.

    Raises:
        DataError: There is no user_id, or nobody is listed.
        SettingsError: Items are given for lists that name theirs.
    """
    if "user_id" not in audience or audience.empty:
        raise DataError("The audience needs the column 'user_id' and at least one row.")
    members = pd.Index(users.get("user_id", users.index))
    rows = rows_of(members, pd.Index(audience["user_id"]))
    strangers = pd.Index(audience["user_id"])[rows < 0].unique()
    rows[rows < 0] = len(members) + strangers.get_indexer(audience["user_id"][rows < 0])
    codes: Any = np.zeros(len(audience), np.int64)
    about: list[list[Any] | None] = [items]
    if "item_id" in audience:
        if items is not None:
            raise SettingsError("items has no effect on lists with an item_id; leave it out.")
        codes, names = pd.factorize(audience["item_id"])
        about = [[name] for name in names]
    ids = members.append(strangers) if len(strangers) else members
    taken = sp.csr_array((np.ones(len(rows)), (rows, codes)), shape=(len(ids), len(about)))
    taken.data[:] = 1.0
    return Lists(ids, about, taken, facts={"listed, not in the table of users": len(strangers)})


def lists_of_model(
    model: PartedModel, items: list[Any] | None, size: int | None, at: Any, events: Any
) -> Lists:
    """Return the lists that a model makes: of one campaign, or of each of its items.

    Args:
        model: The model.
        items: Items of the campaign; None makes a list for each item that has a score.
        size: Users of a list; None is 1 % of them.
        at: See `AudienceModel.scores`.
        events: See `AudienceModel.scores`.

    Raises:
        SettingsError: The size is impossible.
        UnknownIdError: An item is not known.
    """
    parts = model.score_parts(at=at, events=events)
    n = len(parts.user_ids)
    num = one_percent(n) if size is None else size
    if not 1 <= num <= n:
        raise SettingsError(f"size={num} is not possible with {n} users; list from 1 to all.")
    campaigns = _campaigns(parts, items)
    split = np.zeros((3, n))
    for columns in campaigns:
        split += split_places(parts, columns, num)
    taken = _stacked(_best(parts, columns, num) for columns in campaigns)
    about = cast("list[list[Any] | None]", [list(parts.item_ids[one]) for one in campaigns])
    facts = {"size": num, "lists": len(campaigns)}
    return Lists(parts.user_ids, about, taken, None, parts.activity, split, facts)


def _best(parts: ScoreParts, columns: AnyArray, size: int) -> Array:
    scores, allowed = campaign_scores(parts, columns)
    return take_best(scores, size, allowed)


def _campaigns(parts: ScoreParts, items: list[Any] | None) -> list[Any]:
    if items is not None:
        return [Vocabulary(parts.item_ids, "item").find(items)]
    scored = np.flatnonzero(~np.isneginf(parts.shares.item_bias))
    return [np.array([column]) for column in scored]


def _stacked(columns: Iterable[AnyArray]) -> sp.csr_array:
    """Return columns side by side, (n, m) sparse."""
    return sp.csr_array(sp.hstack([sp.csc_array(c.astype(float)[:, None]) for c in columns]))


def _sums(matrix: sp.csr_array) -> Array:
    return np.asarray(matrix.sum(axis=1), np.float64).ravel()

"""Who and what may be listed at a time: the users' states, what they expect, all attributes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, AnyIntegers, Array, Indices, Mask
from tsgen.data import Interactions, Vocabulary, plain_value
from tsgen.data.events import OnUnknown, Spend
from tsgen.errors import DataError, DataWarning
from tsgen.scores import ScoreMatrix, ScoreParts

from ..relevance import ItemPart
from .eligibility import (
    Eligibility,
    ExcludeSeen,
    Filter,
    akin_items,
    eligible_users,
)
from .user_states import UserStates

__all__ = ["Candidates", "as_list", "filled"]

_SEVERAL = (Sequence, Set, np.ndarray, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)


@dataclass(frozen=True, eq=False)
class Candidates:
    """n users at a time and the m items of a model.

    Attributes:
        states: The users.
        activity: (n,) expected events, see `UserStates.expected`.
        items: The items.
        item_part: Their factors and biases.
        user_table: Attributes, (n, columns), or None.
        item_table: Attributes, (m, columns), or None.
        listed: (n,) whether a table says that the user exists.
        at: The time, in microseconds since 1970 UTC.
        recur: Whether pairs that have occurred have a score.
        events: What the states are of, or None if that is not kept.
        spend: What an event is worth, or None if the log has no values.
        crowding: (n,) what a user's intensities are divided by, so that they add up to the activity
            at most; None divides by what borrowed scores add.
        on_attributes: (c,) columns of the items that rest on attributes alone.
        users_on_attributes: Rows of users without events who rest on attributes.
        likeness: (c, items with events or without) sparse, what each of them goes with.
    """

    states: UserStates
    activity: Array
    items: Vocabulary
    item_part: ItemPart
    user_table: pd.DataFrame | None
    item_table: pd.DataFrame | None
    listed: Mask
    at: int = 0
    recur: bool = True
    events: Interactions | None = None
    spend: Spend | None = None
    crowding: Array | None = None
    on_attributes: AnyIntegers = field(default_factory=lambda: np.zeros(0, np.int64))
    likeness: sp.csr_array | None = None
    users_on_attributes: Indices = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of_training(
        cls,
        states: UserStates,
        items: Vocabulary,
        item_part: ItemPart,
        *,
        recur: bool,
        user_table: pd.DataFrame | None = None,
        item_table: pd.DataFrame | None = None,
        events: Interactions | None = None,
        spend: Spend | None = None,
    ) -> Self:
        """Return the users of training; `candidates_at` says what they do at a time."""
        listed = np.full(len(states), user_table is not None)
        once = np.ones(len(states))
        return cls(
            states,
            once,
            items,
            item_part,
            user_table,
            item_table,
            listed,
            recur=recur,
            events=events,
            spend=spend,
        )

    def of_users(self, users: Vocabulary, present: Mask, at: int) -> Self:
        """Return other users, of whom ids and attributes are known: to filter, not to score.

        Attributes are those of training.

        Args:
            users: Their ids (k).
            present: (k,) who is known to exist.
            at: The time, in microseconds since 1970 UTC.
        """
        rows = self.states.users.codes(users.ids)
        return replace(
            self,
            states=UserStates.without_histories(users, present, at, len(self.items)),
            activity=np.ones(len(users)),
            user_table=filled(None, self.user_table, rows),
            listed=(rows >= 0) & (self.user_table is not None),
            at=at,
            events=None,
            spend=None,
            crowding=None,
        )

    @property
    def users(self) -> Vocabulary:
        """The ids of the users."""
        return self.states.users

    @property
    def present(self) -> Mask:
        """Who is known to exist: who did nothing yet may not, unless a table says so, (n,)."""
        return np.asarray(self.listed | ~self.without_past)

    @property
    def without_past(self) -> Mask:
        """Which users have no event, (n,)."""
        return np.asarray(np.diff(sp.csr_array(self.states.seen).indptr) == 0)

    def scores(self) -> ScoreMatrix:
        """Return the intensities.

        Items without events take of the user's activity what they add to the others, so that a
        user's intensities add up to the activity at most.
        """
        parts = self.parts()
        with np.errstate(divide="ignore"):
            bias = parts.shares.user_bias + np.log(parts.activity)
        pairs = sp.csr_array(self.states.pairs.multiply(parts.activity[:, None]))
        pairs.eliminate_zeros()
        return replace(parts.shares, user_bias=bias, pairs=pairs if pairs.nnz else None)

    def parts(self) -> ScoreParts:
        """Return what the intensities are the product of: activity, relevance, own past."""
        states, items = self.states, self.item_part
        crowding = self.crowding
        if crowding is None:
            crowding = 1 + items.cold_mass(states.factors, states.bias)
        activity = self.activity / crowding
        shares = ScoreMatrix(
            states.users.ids,
            self.items.ids,
            states.factors,
            items.factors,
            states.bias,
            items.bias,
            pairs=states.pairs if states.pairs.nnz else None,
            excluded=None if self.recur else states.seen,
        )
        return ScoreParts(activity, shares)

    @property
    def without_events(self) -> AnyIntegers:
        """Columns of the items whose scores rest on attributes."""
        return np.append(self.on_attributes, self.item_part.cold)

    @property
    def says_basis(self) -> bool:
        """Whether lists say what their rows rest on: some do not rest on events."""
        return bool(len(self.without_events) or len(self.users_on_attributes))

    def basis(self, rows: AnyIntegers, columns: AnyIntegers) -> AnyArray:
        """Return what scores rest on, "events", "attributes" or "nothing of their own", (p,).

        The last are of users without events and attributes.

        Args:
            rows: (p,) users.
            columns: (p,) items.
        """
        alone = np.isin(columns, self.without_events) | np.isin(rows, self.users_on_attributes)
        nothing = self.without_past[rows] & ~np.isin(rows, self.users_on_attributes)
        kinds = np.where(alone, "attributes", "events").astype(object)
        kinds[nothing] = "nothing of their own"
        return kinds

    def columns(self, items: list[Any]) -> Indices:
        """Return the columns of these items, each once.

        Raises:
            DataError: There are none, or one has neither events nor attributes to score it by.
            UnknownIdError: There is no such item.
        """
        columns = _each_once(self.items, items)
        cold = columns[np.isneginf(self.item_part.bias[columns])]
        if len(cold):
            stranger = plain_value(self.items.ids[cold[0]])
            raise DataError(
                f"Item {stranger!r} has no event before the training cut-off and shares no "
                "attribute with an item that has; give it attributes (items=...) and train again.",
                item_id=stranger,
            )
        return columns

    def rows(self, users: list[Any]) -> Indices:
        """Return the rows of these users, each once.

        Raises:
            DataError: There are none.
            UnknownIdError: There is no such user.
        """
        return _each_once(self.states.users, users)

    def eligible(
        self,
        exclude: Iterable[Any] | None,
        where: Filter | None,
        exclude_where: Filter | None,
        on_unknown: OnUnknown = "error",
    ) -> Eligibility:
        """Return who is known to exist and may be listed; see `eligible_users`."""
        table, users = self.user_table, self.states.users
        if (where or exclude_where) and table is not None and not self.listed.all():
            stranger = plain_value(users.ids[int((~self.listed).argmax())])
            warnings.warn(
                f"{int((~self.listed).sum())} of {len(users)} users are in no table of users (the "
                f"first: {stranger!r}), so no attribute applies to them; give the newer log one "
                "(users=...).",
                DataWarning,
                stacklevel=3,
            )
        eligibility = eligible_users(users, table, exclude, where, exclude_where, on_unknown)
        return replace(eligibility, allowed=eligibility.allowed & self.present)

    def unseen(self, columns: AnyIntegers, like: ExcludeSeen) -> Mask:
        """Return who has no event of these items, nor of one akin to them, (n,).

        Args:
            columns: Items.
            like: See `akin_items`.
        """
        akin = akin_items(columns, len(self.items), self.item_table, like)
        return np.asarray(self.states.seen @ akin.astype(np.int32) == 0)


def _each_once(vocabulary: Vocabulary, ids: list[Any]) -> Indices:
    if not ids:
        raise DataError(f"The list of {vocabulary.what}s is empty; name at least one.")
    codes = vocabulary.find(ids)
    return codes[np.sort(np.unique(codes, return_index=True)[1])]


def filled(
    newer: pd.DataFrame | None, older: pd.DataFrame | None, rows: AnyIntegers
) -> pd.DataFrame | None:
    """Return newer attributes, and the older ones that they do not tell.

    Args:
        newer: (n, columns), or None.
        older: Attributes, or None.
        rows: (n,) row of `older` for each row of `newer`, -1 where there is none.
    """
    if older is not None:
        older = older.reset_index(drop=True).reindex(rows).reset_index(drop=True)
    if newer is None or older is None:
        return older if newer is None else newer
    columns: dict[Any, Any] = {}
    for name in dict.fromkeys([*newer.columns, *older.columns]):
        if name in newer and name in older:
            now, before = newer[name], older[name]
            if now.dtype != before.dtype:
                now, before = now.astype(object), before.astype(object)
            columns[name] = now.where(now.notna(), before)
        else:
            columns[name] = newer[name] if name in newer else older[name]
    return pd.DataFrame(columns)


def as_list(items: Any, vocabulary: Vocabulary) -> list[Any]:
    """Return a sequence, set or column of ids as a list; anything else is one id.

    So are texts, and a tuple (or another kind that can be an id) where an id is one.
    """
    several = isinstance(items, _SEVERAL) and not isinstance(items, str | bytes)
    if several and isinstance(items, tuple | frozenset):
        several = not any(isinstance(one, type(items)) for one in vocabulary.ids)
    return list(items) if several else [items]

"""Newer histories in terms of a fitted model: nothing is learnt again."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from tsgen.arrays import Indices
from tsgen.data import Histories, Interactions, Vocabulary, as_interactions, plain_value
from tsgen.data.events import Spend, check_same_hashing, end_of_log, to_stamps
from tsgen.errors import DataError, DataWarning, SettingsError

from ..relevance import with_cold_items
from .candidates import Candidates, filled
from .parts import FittedParts
from .user_states import UserStates

__all__ = ["OnDelta", "delta_doubts", "of_listed_items", "read_newer", "refuse_delta"]

OnDelta = Literal["warn", "error", "update"]
"""What becomes of a newer log that holds no whole histories."""

_FEW = 0.1
"""Of the users: a log of the last year forgets old events of some, too."""

_LITTLE = 0.25
"""Of the pairs of user and item that were known at the cut-off, events before it."""


def read_newer(
    events: Any, at: int | None, candidates: Candidates, parts: FittedParts, horizon: int
) -> Candidates:
    """Return the users of another log, by their histories there, and the items.

    Attributes are those of its tables, and those of training that they do not tell.

    Args:
        events: `Interactions`, or a table as `Interactions.from_frame` takes it. Events of items
            that the model does not know are left out, with a warning that counts them.
        at: The time of the request in microseconds; later events are left out likewise. None is
            just after the last event.
        candidates: The users and items of training.
        parts: What has learnt.
        horizon: Microseconds.

    Raises:
        DataError: No event is of an item that the model knows, or none lies before `at`.
    """
    log = as_interactions(events)
    check_same_hashing(candidates.states.users, log.users)
    moment = end_of_log(log) if at is None else at
    if later := int((log.time >= moment).sum()):
        asked = to_stamps(np.array([moment]), log.timezone)[0]
        _warn(f"{later} events at or after at={asked} are left out.")
    for doubt in delta_doubts(log, candidates.states, at):
        _warn(doubt)
    left = of_listed_items(log, candidates.items)
    left = left.where(left.time < moment)
    if not len(left.time):
        asked = to_stamps(np.array([moment]), log.timezone)[0]
        raise DataError(
            f"None of the {len(log.time)} newer events lies before at={asked}; give a later time, "
            "or the whole log until then."
        )
    states = UserStates.of(Histories.of(left, moment), log.users, parts, horizon)
    rows = candidates.states.users.codes(log.users.ids)
    newer = replace(
        candidates,
        states=states,
        activity=np.ones(len(states)),
        user_table=filled(log.user_table, candidates.user_table, rows),
        events=left,
        spend=_spend(left, candidates, rows),
        listed=(rows >= 0) & (candidates.user_table is not None) | (log.user_table is not None),
    )
    if left.item_table is None:
        return newer
    table = filled(left.item_table, candidates.item_table, np.arange(len(candidates.items)))
    return replace(
        newer, item_table=table, item_part=with_cold_items(parts.relevance, table, parts.item_power)
    )


def of_listed_items(log: Interactions, items: Vocabulary) -> Interactions:
    """Return the log's events of a model's items, in the model's codes; so are its attributes.

    Args:
        log: Events of other items are left out.
        items: Of the model.

    Raises:
        DataError: No event is left.

    Warns:
        DataWarning: Events are left out.
    """
    place = items.codes(log.items.ids)
    kept = place[log.item] >= 0
    if lost := int((~kept).sum()):
        _warn(f"{lost} events of items that the model does not know are left out.")
    if not kept.any():
        raise DataError(
            f"None of the {len(kept)} events is of an item that the model knows (such as "
            f"{plain_value(items.ids[0])!r}); are the item ids written as in training?"
        )
    left, table = log.where(kept), log.item_table
    return replace(
        left,
        items=items,
        item=place[left.item].astype(np.int32),
        item_table=None if table is None else filled(None, table, log.items.codes(items.ids)),
    )


def _spend(log: Interactions, candidates: Candidates, rows: Indices) -> Spend | None:
    """Return what the newer log says of values, or else what is known of its users."""
    if Spend.is_in(log):
        return Spend.of(log, log.users, candidates.items)
    return None if candidates.spend is None else candidates.spend.of_rows(rows)


def delta_doubts(log: Interactions, states: UserStates, at: int | None) -> list[str]:
    """Return why a log seems to hold no whole histories, but only what is new; empty if it does.

    Args:
        log: The newer log.
        states: The users of training.
        at: The time asked about; None is the end of the log.
    """
    doubts = []
    if at is None and end_of_log(log) < states.at:
        last, cut = to_stamps(np.array([int(log.time.max()), states.at]), log.timezone)
        doubts.append(
            f"The newer log ends at {last}, before the training cut-off {cut}, and lists are as of "
            "its end. Give a log that goes on until now, or pass on_delta='update' to add what "
            "came in late to what the model knows."
        )
    there = int((log.users.codes(states.users.ids) >= 0).sum())
    if there < len(states) / 2:
        doubts.append(
            f"The newer log has {there} of the {len(states)} users of training and is taken as "
            "whole histories: the others are in no list. Give the whole log, old events included, "
            "or pass on_delta='update' to add what is new to what the model knows, as "
            "model.update(events) and tsgen update do."
        )
    elif fresh := _without_their_past(log, states):
        doubts.append(
            f"Of {fresh} of the {there} users of training the newer log has no event from before "
            "the training cut-off, though they had some: they are taken as new. Give the whole "
            "log, old events included, or pass on_delta='update', as tsgen update does."
        )
    elif (early := int((log.time < states.at).sum())) < _LITTLE * states.seen.nnz:
        doubts.append(
            f"The newer log has {early} events from before the training cut-off, where "
            f"{states.seen.nnz} pairs of user and item were known: it is taken as whole histories, "
            "and the rest is forgotten. Give the whole log, old events included, or pass "
            "on_delta='update' to add what is new, or came in late, to what the model knows."
        )
    return doubts


def _without_their_past(log: Interactions, states: UserStates) -> int:
    """Return how many users of training are there by new events alone, where these are many."""
    rows = states.users.codes(log.users.ids)
    first = np.full(len(rows), np.iinfo(np.int64).max)
    np.minimum.at(first, log.user, log.time)
    active = np.diff(states.seen.indptr)[np.maximum(rows, 0)] > 0
    trained = (rows >= 0) & active
    fresh = int((trained & (first >= states.at)).sum())
    return fresh if fresh > _FEW * int(trained.sum()) else 0


def refuse_delta(
    log: Interactions | None,
    states: UserStates,
    at: int | None,
    on_delta: OnDelta,
    num_events: int | None = None,
) -> bool:
    """Return whether what is new in a log is to be added to what is known; refuse it if asked for.

    Args:
        log: The newer log, or None.
        states: The users of training.
        at: The time asked about; None is the end of the log.
        on_delta: With "update", a log with fewer events before the cut-off than are known is no
            whole one.
        num_events: Events that are known; None if they are not kept.

    Raises:
        DataError: It does, and `on_delta` is "error".
        SettingsError: `on_delta` is none of its values.
    """
    if on_delta not in get_args(OnDelta):
        raise SettingsError(
            f"on_delta={on_delta!r} is not possible: use one of {', '.join(get_args(OnDelta))}."
        )
    if log is None or on_delta == "warn":
        return False
    doubts = delta_doubts(log, states, at)
    if doubts and on_delta == "error":
        raise DataError(" ".join(doubts))
    fewer = num_events is not None and int((log.time < states.at).sum()) < num_events
    return bool(doubts) or (on_delta == "update" and fewer)


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=5)

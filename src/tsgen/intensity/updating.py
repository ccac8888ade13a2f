"""A fitted RIM with newer events: its states are as the whole log would give them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.data import Interactions, as_interactions
from tsgen.data.events import ReadOptions, check_same_hashing, end_of_log, to_stamps
from tsgen.errors import DataError, DataWarning, SettingsError

from .joined_logs import joined_logs, refuse_sample
from .kept_events import KeptEvents
from .scoring import of_listed_items
from .track_record import PastTotal, total_facts

if TYPE_CHECKING:
    from .model import RIMModel

__all__ = ["with_newer_events"]

_FACTS = (
    "num_events", "num_users", "first", "last", "longest_history", "repeat_share",
    "user_attributes", "item_attributes",
)  # fmt: skip


def with_newer_events(model: RIMModel, events: Any, log: Any, at: Any) -> dict[str, Any]:
    """Return what changes in a model that knows newer events; see `RIMModel.update`."""
    refuse_sample(model)
    whole = _whole(model, events, log)
    moment = max(end_of_log(whole), model.states.at) if at is None else whole.read_time(at)
    if moment < model.states.at:
        cut, asked = to_stamps(np.array([model.states.at, moment]), model.timezone)
        raise SettingsError(
            f"at={asked} lies before the cut-off {cut} of the model, whose states know what came "
            "before that; choose a later time."
        )
    if later := int((whole.time >= moment).sum()):
        asked = to_stamps(np.array([moment]), model.timezone)[0]
        _warn(f"{later} events at or after at={asked} are left out.")
    whole = whole.where(whole.time < moment)
    stamp = to_stamps(np.array([moment]), "UTC")[0]
    candidates = model.trained_candidates(at=stamp, events=whole)
    return {
        "states": candidates.states,
        "user_table": candidates.user_table,
        "item_table": candidates.item_table,
        "events": KeptEvents.of(whole),
        "spend": candidates.spend,
        "summary": _summary(model, whole, candidates.activity),
    }


def _whole(model: RIMModel, events: Any, log: Any) -> Interactions:
    """Return old events and new ones as one log.

    Two tables are read as one where returns cancel purchases, so that a return in the newer one
    reaches the purchases of the older.
    """
    options = model.read_options
    if options.returns == "cancel":
        if isinstance(log, pd.DataFrame) and isinstance(events, pd.DataFrame):
            tables = pd.concat([log, events], ignore_index=True)
            return of_listed_items(as_interactions(tables, options), model.items)
        if isinstance(events, pd.DataFrame) and _has_returns(events, options):
            _warn(
                "Returns among the newer events cancel purchases among them alone, for what older "
                "ones were worth is not kept; give the log until now as a table, log=."
            )
    newer = as_interactions(events, options)
    _say_if_late(model, newer)
    return joined_logs(_older(model, log), of_listed_items(newer, model.items))


def _say_if_late(model: RIMModel, newer: Interactions) -> None:
    """Warn of newer events that all lie before the cut-off: the file of an earlier day, perhaps."""
    if len(newer) and int(newer.time.max()) < model.states.at:
        last, cut = to_stamps(np.array([newer.time.max(), model.states.at]), model.timezone)
        _warn(
            f"All {len(newer)} events given as newer lie before the cut-off {cut} of the model; "
            f"the last is at {last}. They are added to what it knows, as events that came in late, "
            "and the cut-off stays; if that is the file of an earlier day, give the one since then."
        )


def _has_returns(events: pd.DataFrame, options: ReadOptions) -> bool:
    amounts = events.get(options.quantity or options.value or "value")
    return amounts is not None and bool((pd.to_numeric(amounts, errors="coerce") < 0).any())


def _older(model: RIMModel, log: Any) -> Interactions:
    """Return the events that the states are of, from the model or else from the given log."""
    users, items, at = model.states.users, model.items, model.states.at
    if log is not None:
        given = as_interactions(log, model.read_options)
        check_same_hashing(users, given.users)
        if absent := int((given.users.codes(users.ids) < 0).sum()):
            _warn(
                f"{absent} of the {len(users)} users of the model are not in log= and are lost; it "
                "seems to be another log than the model was trained on."
            )
        return of_listed_items(given.where(given.time < at), items)
    if model.events is None:
        raise DataError(
            "The model keeps no events (it was trained with keep_events=False, or by an earlier "
            "version), so newer ones cannot be added to them; give the log it was trained on as "
            "log=, or the whole log as events= when you ask for lists."
        )
    return model.events.log(users, items, model.timezone)


def _summary(model: RIMModel, whole: Interactions, activity: Array) -> dict[str, Any]:
    facts = whole.facts()
    summary = model.summary | {name: facts[name] for name in _FACTS}
    summary["fingerprint"] = whole.fingerprint()
    summary["updates"] = model.summary.get("updates", 0) + 1
    if "past_horizons" in summary:
        total = float(activity[whole.lengths > 0].sum())
        past = [PastTotal(**horizon) for horizon in summary["past_horizons"]]
        summary |= total_facts(total, past)
    return summary


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=5)

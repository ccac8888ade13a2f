"""Events that a person should look at before a model does: stray times, users who are machines."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Mask
from tsgen.errors import DataError, DataWarning

from .cases import case_doubt
from .machines import find_machines
from .stray import find_strays

if TYPE_CHECKING:
    from ..interactions import Interactions

__all__ = ["warn_of_doubts", "without_doubts"]

_DAY = 86_400_000_000
_NAMED = 3


def warn_of_doubts(events: Interactions, horizon: int) -> None:
    """Name stray times and plain machines, unless reading said to keep them, and ids by case.

    Args:
        events: The log.
        horizon: Microseconds; see `find_strays`.

    Warns:
        DataWarning: There are some.
    """
    options = events.read_options
    if options.on_stray != "keep":
        for strays in find_strays(events, horizon):
            _warn(
                f"{strays.text}. If the dates are wrong, correct or drop these events: reading "
                "with on_stray='drop' leaves them out, 'keep' takes them without a word; at= "
                "sets a cut-off before late ones."
            )
    if options.on_machine != "keep" and (machines := _machines(events)):
        _warn(
            f"{machines[0]}. Reading with on_machine='drop' leaves them out, 'keep' takes them "
            "without a word."
        )
    for ids, what in ((events.users.ids, "user"), (events.items.ids, "item")):
        if doubt := case_doubt(ids, what):
            _warn(f"{doubt}. Where they are the same, write them alike before reading.")


def without_doubts(events: Interactions) -> Interactions:
    """Return the log without stray times and machines, as its reading options say.

    Raises:
        DataError: There are some, and the option is "error".

    Warns:
        DataWarning: Events are left out; it says which.
    """
    options = events.read_options
    if options.on_stray in ("drop", "error") and (strays := find_strays(events, _DAY)):
        text = "; ".join(one.text for one in strays)
        bad = np.any([one.events for one in strays], axis=0)
        events = _treated(events, text, bad, "on_stray", options.on_stray)
    if options.on_machine in ("drop", "error") and (machines := _machines(events)):
        events = _treated(events, *machines, "on_machine", options.on_machine)
    return events


def _machines(events: Interactions) -> tuple[str, Mask] | None:
    """Return who they are, and which events are theirs."""
    machines = find_machines(events)
    if not machines:
        return None
    theirs = np.isin(events.user, [machine.code for machine in machines])
    more = ", ..." if len(machines) > _NAMED else ""
    text = (
        f"{len(machines)} of {events.num_users} users are plainly machines, with "
        f"{int(theirs.sum())} of {len(events)} events: "
        f"{', '.join(machine.text for machine in machines[:_NAMED])}{more}"
    )
    return text, theirs


def _treated(events: Interactions, text: str, bad: Mask, name: str, choice: str) -> Interactions:
    if choice == "error":
        raise DataError(f"{text}. Correct the log, or pass {name}='drop' or 'keep'.")
    if bad.all():
        raise DataError(f"{text}. Nothing would be left of the log without them.")
    _warn(f"{text}. These {int(bad.sum())} events were left out.")
    return events.where(~bad)


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=4)

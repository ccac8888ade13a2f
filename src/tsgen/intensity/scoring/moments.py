"""The candidates of a request: at a time, and by newer histories if they are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tsgen.data import Interactions
from tsgen.data.events import to_stamps
from tsgen.errors import SettingsError

from .candidates import Candidates
from .newer_events import read_newer
from .parts import FittedParts

__all__ = ["candidates_at"]


def candidates_at(
    trained: Candidates,
    parts: FittedParts,
    horizon: int,
    at: int | None,
    events: Interactions | None,
    *,
    timezone: str | None,
) -> Candidates:
    """Return the users at a time, with their activity, and the items; see `RIMModel.scores`.

    Args:
        trained: The users and items of training.
        parts: What has learnt.
        horizon: Microseconds.
        at: The time in microseconds; None is the training cut-off, or the end of `events`.
        events: A newer log; None keeps the saved states.
        timezone: Of the training events, for the message.

    Raises:
        SettingsError: The time lies before the states that it starts from.
    """
    candidates = trained if events is None else read_newer(events, at, trained, parts, horizon)
    states = candidates.states
    moment = states.at if at is None else at
    if moment < states.at:
        cut, asked = to_stamps(np.array([states.at, moment]), timezone)
        raise SettingsError(
            f"at={asked} lies before the training cut-off {cut}; the model knows what came "
            "after it. Choose a later time, or give the histories with events=."
        )
    elapsed = (moment - states.at) / horizon
    return replace(candidates, at=moment, activity=states.expected(parts.activity, elapsed))

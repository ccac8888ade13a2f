"""The test window of a study of audiences: what was known before it, and what happened in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Array, Integers
from tsgen.contracts import AudienceEstimator, AudienceModel, Intensities
from tsgen.data import Interactions, Vocabulary, plain_value
from tsgen.data.events import read_span, span_text, to_stamps, warn_of_doubts
from tsgen.errors import DataError, SettingsError
from tsgen.training import TrainingOptions

__all__ = ["AudienceWindow", "open_window", "train_before", "window_start"]


@dataclass(frozen=True, eq=False)
class AudienceWindow:
    """Scores of users and items at a time, the events before it, and what came after.

    Attributes:
        scores: Intensities of n users and m items.
        past: The log's events before the window, if it has any.
        at: When the window begins, microseconds since 1970 UTC.
        horizon: Its length, microseconds.
        targets: (n, m) sparse, events of each pair in the window.
        facts: What was kept and left out, for people.
    """

    scores: Intensities
    past: Interactions
    at: int
    horizon: int
    targets: sp.csr_array
    facts: dict[str, Any]

    def of_log(self, codes: Integers, weights: Array) -> sp.csr_array:
        """Return the sums of weights of events at the places `codes` of a user and an item.

        Args:
            codes: (2, e) row and column, -1 where a user or an item has no score.
            weights: (e,).
        """
        scored = (codes >= 0).all(axis=0)
        return sp.csr_array((weights[scored], codes[:, scored]), shape=self.scores.shape)

    def places(self, log: Interactions) -> Integers:
        """Return the row and column of each event of a log, (2, events), -1 where there is none."""
        return _event_places(self.scores, log)

    @cached_property
    def seen(self) -> sp.csr_array | None:
        """The pairs that a list for newcomers leaves out, (n, m); None where no past is known."""
        seen = self.of_log(self.places(self.past), np.ones(len(self.past)))
        if not seen.nnz:
            return None
        exclude = self.scores.excluded
        return seen if exclude is None else sp.csr_array(seen + (exclude != 0))


def _event_places(scores: Intensities, log: Interactions) -> Integers:
    """Return the row and column of each event, (2, events), -1 where there is none."""
    users = Vocabulary(scores.user_ids, "user").codes(log.users.ids)
    items = Vocabulary(scores.item_ids, "item").codes(log.items.ids)
    return np.stack([users[log.user], items[log.item]])


def window_start(events: Interactions, horizon: str, at: Any) -> int:
    """Return where the test window begins: at `at`, or so that the log ends with the window.

    Raises:
        DataError: Nothing would be left to train on, or to test on.
    """
    span = read_span(horizon)
    first, last = int(events.time.min()), int(events.time.max())
    start = last + 1 - span if at is None else events.read_time(at)
    if at is None:
        warn_of_doubts(events, span)
    if not first < start <= last:
        ends = [str(stamp) for stamp in to_stamps(np.array([first, last]), events.timezone)]
        asked = f"at={at}" if at is not None else f"the last {horizon} before the end"
        raise DataError(
            f"The test window cannot begin at {asked}: the events go from {ends[0]} to {ends[1]}, "
            "and some must lie before it and some in it. Choose another time or a shorter horizon."
        )
    return start


def train_before(
    estimator: AudienceEstimator, events: Interactions, start: int, options: Any, seed: int
) -> AudienceModel:
    """Train on the events before `start`; later ones, their users and their items, stay unseen.

    `TrainingOptions` without a seed get `seed`.
    """
    if options is None or isinstance(options, TrainingOptions):
        options = (options or TrainingOptions()).resolved(seed)
    past = events.where(events.time < start).present()
    return estimator.train(past, at=_stamp(start), options=options)


def open_window(events: Interactions, model: AudienceModel, at: Any) -> AudienceWindow:
    """Score the users of a model and count what they did in the window after.

    Args:
        events: A log with later events than the model's; with earlier ones too, if `at` is later
            than its cut-off.
        model: The model.
        at: When the window begins; None is the model's cut-off.

    Raises:
        SettingsError: The model has learnt from events of the window.
        DataError: There are no events in the window, or none of users and items it knows.
    """
    cutoff = events.read_time(model.cutoff)
    start = cutoff if at is None else events.read_time(at)
    _check_start(events, model, start, cutoff)
    past = events.where(events.time < start)
    if start == cutoff:
        scores = model.scores()
    else:
        scores = model.scores(at=_stamp(start), events=past if len(past) else None)
    span = read_span(model.horizon)
    window = events.where((events.time >= start) & (events.time < start + span))
    places = _event_places(scores, window)
    scored = (places >= 0).all(axis=0)
    if not scored.any():
        theirs, ours = (plain_value(ids[0]) for ids in (events.users.ids, scores.user_ids))
        raise DataError(
            f"None of the {len(window)} events in the test window is of a user and an item that "
            f"the model knows (the log's first user is {theirs!r}, the model's {ours!r}). Are the "
            "ids the same?"
        )
    targets = sp.csr_array((np.ones(int(scored.sum())), places[:, scored]), shape=scores.shape)
    targets.sum_duplicates()
    facts = _facts(events, window, places, scores, start, span)
    return AudienceWindow(scores, past, start, span, targets, facts)


def _check_start(events: Interactions, model: AudienceModel, start: int, cutoff: int) -> None:
    last = int(events.time.max())
    begins, ends, cut = to_stamps(np.array([start, last, cutoff]), events.timezone)
    if start < cutoff:
        raise SettingsError(
            f"The test window would begin at {begins}, but the model has learnt from events up to "
            f"{cut}: it would be judged by what it has seen. Begin later, or train on the part "
            "before."
        )
    if start > last:
        raise DataError(
            f"No event lies in the test window: it begins at {begins} (the model's cut-off is "
            f"{cut}), and the last event is at {ends}. Give a newer log, or train on the first "
            "part of this one."
        )


def _facts(
    events: Interactions,
    window: Interactions,
    places: Integers,
    scores: Intensities,
    start: int,
    span: int,
) -> dict[str, Any]:
    moments = np.array([start, start + span, int(events.time.max())])
    begins, ends, last = to_stamps(moments, events.timezone).floor("s")
    missing = places < 0
    covered = min(int(events.time.max()) + 1 - start, span) / span
    return {
        "begins": str(begins),
        "ends": str(ends),
        "last_event": str(last),
        "covered": round(covered, 4),
        "horizon": span_text(span),
        "events": len(window),
        "active_users": int((window.lengths > 0).sum()),
        "candidate_users": scores.shape[0],
        "candidate_items": scores.shape[1],
        "events_of_unknown_users": int(missing[0].sum()),
        "events_of_unknown_items": int(missing[1].sum()),
        "events_counted": int((~missing.any(axis=0)).sum()),
        "events_after_the_window": int((events.time >= start + span).sum()),
    }


def _stamp(moment: int) -> pd.Timestamp:
    stamp: pd.Timestamp = to_stamps(np.array([moment]), "UTC")[0]
    return stamp

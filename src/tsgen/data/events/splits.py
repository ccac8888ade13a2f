"""Splits of an event log in time: training events, requests, targets, and what was left out.

Source: Ma, Liu, Deoras, "Bridging Recommendation and Marketing via Recurrent Intensity Modeling",
ICLR 2022, and the data contract of the authors' code. A user has a cut-off; events strictly before
it are training events. A request is a user at a time T; it knows the user's events before T, and
its targets are the user's events in [T, T + horizon).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Integers, Mask
from tsgen.errors import DataError, SettingsError
from tsgen.rng import numpy_stream, resolve_seed

from .histories import Histories, count_before
from .interactions import Interactions
from .times import read_span, read_times, span_text, to_stamps

__all__ = [
    "ALWAYS",
    "NEVER",
    "EventTask",
    "UserSplit",
    "rolling_requests",
    "split_events",
    "split_users",
]

ALWAYS = np.iinfo(np.int64).max
"""A cut-off after every event: all of the user's events are training events."""

NEVER = np.iinfo(np.int64).min
"""A cut-off before every event: none of the user's events is a training event."""


@dataclass(frozen=True, eq=False)
class EventTask:
    """A task to learn and to be judged by: training events, requests, candidates and horizon.

    Attributes:
        events: The whole log.
        cutoffs: (users,) microseconds since 1970 UTC; the training events end before them.
        histories: The requests and what they know.
        candidates: (m,) codes of the items to rank.
        horizon: Microseconds.
        exclude_seen: Whether pairs that a request has seen are neither ranked nor targets.
        report: What was kept and dropped, in words and counts.
    """

    events: Interactions
    cutoffs: Integers
    histories: Histories
    candidates: Integers
    horizon: int
    exclude_seen: bool = False
    report: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        events: Interactions,
        cutoffs: npt.ArrayLike,
        *,
        horizon: Any,
        requests: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
        min_history: int = 0,
        min_item_count: int = 0,
        exclude_seen: bool = False,
        update_history: bool = True,
    ) -> Self:
        """Make a task.

        Requests are kept by their past alone (`min_history`), candidates by their training events
        alone (`min_item_count`): a filter that counts later events would leak them.

        Args:
            events: The log.
            cutoffs: (users,) microseconds since 1970 UTC, or ALWAYS or NEVER.
            horizon: A length of time ("14D"), or microseconds.
            requests: (user codes, times); None asks for each user at its cut-off, where that is
                neither ALWAYS nor NEVER. Several requests of a user are rolling requests.
            min_history: Fewest events that a request must know.
            min_item_count: Fewest training events that a candidate must have.
            exclude_seen: Whether pairs that a request has seen are neither ranked nor targets.
            update_history: Whether a request knows the user's events between its cut-off and the
                time of the request, or the training events alone.

        Raises:
            DataError: The cut-offs do not fit the users.
        """
        cutoffs = np.asarray(cutoffs, np.int64)
        if cutoffs.shape != (events.num_users,):
            raise DataError(
                f"There are {cutoffs.shape} cut-offs for {events.num_users} users; give one each."
            )
        span = horizon if isinstance(horizon, int) else read_span(horizon)
        if requests is None:
            users = np.flatnonzero((cutoffs != ALWAYS) & (cutoffs != NEVER))
            at = cutoffs[users]
        else:
            users, at = (np.asarray(part, np.int64) for part in requests)
        kept = at != ALWAYS
        asked = Histories.of(events, at[kept], users[kept])
        if not update_history:
            until = np.minimum(asked.at, cutoffs[asked.users])
            asked = replace(asked, ends=count_before(events, asked.users, until))
        long = asked.lengths >= min_history
        task = cls(events, cutoffs, asked.subset(long), np.arange(events.num_items), span)
        counts = task.training.item_counts()
        candidates = np.flatnonzero(counts >= min_item_count)
        task = replace(task, candidates=candidates, exclude_seen=exclude_seen)
        return replace(task, report=task._count(len(users), int((~long).sum())))

    def _count(self, asked: int, short: int) -> dict[str, Any]:
        targets = self.targets
        training = int((self.events.time < np.repeat(self.cutoffs, self.events.lengths)).sum())
        in_window = int(self._window_counts().sum())
        return {
            "events": len(self.events),
            "training_events": training,
            "requests": len(self.histories),
            "requests_dropped": asked - len(self.histories),
            "requests_dropped_for_short_history": short,
            "candidates": len(self.candidates),
            "items_dropped": self.events.num_items - len(self.candidates),
            "target_events": int(targets.sum()),
            "target_pairs": int(targets.nnz),
            "target_events_dropped": in_window - int(targets.sum()),
            "horizon": span_text(self.horizon),
        }

    @property
    def training(self) -> Interactions:
        """The training events; every user and item stays known."""
        return self.events.where(self.events.time < np.repeat(self.cutoffs, self.events.lengths))

    @property
    def seen(self) -> sp.csr_array:
        """How often each request has seen each candidate, sparse, shape (r, m)."""
        return sp.csr_array(self.histories.pair_counts()[:, self.candidates])

    @property
    def targets(self) -> sp.csr_array:
        """Number of events of each request and candidate in the horizon, sparse, shape (r, m)."""
        window = self._window()
        shape = (len(window), self.events.num_items)
        requests, rows = window.flat()
        ones = np.ones(len(rows))
        counts = sp.csr_array((ones, (requests, self.events.item[rows])), shape=shape)
        counts = sp.csr_array(counts[:, self.candidates])
        if self.exclude_seen:
            counts = sp.csr_array(counts - counts.multiply(self.seen > 0))
            counts.eliminate_zeros()
        return counts

    def item_ids(self) -> pd.Index[Any]:
        """Return the ids of the candidates, in the order of the columns."""
        return self.events.items.ids.take(self.candidates)

    def _window(self) -> Histories:
        """Return the events in [T, T + horizon) of each request; a horizon of 0 means at T."""
        asked = self.histories
        first = count_before(self.events, asked.users, asked.at)
        ends = count_before(self.events, asked.users, asked.at + max(self.horizon, 1))
        return _Window(self.events, asked.users, asked.at, ends, first)

    def _window_counts(self) -> Integers:
        return self._window().lengths


@dataclass(frozen=True, eq=False)
class _Window(Histories):
    """Events of requests from a position of their own instead of the user's first event."""

    first: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def begins(self) -> Integers:
        return self.first


def split_events(
    events: Interactions,
    at: Any,
    *,
    horizon: Any,
    validation_horizon: Any = None,
    num_validation: int = 1,
    **options: Any,
) -> tuple[EventTask, tuple[EventTask, ...]]:
    """Split by the calendar: one cut-off for all users.

    Args:
        events: The log.
        at: The cut-off, the time of all requests.
        horizon: Length of the test window ("14D").
        validation_horizon: Length of a validation window; None takes `horizon`.
        num_validation: How many windows before the cut-off, each ending where the next begins.
        **options: min_history, min_item_count, exclude_seen (see `EventTask.of`).

    Returns:
        The test task, and the validation tasks, the latest first.

    Raises:
        DataError: The cut-off or the horizon leaves the data.
    """
    cut, span = events.read_time(at), read_span(horizon)
    step = span if validation_horizon is None else read_span(validation_horizon)
    first, last = int(events.time.min()), int(events.time.max())
    if not first < cut <= last:
        ends = to_stamps(np.array([first, last, cut]), events.timezone)
        raise DataError(
            f"The cut-off {ends[2]} is not within the events ({ends[0]} to {ends[1]}); there would "
            "be nothing on one side. Choose a time between."
        )
    if span > last - first:
        raise DataError(
            f"The horizon {span_text(span)} is longer than the data ({span_text(last - first)}); "
            "choose a shorter one."
        )
    if cut - step * num_validation <= first:
        raise DataError(
            f"{num_validation} validation windows of {span_text(step)} before the cut-off reach "
            "before the first event; choose fewer or shorter ones."
        )
    cuts = [cut - step * k for k in range(num_validation + 1)]
    tasks = [
        EventTask.of(
            events,
            np.full(events.num_users, c, np.int64),
            horizon=step if k else span,
            **options,
        )
        for k, c in enumerate(cuts)
    ]
    return tasks[0], tuple(tasks[1:])


@dataclass(frozen=True)
class UserSplit:
    """A split with a time origin of each user's own.

    Attributes:
        test: Users of group B at their test time; group A is known whole.
        validation: Users of group A at their test time; group B is not known.
        early_validation: All users half a horizon before their test time, over half a horizon, so
            that the window ends where the test's begins.
        group_a: (users,) whether a user is in group A.
    """

    test: EventTask
    validation: EventTask
    early_validation: EventTask
    group_a: Mask


def split_users(
    events: Interactions,
    *,
    start: Any,
    horizon: Any,
    share: float = 0.5,
    seed: int | None = 888,
    group_a: npt.ArrayLike | None = None,
    min_history: int = 1,
    min_item_count: int = 1,
    exclude_seen: bool = False,
) -> UserSplit:
    """Split by user: a user's test time is its first event + `start`.

    Args:
        events: The log; users without events have no test time and are never asked about.
        start: Length of time from a user's first event to its test time.
        horizon: Length of the window.
        share: Share of the users in group A, drawn without replacement.
        seed: Same seed, same groups.
        group_a: (users,) whether a user is in group A; None draws them.
        min_history: Fewest events that a request must know.
        min_item_count: Fewest training events that a candidate must have.
        exclude_seen: Whether pairs that a request has seen are neither ranked nor targets.

    Raises:
        SettingsError: An argument is impossible.
    """
    if not 0 < share < 1:
        raise SettingsError(f"share={share!r} is not possible: use a number between 0 and 1.")
    offset, span = read_span(start, "start"), read_span(horizon)
    active = events.lengths > 0
    first = np.zeros(events.num_users, np.int64)
    first[active] = events.time[events.offsets[:-1][active]]
    test = np.where(active, first + offset, NEVER)
    group_a = _draw(events.num_users, share, seed) if group_a is None else np.array(group_a, bool)
    if group_a.shape != (events.num_users,):
        raise SettingsError(
            f"group_a has shape {group_a.shape}; give one True or False for each of the "
            f"{events.num_users} users."
        )
    options: dict[str, Any] = {
        "min_history": min_history,
        "min_item_count": min_item_count,
        "exclude_seen": exclude_seen,
    }
    half = span // 2
    return UserSplit(
        test=EventTask.of(events, np.where(group_a, ALWAYS, test), horizon=span, **options),
        validation=EventTask.of(events, np.where(group_a, test, NEVER), horizon=span, **options),
        early_validation=EventTask.of(
            events, np.where(active, first + offset - half, NEVER), horizon=half, **options
        ),
        group_a=group_a,
    )


def _draw(num: int, share: float, seed: int | None) -> Mask:
    """Draw a share of the users without replacement."""
    chosen = np.zeros(num, bool)
    random = numpy_stream(resolve_seed(seed), "user split")
    chosen[random.permutation(num)[: round(share * num)]] = True
    return chosen


def rolling_requests(
    events: Interactions, table: pd.DataFrame, *, unit: str | None = None
) -> tuple[Integers, Integers]:
    """Read requests, several a user if need be, from the columns `user_id` and `at`.

    Returns:
        (user codes, times), as `EventTask.of` takes them.

    Raises:
        UnknownIdError: A user is not in the log.
    """
    times, _ = read_times(table["at"], unit=unit, timezone=events.timezone)
    return np.asarray(events.users.find(list(table["user_id"])), np.int64), times

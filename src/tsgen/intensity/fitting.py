"""Learning the parts of a RIM, one after another: activity, relevance, pairs, chances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tsgen.arrays import Array, Mask
from tsgen.contracts import TableDescription
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.progress import track
from tsgen.rng import numpy_stream
from tsgen.training import TrainingOptions

from .activity import FittedActivity, remembering
from .new_users import fit_new_users
from .pairs import (
    HALF_TRUST,
    LearnedPairs,
    PairSums,
    PairWindow,
    RepeatMixture,
    fit_mixture,
    fit_pairs,
)
from .parts import history_weight, midnights
from .recalibration import HeldOutWindow, recalibrated
from .relevance import FittedRelevance
from .scoring import FittedParts, learn_seen_share
from .settings import RIMSettings
from .track_record import PastTotal

__all__ = ["PartsFitter"]

_DAY = 86_400 * 10**6
_HELD_OUT = 0.1
_FEWEST = 5


@dataclass(eq=False)
class PartsFitter:
    """Fits the parts to histories, and again to what came before their last horizons.

    What is learnt from a window (pairs, chances) is learnt with an activity, and a popularity, that
    have not seen it; networks and factors are asked about users they were not trained on.

    Attributes:
        settings: What to fit.
        options: Seed, device, budget.
        seed: Resolved.
        histories: Each user once, at the end of the training events.
        until: A midnight to learn until; by default the last one, where learning ends at one.
    """

    settings: RIMSettings
    options: TrainingOptions
    seed: int
    histories: Histories
    until: int | None = None
    _learning: Histories = field(init=False)
    _held_out: Mask = field(init=False)
    _fit_activity: Callable[[int], FittedActivity] = field(init=False)
    _activities: dict[int, FittedActivity] = field(init=False, default_factory=dict)
    _relevances: dict[int, FittedRelevance] = field(init=False, default_factory=dict)
    _pair_windows: dict[tuple[int, int], PairWindow] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        model, span = self.settings.activity_model(), self.settings.span
        if self.until is None and self._midnights:
            self.until = self._midnights[0][0]
        now = self.histories
        if self.until is not None:
            now = now.earlier(int(now.at.max()) - self.until)
        self._learning = remembering(now)
        self._fit_activity = model.fitter(self._learning, span, self.options)
        self._held_out = np.zeros(len(self.histories), bool)

    def fit(self, encoder: TableDescription | None = None) -> FittedParts:
        """Return all parts; `encoder` describes users, in place of one that learns."""
        if self.settings.relevance_model().expensive:
            self._held_out = _hold_out(self.histories, self.seed)
        parts = self._passed_over(self._parts(0))
        parts = self._lifted(parts, self._sums(parts, self.histories))
        parts = self._recalibrated(parts)
        describer, span = self.settings.new_users, self.settings.span
        learnt = fit_new_users(self.histories, span, describer, self.seed, encoder)
        return replace(parts, new_users=learnt)

    @cached_property
    def _midnights(self) -> list[tuple[int, float]]:
        whole = self.settings.activity_model().by_whole_days
        return midnights(self.histories, self.settings.span) if whole else []

    @cached_property
    def _before(self) -> list[tuple[PartsFitter, FittedParts, float]]:
        """What was learnt until earlier midnights, and its weight beside what is; see `midnights`.

        One that taught nothing leaves its weight to the one after it.
        """
        learnt: list[tuple[PartsFitter, FittedParts, float]] = []
        for until, weight in self._midnights[1:]:
            before = replace(self, until=until)
            before._held_out, before._relevances[0] = self._held_out, self._relevance(0)
            try:
                learnt.append((before, before._parts(0), weight))
            except DataError:  # nothing happened in the horizon before
                if learnt:
                    learnt[-1] = (*learnt[-1][:2], learnt[-1][2] + weight)
        return learnt

    def _passed_over(self, parts: FittedParts) -> FittedParts:
        """Return the mean of what is learnt until the last midnight and until those before it."""
        weight = 1 - sum(w for *_, w in self._before)
        for _, earlier, more in self._before:
            weight += more
            parts = self._mean(parts, earlier, more / weight)
        return parts

    def _mean(self, parts: FittedParts, earlier: FittedParts, share: float) -> FittedParts:
        learnt: Any = parts.activity  # of a kind that learns by whole days
        activity = learnt.blended(earlier.activity, share, self._learning)
        if not (isinstance(parts.pairs, LearnedPairs) and isinstance(earlier.pairs, LearnedPairs)):
            return replace(parts, activity=activity)
        pairs = parts.pairs.blended(earlier.pairs, share)
        return replace(parts, activity=activity, pairs=pairs)

    def _lifted(self, parts: FittedParts, sums: PairSums | None) -> FittedParts:
        return parts if sums is None else replace(parts, pairs=sums.lifted(self._trust))

    @cached_property
    def _trust(self) -> float:
        """What sums of pairs are trusted; it passes by the hour from midnight to midnight."""
        if not self._before:
            return self._own_trust()
        since = int(self.histories.at.max()) - int(self._learning.at.max())
        before, share = self._before[0][0]._own_trust(), min(since / _DAY, 1.0)
        return before + share * (self._own_trust() - before)

    def _own_trust(self) -> float:
        """What the last horizon says, as far as there was one before that which teaches pairs.

        Before that it grows with the log to a half, so that no hour brings a lift at once.
        """
        sums, past, prior = self._earlier_sums, self._at(1), HALF_TRUST * self._weight_after(1)
        if sums is None:
            return prior
        came = self._learning.pair_counts() - past.pair_counts()
        learnt, share = sums.trust((came > 0).sum(axis=1)), self._weight_after(2)
        return prior + share * (learnt - prior)

    def _weight_after(self, horizons: int) -> float:
        return history_weight(self._reach - horizons)

    def past_totals(self) -> list[PastTotal]:
        """Return how the activities that were fitted to earlier times fared, the latest first.

        Those are left out that had less than two horizons of the log to learn from.
        """
        totals = []
        for back, activity in sorted(self._activities.items()):
            if back and activity.expects_counts and self._reach >= back + 2:
                past, later = self._at(back), self._at(back - 1)
                active = past.lengths > 0
                expected = float(_expected(activity, past)[active].sum())
                came = int((later.lengths - past.lengths)[active].sum())
                totals.append(PastTotal(expected, came))
        return totals

    def _at(self, back: int) -> Histories:
        """Return the same users, `back` horizons earlier."""
        return self._learning.earlier(back * self.settings.span)

    def _observed_at(self, back: int) -> Histories:
        """Return all that was observed then: at the end of the log, with its last hours."""
        return self._at(back) if back else self.histories

    def _activity(self, back: int) -> FittedActivity:
        if back not in self._activities:
            self._activities[back] = self._fit_activity(back)
        return self._activities[back]

    def _relevance(self, back: int) -> FittedRelevance:
        model = self.settings.relevance_model()
        back = 0 if model.expensive else back
        if back not in self._relevances:
            self._relevances[back] = model.fit(
                self._observed_at(back), self.settings.span, self.options, held_out=self._held_out
            )
        return self._relevances[back]

    def _parts(self, back: int) -> FittedParts:
        activity, relevance = self._activity(back), self._relevance(back)
        pairs: LearnedPairs | RepeatMixture | None = None
        if self.settings.repeats == "learned":
            everyone, windows = self._observed_at(back), self._windows(back)
            pairs = fit_pairs(windows, everyone, self.settings.span, self.seed, self.settings.pairs)
        if pairs is None:
            pairs = self._mixture(back)
        return FittedParts(activity, relevance, pairs)

    def _learners(self) -> Mask:
        """Return the users that the relevance has not learnt from, or all where it is refitted."""
        return self._held_out if self._held_out.any() else np.ones(len(self.histories), bool)

    def _windows(self, back: int) -> list[PairWindow]:
        """Return the last horizons that can be learnt from, the latest first."""
        expensive = self.settings.activity_model().expensive
        most = 1 if expensive else self.settings.pairs.most_windows(self.settings.span)
        windows = []
        for place in track(range(back + 1, back + 1 + most), "past horizons"):
            if not self._at(place).lengths.any():
                break
            try:
                self._activity(place)
            except DataError:  # too short a log to have a window before this one
                break
            windows.append(self._pair_window(place, back))
        return windows

    def _pair_window(self, place: int, back: int) -> PairWindow:
        trust = history_weight(self._reach - place - 1)
        key = place, -1 if trust == 1 else back
        if key not in self._pair_windows:
            users, everyone = self._learners(), self._at(place)
            past, then = everyone.subset(users), self._at(place - 1).subset(users)
            expected = self._expected_before(past, place, back, trust)
            window = PairWindow(past, everyone, then.ends, expected, self._relevance(place))
            self._pair_windows[key] = window
        return self._pair_windows[key]

    def _expected_before(self, past: Histories, place: int, back: int, trust: float) -> Array:
        """Return what is expected of requests `place` horizons earlier.

        Equation: own^trust * later^(1 - trust), own by the activity of that time. It had next to
        nothing to learn from where the log was short then, and a network that corrects it would
        learn what is wrong with it alone; the activity of `back` horizons earlier takes its place.
        """
        own = _expected(self._activity(place), past)
        if trust == 1:
            return own
        later = _expected(self._activity(back), past)
        return np.asarray(own**trust * later ** (1 - trust))

    @property
    def _reach(self) -> float:
        """Length of the log, in horizons."""
        now = self._learning
        return (int(now.at.max()) - int(now.events.time.min())) / self.settings.span

    def _mixture(self, back: int) -> RepeatMixture:
        if self.settings.repeats not in ("learned", "mixture"):
            return RepeatMixture.none()
        if not self._at(back + 1).lengths.any():
            return RepeatMixture.none()
        base = self._relevance(back + 1)
        return fit_mixture(base, self._at(back), self.settings.span, self._learners())

    @cached_property
    def _earlier(self) -> FittedParts | None:
        """The parts of one horizon earlier, where the log was long enough to learn them."""
        if not self._at(1).lengths.any():
            return None
        try:
            return self._parts(1)
        except DataError:  # no window before the last one
            return None

    @cached_property
    def _earlier_sums(self) -> PairSums | None:
        return None if self._earlier is None else self._sums(self._earlier, self._at(1))

    def _recalibrated(self, parts: FittedParts) -> FittedParts:
        """Learn what intensities mean from parts of one horizon earlier."""
        past = self._at(1)
        if not parts.activity.expects_counts or not past.lengths.any():
            return parts
        parts = replace(parts, seen_share=learn_seen_share(self._learning, self.settings.span))
        if self._earlier is None:
            return parts
        users, now = past.lengths > 0, self._learning.lengths > 0
        if self._held_out.any():
            users = now = self._held_out
        earlier = self._lifted(self._earlier, self._earlier_sums)
        window = HeldOutWindow(past, self._learning, earlier, users, now)
        return recalibrated(parts, window, self.settings, self.seed)

    def _sums(self, parts: FittedParts, now: Histories) -> PairSums | None:
        """Return what pairs add up to that lifts users; an activity chosen by the caller stays."""
        if self.settings.activity != "auto" or not isinstance(parts.pairs, LearnedPairs):
            return None
        expected = _expected(parts.activity, now)
        return PairSums.of(parts.pairs, now, self.settings.span, expected, parts.relevance)


def _expected(activity: FittedActivity, past: Histories) -> Array:
    return activity.intensity(activity.state(past))


def _hold_out(histories: Histories, seed: int) -> Mask:
    """Draw a tenth of the users with a history, or none where there are too few to tell."""
    held_out = np.zeros(len(histories), bool)
    active = np.flatnonzero(histories.lengths > 0)
    count = round(_HELD_OUT * len(active))
    if count >= _FEWEST:
        random = numpy_stream(seed, "held out")
        held_out[random.choice(active, count, replace=False)] = True
    return held_out

"""Activity stacked of several models, by how they fared in the last horizons of the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.progress import track
from tsgen.training import TrainingOptions

from ..parts import SavedPart, arrays_of, history_weight, stacked_weights
from .averages import MovingAverageActivity, PopularityActivity
from .base import ActivityPart, Dispersed, FittedActivity, last_window, with_history
from .hawkes import Decays, HawkesPoissonActivity, decay_grid
from .level import Guesses, PastLevel, corrected_total
from .sums import remembering

__all__ = ["AutoActivity", "shortest_scale"]

_LEAST = 1e-12
_SHORTEST_SCALE = 0.5
"""Horizons; shorter memories say little of a whole horizon and change lists by the hour."""

_SHORTEST_DAYS, _DAY = 2, 86_400 * 10**6
"""Memories of less than two days change lists of one or two days by the hour, and say no more."""

_FEWEST_HORIZONS = 2
"""Of the log, from which on there is a past horizon to choose by."""


def shortest_scale(horizon: int) -> float:
    """Return the shortest memory of "hawkes-poisson" that is stacked by default, in horizons.

    Args:
        horizon: Microseconds; of less than a day, where hours are what is asked for, half of it is.
    """
    days = _SHORTEST_DAYS * _DAY / horizon if horizon >= _DAY else 0.0
    return max(_SHORTEST_SCALE, days)


@dataclass(frozen=True)
class AutoActivity(ActivityPart):
    """intensity = total * sum over models a of w_a share_a, the weights w adding up to 1.

    share_a is a user's share of what model a expects of all users; the weights maximise the
    likelihood of whose the events of the last horizons were, given what was known at the beginning
    of each. So in these windows no model alone says better who will be active: neither
    "hawkes-poisson" nor the two simple rules, "moving-average" and "popularity". The total is that
    of "hawkes-poisson", drawn to what came in the last horizon, to what each user did in it as far
    as the log is short or past horizons say so, and corrected by these (`corrected_total`). A log
    of two horizons has no window to choose by and gets "hawkes-poisson", one of three horizons the
    stack, and those in between a mix of both.

    Attributes:
        decays: Of "hawkes-poisson", (K,); by default of scales from half a horizon on.
        support: Of "hawkes-poisson".
        hawkes_windows: Most horizons that "hawkes-poisson" learns from.
        num_windows: Most windows to choose by.
    """

    by_whole_days: ClassVar[bool] = True
    decays: Decays = field(default_factory=lambda: decay_grid(20, shortest=_SHORTEST_SCALE))
    support: Annotated[int, Field(ge=0)] = 50
    hawkes_windows: Annotated[int, Field(ge=1)] = 3
    num_windows: Annotated[int, Field(ge=1)] = 3

    @property
    def models(self) -> dict[str, ActivityPart]:
        """The models, by name; the first one stands where there is nothing to choose by."""
        return {
            "hawkes-poisson": HawkesPoissonActivity(
                decays=self.decays, num_windows=self.hawkes_windows, support=self.support
            ),
            "moving-average": MovingAverageActivity(),
            "popularity": PopularityActivity(),
        }

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the models and their weights.

        Raises:
            DataError: No event lies in the last horizon.
        """
        return self.fitter(histories, horizon, options)(0)

    def fitter(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> Callable[[int], FittedActivity]:
        """Return what fits the stack to the histories so many horizons earlier.

        A horizon that several stacks choose by is forecast once.
        """
        return _PastFits(self, remembering(histories), horizon, options).stack

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what the fitted model's `arrays` came from."""
        fitted = tuple(m.from_arrays(arrays_of(n, arrays), saved) for n, m in self.models.items())
        return _FittedStack(
            fitted, arrays["levels"], arrays["widths"], {}, dispersion=arrays["dispersion"]
        )


@dataclass(eq=False)
class _PastFits:
    """The models fitted to histories, and to what came before earlier horizons, each once."""

    part: AutoActivity
    histories: Histories
    horizon: int
    options: TrainingOptions | None
    _models: dict[int, list[FittedActivity]] = field(default_factory=dict)
    _windows: dict[int, tuple[Array, Array]] = field(default_factory=dict)
    _guesses: dict[int, Guesses] = field(default_factory=dict)

    def stack(self, back: int) -> FittedActivity:
        """Return the models fitted `back` horizons earlier, stacked by the horizons before."""
        now, fitted = self.histories.earlier(back * self.horizon), self.models(back)
        names = list(self.part.models)
        trust = history_weight(self.reach - back - _FEWEST_HORIZONS)
        weights, choice = stacked_weights(names, self.windows(back), names[0], trust)
        totals = np.array([_expected(one, now).sum() for one in fitted])
        levels = weights * totals[0] / np.maximum(totals, _LEAST)
        stack = _FittedStack(tuple(fitted), levels, _widths(fitted, now), choice)
        # Counts scatter around the level of their own window, not of the one to come.
        stack = stack.learn_dispersion(with_history(last_window(now, self.horizon)))
        level = self.total(back) / max(float(totals[0]), _LEAST)
        return replace(stack, levels=levels * level)

    def total(self, back: int) -> float:
        """Return the events that are to be expected `back` horizons earlier; see `windows`."""
        begins = range(back + 1, back + 1 + self.part.num_windows)
        past = [
            PastLevel(self.guesses(k), float(self.window(k)[1].sum()), self.trust(k))
            for k in begins
            if k in self._windows
        ]
        return corrected_total(self.guesses(back), self.reach - back, past)

    def guesses(self, back: int) -> Guesses:
        """Return what "hawkes-poisson" expected then, and what the horizon before says."""
        if back not in self._guesses:
            now = self.histories.earlier(back * self.horizon)
            model = float(_expected(self.models(back)[0], now).sum())
            past, came = with_history(last_window(now, self.horizon))
            last, users = float(came.sum()), int((now.lengths > 0).sum())
            self._guesses[back] = Guesses(model, last / max(len(past), 1) * users, last)
        return self._guesses[back]

    def trust(self, begin: int) -> float:
        """Return what the horizon begun so many horizons before counts for."""
        return history_weight(self.reach - begin - 1)

    @property
    def reach(self) -> float:
        """Length of the log, in horizons."""
        first = int(self.histories.events.time.min())
        return (int(self.histories.at.max()) - first) / self.horizon

    def models(self, back: int) -> list[FittedActivity]:
        """Return the models fitted `back` horizons earlier."""
        if back not in self._models:
            past = self.histories.earlier(back * self.horizon)
            models = self.part.models.values()
            self._models[back] = [m.fit_mean(past, self.horizon, self.options) for m in models]
        return self._models[back]

    def windows(self, back: int) -> list[tuple[Array, Array]]:
        """Return each model's shares of what it expected in earlier horizons, and the counts.

        A model that was fitted before one learnt from the horizon before that; counts weigh by how
        much of the log came still earlier.
        """
        windows: list[tuple[Array, Array]] = []
        for begin in track(range(back + 1, back + 1 + self.part.num_windows), "activity"):
            if not (weight := self.trust(begin)):
                break
            try:
                shares, came = self.window(begin)
            except DataError:  # nothing happened there to learn from
                break
            windows.append((shares, weight * came))
        return windows

    def window(self, begin: int) -> tuple[Array, Array]:
        """Return shares (users, models) and counts of the horizon begun so many horizons before."""
        if begin not in self._windows:
            fitted = self.models(begin)
            past, came = with_history(last_window(self.histories, self.horizon, begin))
            expected = np.column_stack([_expected(one, past) for one in fitted])
            shares = expected / np.maximum(expected.sum(axis=0), _LEAST)
            self._windows[begin] = shares, came.astype(np.float64)
        return self._windows[begin]


def _expected(fitted: FittedActivity, histories: Histories) -> Array:
    """Return what is expected of each request; of those without a history, nothing."""
    return np.where(histories.lengths > 0, fitted.intensity(fitted.state(histories)), 0.0)


def _widths(fitted: Sequence[FittedActivity], histories: Histories) -> AnyArray:
    nobody = histories.subset(np.zeros(len(histories), bool))
    return np.array([part.state(nobody).shape[1] for part in fitted])


@dataclass(frozen=True)
class _FittedStack(Dispersed):
    """The state of a request is that of each model, side by side.

    Attributes:
        fitted: The models, whose fitted kinds can be blended.
        levels: (models,) weight and level of each.
        widths: (models,) of their states.
        choice: The weights, and what they rest on.
    """

    fitted: tuple[Any, ...]
    levels: Array
    widths: AnyArray
    choice: dict[str, Any]
    has_folder: ClassVar[bool] = False

    def state(self, histories: Histories) -> Array:
        """Return the states side by side, shape (r, sum of widths)."""
        return np.concatenate([part.state(histories) for part in self.fitted], axis=1)

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return the weighted sum of what the models expect."""
        places = np.concatenate([[0], np.cumsum(self.widths)])
        parts = (state[:, a:b] for a, b in pairwise(places))
        expected = [f.intensity(p, elapsed) for f, p in zip(self.fitted, parts, strict=True)]
        return np.asarray(self.levels @ np.array(expected))

    def blended(self, other: _FittedStack, share: float, now: Histories) -> _FittedStack:
        """Return the mean of what two stacks expect, so much of it the other's.

        What is expected of all is this one's to say.

        Args:
            other: The same models, learnt until another time.
            share: Its weight, 0 to 1.
            now: Requests whose total stays as it is.
        """
        own, others = (1 - share) * self.levels, share * other.levels
        parts = (others / np.maximum(own + others, _LEAST)).tolist()
        pairs = zip(self.fitted, other.fitted, parts, strict=True)
        fitted = tuple(one.blended(another, part) for one, another, part in pairs)
        mean = replace(self, fitted=fitted, levels=own + others)
        before, after = (_expected(stack, now).sum() for stack in (self, mean))
        return replace(mean, levels=mean.levels * before / max(float(after), _LEAST))

    def arrays(self) -> dict[str, Any]:
        """Return levels and the models' arrays, under their names."""
        names = AutoActivity().models
        own = {
            f"{name}.{key}": value
            for name, part in zip(names, self.fitted, strict=True)
            for key, value in part.arrays().items()
        }
        rest = {"levels": self.levels, "widths": self.widths, "dispersion": self.dispersion}
        return own | rest

    def write(self, folder: Path) -> None:
        """Write nothing: the arrays are all."""

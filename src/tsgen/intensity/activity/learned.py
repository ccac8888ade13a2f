"""Activity by a learned count model: our own, beside those of the paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import expit

from tsgen.arrays import AnyArray, Array, Integers
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import ActivityPart, FittedActivity, last_window, with_history
from .count_distribution import CountDistribution
from .learned_features import count_features, count_state
from .learned_training import WEIGHTS, count_numbers, train_counts

__all__ = ["LearnedActivity"]

Window = tuple[Histories, Integers]

_WEEK = 7 * 86_400 * 10**6
_MOST_REQUESTS = 40_000


@dataclass(frozen=True, eq=False)
class _FittedLearned:
    """A trained network.

    Attributes:
        weights: Of the network.
        low: (F,) least of each feature in training.
        high: (F,) greatest.
        newcomer: Expected count of users without history.
        span: Length of the windows learnt from, microseconds.
        horizon: What counts are for.
    """

    weights: dict[str, Array]
    low: Array
    high: Array
    newcomer: float
    span: float
    horizon: float
    has_folder: ClassVar[bool] = False
    expects_counts: ClassVar[bool] = True

    @classmethod
    def from_arrays(cls, arrays: dict[str, AnyArray]) -> _FittedLearned:
        """Return the model that `arrays` came from."""
        weights = {name: arrays[name].astype(np.float64) for name in WEIGHTS}
        numbers = (float(arrays[name].item()) for name in ("newcomer", "span", "horizon"))
        return cls(weights, arrays["low"], arrays["high"], *numbers)

    def state(self, histories: Histories) -> Array:
        """Return the state of each request, shape (r, 22); see `count_features`."""
        return count_state(histories, int(self.span))

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return the expected events; users without history get the newcomers' mean."""
        return self.counts(state, elapsed).mean

    def counts(self, state: Array, elapsed: float | Array = 0.0) -> CountDistribution:
        """Return the negative binomial distribution that the network names."""
        scale = self.horizon / self.span
        features = count_features(state, np.asarray(elapsed) * scale, int(self.span))
        inside = np.clip(features, self.low, self.high)  # nothing is known beyond
        mean, shape = count_numbers(inside, self.weights, lambda z: z * expit(z)).T
        active = state[:, -2] > 0
        return CountDistribution(
            np.where(active, np.exp(mean) * scale, self.newcomer),
            np.where(active, np.exp(shape), 1.0),
        )

    def arrays(self) -> dict[str, Any]:
        """Return all arrays and numbers."""
        rest = {n: getattr(self, n) for n in ("low", "high", "newcomer", "span", "horizon")}
        return {**self.weights, **rest}

    def write(self, folder: Path) -> None:
        """Write nothing: the arrays are all."""


@dataclass(frozen=True)
class LearnedActivity(ActivityPart):
    """A small network from the user's state to the distribution of the coming count.

    The count is negative binomial; its mean and shape come from decayed sums of past events at
    several scales, recurrent means of gaps and sizes of visits, age, recency and the calendar (see
    `count_features`). It learns from several windows of the training part, each with what was known
    at its beginning, and only from users who had a history then. The last window decides how long
    to train; then it trains as long on all of them. A first guess, in proportion to the recent
    events, is what few users leave it with.

    Where two horizons are longer than the data, windows are half as long as the data and counts
    are scaled up. Users without history get the mean count that such users had in the last window.

    Attributes:
        num_windows: Most windows to learn from; each begins half a window before the next, or
            further where the calendar matters.
        hidden_size: Width of the two hidden layers.
        max_steps: Most steps of training.
        batch_size: Requests in one step.
        learning_rate: Of AdamW.
    """

    num_windows: Annotated[int, Field(ge=1)] = 8
    hidden_size: Annotated[int, Field(ge=1)] = 32
    max_steps: Annotated[int, Field(ge=1)] = 400
    batch_size: Annotated[int, Field(ge=1)] = 1024
    learning_rate: Annotated[float, Field(gt=0)] = 3e-3

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn from windows of the past.

        Raises:
            DataError: No user has a history before the last window.
        """
        events = histories.events
        if not (histories.lengths > 0).any():
            raise DataError("No user has an event before the cut-off; there is nothing to learn.")
        first = events.time[histories.begins[histories.lengths > 0]]
        length = int((histories.at[histories.lengths > 0] - first).max())
        span = max(min(horizon, length // 2), 1)
        windows = [_window(histories, span, back) for back in self._places(span, length)]
        past, counts = windows[0]
        new = past.lengths == 0
        newcomer = float(counts[new].mean()) * horizon / span if new.any() else 0.0
        return self.fit_windows(windows, span, options, newcomer=newcomer, horizon=horizon)

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what the fitted model's `arrays` came from."""
        return _FittedLearned.from_arrays(arrays)

    def _places(self, span: int, length: int) -> list[int]:
        """Return how long before the cut-off the windows begin, the last window first."""
        step = span // 2
        if 2 * span <= _WEEK:  # then they meet every part of the day and the week
            step = max(step, 3 * _WEEK // self.num_windows)
        places = [span + k * max(step, 1) for k in range(self.num_windows)]
        return [p for p in places if p <= length - span // 2] or [span]

    def fit_windows(
        self,
        windows: list[Window],
        span: int,
        options: TrainingOptions | None = None,
        *,
        newcomer: float = 0.0,
        horizon: int | None = None,
    ) -> FittedActivity:
        """Learn from given requests and the counts that followed them in `span`, (r,) each.

        Args:
            windows: The last one first.
            span: Microseconds.
            options: Seed and device.
            newcomer: The expected count of users without history.
            horizon: What counts are wanted for; None is `span`.

        Raises:
            DataError: No request has a history.
        """
        options = options or TrainingOptions(seed=0)
        windows = [with_history(window) for window in windows]
        if not any(len(past) for past, _ in windows):
            raise DataError(
                "No user has an event before the last horizon, so there is nothing to learn the "
                "activity from; choose a shorter horizon."
            )
        random = numpy_stream(resolve_seed(options.seed), "requests")
        most = max(_MOST_REQUESTS // len(windows), 1)
        windows = [_sample(window, most, random) for window in windows]
        features = np.concatenate(
            [count_features(count_state(past, span), 0.0, span) for past, _ in windows]
        )
        counts = np.concatenate([counts for _, counts in windows]).astype(np.float64)
        held_out = _hold_out(windows, span, random)
        weights = train_counts(features, counts, held_out, self, options)
        return _FittedLearned(
            weights,
            features.min(axis=0),
            features.max(axis=0),
            newcomer,
            float(span),
            float(horizon or span),
        )


def _window(histories: Histories, span: int, back: int) -> Window:
    """Return the requests `back` microseconds earlier and their events in the span after that."""
    earlier = Histories.of(histories.events, histories.at - (back - span), histories.users)
    return last_window(earlier, span)


def _sample(window: Window, most: int, random: np.random.Generator) -> Window:
    past, counts = window
    if len(past) <= most:
        return window
    chosen = np.sort(random.choice(len(past), most, replace=False))
    return past.subset(chosen), counts[chosen]


def _hold_out(
    windows: list[Window], span: int, random: np.random.Generator
) -> npt.NDArray[np.int8]:
    """Return 1 for requests to judge by, 0 to learn from, -1 for neither, shape (r,).

    The last window judges and those that end before it teach; with none of these, a quarter of the
    users judges.
    """
    last = windows[0][0]
    before = [
        bool(len(past) and len(last) and past.at.max() + span <= last.at.min())
        for past, _ in windows
    ]
    if any(before):
        roles = [1] + [0 if b else -1 for b in before[1:]]
        return np.repeat(np.array(roles, np.int8), [len(past) for past, _ in windows])
    users = np.concatenate([past.users for past, _ in windows])
    judges = random.random(int(users.max()) + 1) < 0.25
    return np.asarray(judges[users], np.int8)

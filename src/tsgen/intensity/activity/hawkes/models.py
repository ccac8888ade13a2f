"""Self-exciting activity: a Hawkes process with a sum of exponentials, shared by all users.

Source: Ma, Liu, Deoras (ICLR 2022) and the authors' code for the model; the fit is exact here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, PlainValidator
from scipy.linalg import expm

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.training import TrainingOptions

from ...parts import SavedPart, history_weight
from ..base import (
    ActivityPart,
    Dispersed,
    FittedActivity,
    last_window,
    with_history,
)
from ..count_distribution import fit_dispersion
from ..sums import decayed_sums
from .nonnegative import minimise_poisson, minimise_quadratic
from .scale_support import gap_support, recent_support
from .statistics import event_features, gather_statistics, hawkes_features

__all__ = ["Decays", "HawkesActivity", "HawkesPoissonActivity", "decay_grid", "expected_count"]


def _read_decays(value: Any) -> Array:
    decays = np.asarray(value, np.float64)
    if decays.ndim != 1 or not len(decays) or not (decays > 0).all():
        raise ValueError("decays are positive numbers, in 1 / horizons, such as [0.1, 1, 10]")
    return decays


Decays = Annotated[Array, PlainValidator(_read_decays)]
"""Decays (K,) in 1 / horizons; a list of numbers, in a settings file."""

_RIDGE = 1e-3
_LEAST = 1e-12


def decay_grid(num: int, shortest: float = 1e-6, longest: float = 10.0) -> Array:
    """Return decays 1 / scale for `num` scales from `shortest` to `longest` horizons, shape (K,).

    The default range is that of the authors' code, which has 50.
    """
    return 1.0 / np.geomspace(shortest, longest, num)


def expected_count(coefficients: Array, decays: Array) -> Array:
    """Return the weights under which the features now give the expected events of one horizon.

    The expected features y = (g, s, 1) obey dy/dt = M y with M = (b, 0, 0) theta' - diag(b, b, 0),
    for each event makes g jump by b; the count is the integral of theta.y over one horizon.

    Args:
        coefficients: (D,) theta of the rate, in events per horizon.
        decays: (K,).

    Returns:
        (D,).
    """
    jumps = np.concatenate([decays, np.zeros(len(decays) + 1)])
    rates = np.concatenate([decays, decays, [0.0]])
    motion = np.outer(jumps, coefficients) - np.diag(rates)
    num = len(coefficients)
    joint = np.zeros((num + 1, num + 1))  # one more row integrates theta.y
    joint[:num, :num], joint[num, :num] = motion, coefficients
    return np.asarray(expm(joint)[num, :num])


@dataclass(frozen=True)
class _FittedHawkes(Dispersed):
    """Attributes: coefficients (D,) theta; weights (D,) of the intensity; decays (K,); horizon."""

    coefficients: Array
    weights: Array
    decays: Array
    horizon: float

    def state(self, histories: Histories) -> Array:
        """Return g at each request, and the horizons since the first event, shape (r, K + 1)."""
        horizon = int(self.horizon)
        active = histories.lengths > 0
        since = np.full(len(histories), np.inf)
        first = histories.events.time[histories.begins[active]]
        since[active] = (histories.at[active] - first) / horizon
        # The first event is the origin and not a point.
        sums = decayed_sums(histories, self.decays, horizon, without_first=True)
        excitation = self.decays * sums
        return np.concatenate([excitation, since[:, None]], axis=1)

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return weights . features."""
        return self.features(state, elapsed) @ self.weights

    def rate(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return the rate at the request, in events per horizon, shape (r,)."""
        return self.features(state, elapsed) @ self.coefficients

    def blended(self, other: _FittedHawkes, share: float) -> _FittedHawkes:
        """Return the mean of two models, with so much of the other's."""
        pairs = (self.coefficients, other.coefficients), (self.weights, other.weights)
        rates, weights = ((1 - share) * one + share * another for one, another in pairs)
        return replace(self, coefficients=rates, weights=weights)

    def features(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return (g, s, 1), `elapsed` horizons after the state was taken, shape (r, D)."""
        later = np.broadcast_to(np.asarray(elapsed, np.float64), len(state))
        faded = state[:, :-1] * np.exp(-np.outer(later, self.decays))
        return hawkes_features(faded, state[:, -1] + later, self.decays)


@dataclass(frozen=True)
class HawkesActivity(ActivityPart):
    """Past events raise the rate, each by a sum of exponentials that fade at fixed decays.

    rate(t) = mu + sum_k a_k g_k(t) + sum_k c_k s_k(t), with g and s as in `hawkes_statistics`; the
    s_k let the time since the first event matter by itself. All coefficients are >= 0 and shared by
    all users; the fit is convex and solved to its optimum over all users at once.

    The authors' code has the same model, 50 such decays, the same ridge and least squares; it stops
    after 1,000 iterations, well before the optimum, drops some terms of tied events, and predicts
    the rate. `ties="reference", predicts="rate"` is that, at a (local) optimum.

    Attributes:
        decays: (K,) in 1 / horizons.
        objective: "squares" minimises the integral of rate^2 minus twice its sum over the events
            (as the authors do); "likelihood" maximises the likelihood.
        ties: What events of one user at the same time are to each other. "strict": they do not
            raise each other's rate, and together raise that of later ones. "reference": as in the
            authors' library, which also leaves them out of the integral of rate^2; the problem then
            has no unique optimum.
        predicts: "count" is the expected number of events in the coming horizon, what those events
            excite included; "rate" is the rate at the request, as in the authors' code.
        start: Whether the first event has coefficients of its own.
        ridge: Penalty ridge/2 * |theta|^2 beside a loss per point.
        support: Users that a time scale needs to carry weight, see `gap_support`; 0 lets every
            scale, as the authors do.
    """

    decays: Decays = field(default_factory=lambda: decay_grid(50))
    objective: Literal["squares", "likelihood"] = "squares"
    ties: Literal["strict", "reference"] = "strict"
    predicts: Literal["count", "rate"] = "count"
    start: bool = True
    ridge: Annotated[float, Field(ge=0)] = _RIDGE
    support: Annotated[int, Field(ge=0)] = 0

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the coefficients from all histories that are not empty.

        Raises:
            DataError: No user has a history.
        """
        if not (histories.lengths > 0).any():
            raise DataError("No user has an event before the cut-off; there is nothing to learn.")
        theta = self._coefficients(histories, horizon)
        weights = theta
        if self.predicts == "count":
            weights = expected_count(theta, self.decays)
        fitted = _FittedHawkes(theta, weights, self.decays, float(horizon))
        return fitted.learn_dispersion(with_history(last_window(histories, horizon)))

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what the fitted model's `arrays` came from."""
        return _FittedHawkes.from_arrays(arrays)

    def _coefficients(self, histories: Histories, horizon: int) -> Array:
        width = len(self.decays)
        used = gap_support(histories, self.decays, horizon, self.support)
        used[width:-1] &= self.start
        sums = gather_statistics(histories, self.decays, horizon)
        # The authors count two artificial points of each user's second channel as well.
        count = max(sums.num_points + 2 * sums.num_users, 1)
        theta = np.zeros(len(used))
        if self.objective == "squares":
            products = sums.products - (sums.tied if self.ties == "reference" else 0.0)
            matrix = 2 * products / count + self.ridge * np.eye(len(used))
            vector = 2 * sums.jumps / count
            theta[used] = minimise_quadratic(matrix[np.ix_(used, used)], vector[used])
            return theta
        features = np.concatenate(list(event_features(histories, self.decays, horizon)))
        theta[used] = minimise_poisson(
            features[:, used],
            np.ones(len(features)),
            sums.compensator[used],
            ridge=self.ridge * count,
        )
        return theta


def _shown(past: Histories, fitted: _FittedHawkes) -> Array:
    """Return 1 - exp(-decay * time since the first event), shape (users with a history, K)."""
    active = past.lengths > 0
    since = past.at[active] - past.events.time[past.begins[active]]
    return -np.expm1(-np.outer(since / fitted.horizon, fitted.decays))


@dataclass(frozen=True)
class HawkesPoissonActivity(ActivityPart):
    """Poisson regression of the coming count on Hawkes states: calibrated in counts.

    Equation: N ~ Poisson(w . (g, s, 1)) with w >= 0, over the last `num_windows` horizons of the
    training part, each with the states at its beginning; loss per request plus ridge/2 * |w|^2.
    Requests of users without history teach only where there are no others, as in the authors'
    data, which have no such requests. Source: Ma, Liu, Deoras (ICLR 2022), with their penalty and
    their floor inside the logarithm; Newton's method replaces their numeric gradients.

    Attributes:
        decays: (K,) in 1 / horizons.
        num_windows: Horizons to learn from; one that lies less than a horizon after the log's
            beginning counts for less, see `history_weight`.
        ridge: Penalty.
        support: Requests that a time scale needs to carry weight, see `recent_support`; 0 lets
            every scale, as the authors do.
    """

    decays: Decays = field(default_factory=lambda: decay_grid(50))
    num_windows: Annotated[int, Field(ge=1)] = 1
    ridge: Annotated[float, Field(ge=0)] = _RIDGE
    support: Annotated[int, Field(ge=0)] = 0

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn from the last horizons before the requests.

        Raises:
            DataError: No event lies in them.
        """
        return self._fit(histories, horizon, dispersed=True)

    def fit_mean(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn as `fit` does, but for the distribution of counts."""
        return self._fit(histories, horizon, dispersed=False)

    def _fit(self, histories: Histories, horizon: int, *, dispersed: bool) -> FittedActivity:
        windows = [last_window(histories, horizon, k + 1) for k in range(self.num_windows)]
        first = int(histories.events.time.min(initial=0))
        lengths = [(int(past.at.max(initial=first)) - first) / horizon for past, _ in windows]
        shares = np.array([1.0, *map(history_weight, lengths[1:])])
        kept = [window for window, share in zip(windows, shares, strict=True) if share]
        active, shares = [with_history(window) for window in kept], shares[shares > 0]
        informative = any(count.any() for _, count in active)
        taught = active if informative else kept
        fitted = self.fit_windows(taught, horizon, shares, dispersed=dispersed)
        return self._of_equal_exposure(fitted, [past for past, _ in active], shares, histories)

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what the fitted model's `arrays` came from."""
        return _FittedHawkes.from_arrays(arrays)

    def _of_equal_exposure(
        self, fitted: _FittedHawkes, pasts: list[Histories], shares: Array, now: Histories
    ) -> FittedActivity:
        """Return the model with the weights of scales that users have had more time to show since.

        A scale longer than the log sums up all that came, which grows as the log does, rates be
        what they may; so a weight is multiplied by the ratio of how much of the scale the users
        could show then and can show now.
        """
        shown = [_shown(past, fitted) for past in pasts]
        before, weight = np.concatenate(shown), np.repeat(shares, [len(part) for part in shown])
        if not self.support or not len(before):
            return fitted
        weights, after = fitted.weights.copy(), _shown(now, fitted)
        mean = np.average(before, axis=0, weights=weight)
        weights[: len(self.decays)] *= mean / np.maximum(after.mean(axis=0), _LEAST)
        return replace(fitted, coefficients=weights, weights=weights)

    def fit_windows(
        self,
        windows: list[tuple[Histories, AnyArray]],
        horizon: int,
        shares: Array | None = None,
        *,
        dispersed: bool = True,
    ) -> _FittedHawkes:
        """Learn from given requests and the counts that followed them, (r,) each.

        Args:
            windows: Requests, and their counts.
            horizon: Microseconds.
            shares: (windows,) what a request of each weighs; None is 1.
            dispersed: Whether to learn the distribution of counts, too.
        """
        nothing = np.zeros(2 * len(self.decays) + 1)
        blank = _FittedHawkes(nothing, nothing, self.decays, float(horizon))
        features = np.concatenate([blank.features(blank.state(past)) for past, _ in windows])
        counts = np.concatenate([counts for _, counts in windows]).astype(np.float64)
        if not counts.any():
            raise DataError(
                "No event lies in the last horizon before the cut-off, so there is nothing to "
                "learn the activity from; choose an earlier cut-off, or a longer horizon."
            )
        positive = counts > 0
        weight = np.ones(len(counts))
        if shares is not None:
            weight = np.repeat(shares, [len(part) for _, part in windows])
        pasts = [past for past, _ in windows]
        used = recent_support(pasts, self.decays, horizon, self.support, shares)
        weights = np.zeros(len(used))
        weights[used] = minimise_poisson(
            features[positive][:, used],
            (weight * counts)[positive],
            weight @ features[:, used],
            ridge=self.ridge * float(weight.sum()),
        )
        fitted = _FittedHawkes(weights, weights, self.decays, float(horizon))
        if not dispersed:
            return fitted
        return replace(fitted, dispersion=fit_dispersion(features @ weights, counts))

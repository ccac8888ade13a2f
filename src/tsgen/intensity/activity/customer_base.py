"""Activity of customers who come back at a rate of their own until they drop out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from scipy.optimize import minimize

from tsgen.arrays import AnyArray, Array
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import ActivityPart, Dispersed, FittedActivity, last_window, with_history
from .purchase_models import PURCHASE_MODELS

__all__ = ["CustomerBaseActivity", "visit_summary"]

_PENALTY = 0.01
"""Of the squared logarithms, beside the log-likelihood of all customers: it decides flat cases."""

_START = np.log([0.5, 2.0, 1.0, 2.0])


@dataclass(frozen=True)
class _FittedCustomerBase(Dispersed):
    """A fitted model.

    Attributes:
        parameters_: (4,) of the purchase model.
        newcomer: Expected events of users without history.
        horizon: Microseconds.
        usual: Everyone's events a visit, in training; NaN, in models saved without it, takes
            the mean of those asked about.
    """

    parameters_: Array
    newcomer: float
    horizon: float
    usual: float = float("nan")
    model: ClassVar[str]

    def state(self, histories: Histories) -> Array:
        """Return repeats, time to the last visit, age and events a visit, shape (r, 4).

        The age is -1 without history.
        """
        usual = None if np.isnan(self.usual) else self.usual
        return visit_summary(histories, int(self.horizon), usual)

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return the expected events; users without history get the newcomers' mean."""
        active = state[:, 2] >= 0
        age = np.where(active, state[:, 2] + elapsed, 0.0)
        model = PURCHASE_MODELS[self.model]
        visits = model.expected(self.parameters_, state[:, 0], state[:, 1], age)
        return np.where(active, visits * state[:, 3], self.newcomer)


class _FittedBG(_FittedCustomerBase):
    model = "bg-nbd"


class _FittedMBG(_FittedCustomerBase):
    model = "mbg-nbd"


class _FittedPareto(_FittedCustomerBase):
    model = "pareto-nbd"


_FITTED: dict[str, type[_FittedCustomerBase]] = {
    fitted.model: fitted for fitted in (_FittedBG, _FittedMBG, _FittedPareto)
}


@dataclass(frozen=True)
class CustomerBaseActivity(ActivityPart):
    """BG/NBD, MBG/NBD or Pareto/NBD; see `purchase_models`.

    Events of one user at one time are one visit; expected visits are multiplied by the user's
    events a visit, shrunk towards everyone's as if by one visit more. The four parameters maximise
    the likelihood. Users without history get the mean count that users without history had in the
    last horizon of the training part.

    Attributes:
        model: "bg-nbd", "mbg-nbd" or "pareto-nbd".
    """

    model: Literal["bg-nbd", "mbg-nbd", "pareto-nbd"] = "bg-nbd"

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions | None = None
    ) -> FittedActivity:
        """Learn the four parameters.

        Raises:
            DataError: No user has a history.
        """
        state = visit_summary(histories, horizon)
        state = state[state[:, 2] >= 0]
        if not len(state):
            raise DataError("No user has an event before the cut-off; there is nothing to learn.")
        window = past, counts = last_window(histories, horizon)
        new = past.lengths == 0
        newcomer = counts[new].mean() if new.any() else 0.0
        fitted = _FITTED[self.model](
            self._parameters(state), float(newcomer), float(horizon), _events_a_visit(histories)
        )
        return fitted.learn_dispersion(with_history(window))

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedActivity:
        """Return what the fitted model's `arrays` came from."""
        return _FITTED[self.model].from_arrays(arrays)

    def _parameters(self, state: Array) -> Array:
        """Return the parameters of greatest likelihood, shape (4,)."""
        model = PURCHASE_MODELS[self.model]
        rows, weights = np.unique(state[:, :3], axis=0, return_counts=True)
        repeats, last, age = rows.T
        unit = max(float(age.mean()), 1e-9)  # a time scale near 1 for the search

        def loss(logarithms: Array) -> float:
            likelihoods = model.log_likelihood(np.exp(logarithms), repeats, last / unit, age / unit)
            penalty = _PENALTY * float((logarithms**2).sum())
            return (penalty - float(weights @ likelihoods)) / float(weights.sum())

        minimum = minimize(loss, _START, method="L-BFGS-B", bounds=[(-8.0, 8.0)] * 4)
        parameters = np.exp(minimum.x)
        parameters[list(model.times)] *= unit
        return np.asarray(parameters)


def visit_summary(histories: Histories, horizon: int, usual: float | None = None) -> Array:
    """Return repeats, time to the last visit, age (horizons) and events a visit, shape (r, 4).

    Args:
        histories: The users' pasts.
        horizon: Microseconds.
        usual: Events a visit that each user's are shrunk towards; None is the mean of `histories`.
    """
    active = histories.lengths > 0
    state = np.zeros((len(histories), 4))
    state[:, 2] = -1.0
    times = histories.events.time
    visits = _visits(histories)
    first = times[histories.begins[active]]
    state[active, 0] = visits[active] - 1
    state[active, 1] = (times[histories.ends[active] - 1] - first) / horizon
    state[active, 2] = (histories.at[active] - first) / horizon
    usual = _events_a_visit(histories) if usual is None else usual
    state[active, 3] = (histories.lengths[active] + usual) / (visits[active] + 1)
    return state


def _visits(histories: Histories) -> Array:
    """Return the number of different times of each history's events, shape (r,)."""
    times = histories.events.time
    requests, rows = histories.flat()
    fresh = rows == histories.begins[requests]
    fresh |= times[rows] != times[np.maximum(rows - 1, 0)]
    return np.asarray(np.bincount(requests, fresh, minlength=len(histories)), np.float64)


def _events_a_visit(histories: Histories) -> float:
    return float(histories.lengths.sum() / max(_visits(histories).sum(), 1.0))

"""Activity of customers who come back at a rate of their own until they drop out: BG/NBD.

Source: Fader, Hardie, Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD
Model", Marketing Science 24 (2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, hyp2f1

from tsgen.data import Histories
from tsgen.errors import DataError

from .activity import Array, FittedActivity, last_window

__all__ = ["CustomerBaseActivity", "bgnbd_expected", "bgnbd_log_likelihood"]

_PENALTY = 1e-4
_START = np.log([0.5, 2.0, 1.0, 2.0])


def bgnbd_log_likelihood(parameters: Array, repeats: Array, last: Array, age: Array) -> Array:
    """Return the log-likelihood of each customer, shape (n,); equation (6) of the paper.

    Args:
        parameters: (4,) r, alpha, a, b > 0.
        repeats: (n,) events after the first.
        last: (n,) time from the first event to the last.
        age: (n,) time from the first event to now.
    """
    r, alpha, a, b = parameters
    common = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
    alive = betaln(a, b + repeats) - betaln(a, b) - (r + repeats) * np.log(alpha + age)
    x = np.maximum(repeats, 1)
    gone = betaln(a + 1, b + x - 1) - betaln(a, b) - (r + repeats) * np.log(alpha + last)
    gone = np.where(repeats > 0, gone, -np.inf)
    return np.asarray(common + np.logaddexp(alive, gone))


def bgnbd_expected(
    parameters: Array, repeats: Array, last: Array, age: Array, span: float = 1.0
) -> Array:
    """Return the expected events in the coming `span`, shape (n,); equation (10) of the paper.

    The hypergeometric function is taken after Euler's transformation, whose arguments stay small
    however many events a customer has.
    """
    r, alpha, a, b = parameters
    if abs(a - 1) < 1e-6:
        a = 1 + 1e-6  # the limit is finite, its two factors are not
    z = span / (alpha + age + span)
    grown = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + repeats - 1, z)
    top = (a + b + repeats - 1) / (a - 1) * (1 - grown)
    x = np.maximum(repeats, 1)
    odds = np.log(a / (b + x - 1)) + (r + repeats) * np.log((alpha + age) / (alpha + last))
    return np.asarray(top * np.where(repeats > 0, expit(-odds), 1.0))


@dataclass(frozen=True)
class _FittedCustomerBase:
    """Attributes: parameters_ (4,) r, alpha, a, b; newcomer (1,); horizon (1,)."""

    parameters_: Array
    newcomer: Array
    horizon: Array

    def state(self, histories: Histories) -> Array:
        """Return repeats, time to the last visit, age and events a visit, shape (r, 4).

        The age is -1 without history.
        """
        return _summary(histories, int(self.horizon[0]))

    def intensity(self, state: Array, elapsed: float | Array = 0.0) -> Array:
        """Return the expected events; users without history get the newcomers' mean."""
        known = state[:, 2] >= 0
        age = np.where(known, state[:, 2] + elapsed, 0.0)
        visits = bgnbd_expected(self.parameters_, state[:, 0], state[:, 1], age)
        return np.where(known, visits * state[:, 3], self.newcomer[0])

    def parameters(self) -> dict[str, Array]:
        """Return all arrays."""
        return {
            "parameters_": self.parameters_,
            "newcomer": self.newcomer,
            "horizon": self.horizon,
        }


@dataclass(frozen=True)
class CustomerBaseActivity:
    """BG/NBD: each customer comes at a constant rate and may drop out after each visit.

    Events of one user at one time are one visit; expected visits are multiplied by the user's
    events a visit, shrunk towards everyone's as if by one visit more. Rates are gamma distributed
    over customers, drop-out chances beta distributed; the four parameters maximise the likelihood.
    Users without history get the mean count that users without history had in the last horizon of
    the training part.
    """

    Fitted: ClassVar[type] = _FittedCustomerBase

    def fit(self, histories: Histories, horizon: int) -> FittedActivity:
        """Learn the four parameters.

        Raises:
            DataError: No user has a history.
        """
        state = _summary(histories, horizon)
        state = state[state[:, 2] >= 0]
        if not len(state):
            raise DataError("No user has an event before the cut-off; there is nothing to learn.")
        rows, weights = np.unique(state[:, :3], axis=0, return_counts=True)
        unit = max(float(rows[:, 2].mean()), 1e-9)  # a time scale near 1 for the search

        def loss(logarithms: Array) -> float:
            found = bgnbd_log_likelihood(
                np.exp(logarithms), rows[:, 0], rows[:, 1] / unit, rows[:, 2] / unit
            )
            penalty = _PENALTY * float((logarithms**2).sum())
            return float(-(weights @ found) / weights.sum() + penalty)

        found = minimize(loss, _START, method="L-BFGS-B", bounds=[(-8.0, 8.0)] * 4)
        parameters = np.exp(found.x)
        parameters[1] *= unit
        past, counts = last_window(histories, horizon)
        new = past.lengths == 0
        newcomer = counts[new].mean() if new.any() else 0.0
        return _FittedCustomerBase(
            parameters, np.array([float(newcomer)]), np.array([float(horizon)])
        )


def _summary(histories: Histories, horizon: int) -> Array:
    some = histories.lengths > 0
    state = np.zeros((len(histories), 4))
    state[:, 2] = -1.0
    times = histories.events.time
    requests, rows = histories.flat()
    fresh = rows == histories.begins[requests]
    fresh |= times[rows] != times[np.maximum(rows - 1, 0)]
    visits = np.bincount(requests, fresh, minlength=len(histories))
    first = times[histories.begins[some]]
    state[some, 0] = visits[some] - 1
    state[some, 1] = (times[histories.ends[some] - 1] - first) / horizon
    state[some, 2] = (histories.at[some] - first) / horizon
    usual = histories.lengths.sum() / max(visits.sum(), 1.0)
    state[some, 3] = (histories.lengths[some] + usual) / (visits[some] + 1)
    return state

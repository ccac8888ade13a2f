"""How much all users together will do: what a model expects, held back by what short logs teach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from scipy.optimize import nnls

from tsgen.arrays import Array

__all__ = ["Guesses", "PastLevel", "corrected_total"]

_FIRST_GUESS = 0.36
"""What the first weight of `per_user` counts for beside past horizons: squared logarithms."""

_USUAL_LAST, _LAST_GUESS = 0.25, 0.1
"""The first weight of `last` where all users were there before, and what it counts for."""

_USUAL_WINDOWS = 6.0
"""Past horizons without an error that the errors seen are averaged with."""

_INDISTINCT = 0.05
"""Logarithm of a ratio to `last` that is not told from 0, where all users were there before."""

_SUM_TO_ONE = 1e4


@dataclass(frozen=True)
class Guesses:
    """Three totals of one horizon, of the users who have a history at its beginning.

    Attributes:
        model: Events that a model expects, which has learnt until then.
        per_user: These users, times the events a user of the horizon before.
        last: Events in the horizon before, of the users who had a history at its beginning.
    """

    model: float
    per_user: float
    last: float

    @property
    def logs(self) -> Array:
        """The three logarithms, shape (3,)."""
        return np.log(astuple(self))


@dataclass(frozen=True)
class PastLevel:
    """What could have been guessed of a past horizon, and what came.

    Attributes:
        guesses: At its beginning.
        came: Events.
        trust: What it counts for, 0 to 1; see `history_weight`.
    """

    guesses: Guesses
    came: float
    trust: float = 1.0


def corrected_total(now: Guesses, reach: float, past: Sequence[PastLevel]) -> float:
    """Return the total between the three guesses, corrected by past horizons, near the last one.

    Equation: log total = w log now + sum_k t_k e_k / (sum_k t_k + 6) over past horizons k of trust
    t_k, e_k = log came_k - w log guesses_k, where the weights w >= 0 of the three add up to 1 and
    minimise sum_k t_k e_k^2 + .36 (w_per_user - 1 / reach)^2 + .1 (w_last - there / 4)^2. The model
    was learnt in the last horizon from what came before it, the rest of the log; of that rest
    nearly nothing is left in a short log, and ages that it has not seen are ahead: so without past
    horizons w_per_user = 1 / reach. `there`, the share of the users who were there before the last
    horizon, is last / per_user. A total that differs from `last` by less than 5 % of it, times
    `there`, is `last`, one that differs by more is drawn to it by as much: no rule of thumb is as
    hard to beat.

    Args:
        now: Nothing but its model counts where one of the three is 0.
        reach: Length of the log, in horizons, at least 1.
        past: Horizons that had one before them; those with a 0 say nothing.
    """
    if min(astuple(now)) <= 0:
        return now.model
    kept = [p for p in past if min(*astuple(p.guesses), p.came, p.trust) > 0]
    trust = np.array([p.trust for p in kept])
    guessed = np.array([p.guesses.logs for p in kept]).reshape(-1, 3)
    came = np.log([p.came for p in kept])
    there = now.last / now.per_user
    weights = _weights(guessed, came, trust, reach, there)
    errors = trust @ (came - guessed @ weights) / (trust.sum() + _USUAL_WINDOWS)
    moved = weights @ now.logs + errors - np.log(now.last)
    return now.last * float(np.exp(np.sign(moved) * max(abs(moved) - _INDISTINCT * there, 0.0)))


def _weights(guessed: Array, came: Array, trust: Array, reach: float, there: float) -> Array:
    """Return the weights of the three guesses, shape (3,); see `corrected_total`."""
    rows = np.sqrt(trust)[:, None] * (guessed - guessed[:, :1])  # weights add up to 1
    wanted = np.sqrt(trust) * (came - guessed[:, 0])
    guess = np.sqrt([_FIRST_GUESS, _LAST_GUESS])
    firm = np.array([[0, guess[0], 0], [0, 0, guess[1]], [_SUM_TO_ONE] * 3])
    first = [guess[0] / max(reach, 1.0), guess[1] * _USUAL_LAST * there, _SUM_TO_ONE]
    return np.asarray(nnls(np.vstack([rows, firm]), np.concatenate([wanted, first]))[0])

"""How much all users together will do: what a model expects, held back by what short logs teach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tsgen.arrays import Array

__all__ = ["correction", "held_back_total"]

_USUAL_WINDOWS = 8.0
"""Past horizons without an error that the errors seen are averaged with."""


def held_back_total(model: float, per_user: float, reach: float) -> float:
    """Return the total between a model's and that of users who go on as in the last horizon.

    Equation: log total = (1 - 1 / reach) log model + (1 / reach) log per_user. The model was learnt
    in the last horizon from what came before it, the rest of the log; of that rest nearly nothing
    is left in a short log, and ages that it has not seen are ahead.

    Args:
        model: Expected events; nothing but this counts where it or `per_user` is 0.
        per_user: Users now times the events of the last horizon a user known at its beginning.
        reach: Length of the log, in horizons, at least 1.
    """
    if min(model, per_user) <= 0:
        return model
    held = 1 / max(reach, 1.0)
    return float(np.exp((1 - held) * np.log(model) + held * np.log(per_user)))


def correction(expected: Sequence[float] | Array, came: Sequence[float] | Array) -> float:
    """Return the factor by which totals of past horizons were too low, held back.

    Equation: log factor = sum over n past horizons of log((came + 1) / (expected + 1)) / (n + 8).

    Args:
        expected: (n,) events that were expected, by what had learnt until then.
        came: (n,) events.
    """
    errors = np.log((np.asarray(came, float) + 1) / (np.asarray(expected, float) + 1))
    return float(np.exp(errors.sum() / (len(errors) + _USUAL_WINDOWS)))

"""How much all users together will do: what a model expects, held back by what short logs teach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["PastLevel", "corrected_total"]

_FIRST_GUESS = 0.36
"""What the weight of a short log counts for beside past horizons: squared differences of logs."""

_USUAL_WINDOWS = 6.0
"""Past horizons without an error that the errors seen are averaged with."""


@dataclass(frozen=True)
class PastLevel:
    """What was to be expected of a past horizon, and what came.

    Attributes:
        model: Events that a model expected, which had learnt until then.
        per_user: The users of that time, times the events a user of the horizon before.
        came: Events.
        trust: What it counts for, 0 to 1; see `history_weight`.
    """

    model: float
    per_user: float
    came: float
    trust: float = 1.0


def corrected_total(
    model: float, per_user: float, reach: float, past: Sequence[PastLevel]
) -> float:
    """Return the total between a model's and that of users who go on as in the last horizon.

    Equation: log total = (1 - w) log model + w log per_user + sum_k t_k e_k / (sum_k t_k + 6) over
    past horizons k of trust t_k, e_k = log came_k - (1 - w) log model_k - w log per_user_k, where w
    in [0, 1] minimises sum_k t_k e_k^2 + .36 (w - 1 / reach)^2. The model was learnt in the last
    horizon from what came before it, the rest of the log; of that rest nearly nothing is left in a
    short log, and ages that it has not seen are ahead: so without past horizons w = 1 / reach.

    Args:
        model: Expected events; nothing but this counts where it or `per_user` is 0.
        per_user: Users now times the events of the last horizon a user known at its beginning.
        reach: Length of the log, in horizons, at least 1.
        past: Horizons that had one before them; those in which one of the three is 0 say nothing.
    """
    if min(model, per_user) <= 0:
        return model
    kept = [p for p in past if min(p.model, p.per_user, p.came, p.trust) > 0]
    trust = np.array([p.trust for p in kept])
    models, users, came = (
        np.log([getattr(p, name) for p in kept]) for name in ("model", "per_user", "came")
    )
    wanted, differences = came - models, users - models
    weight = (trust * wanted @ differences + _FIRST_GUESS / max(reach, 1.0)) / (
        trust * differences @ differences + _FIRST_GUESS
    )
    weight = float(np.clip(weight, 0.0, 1.0))
    errors = trust @ (wanted - weight * differences) / (trust.sum() + _USUAL_WINDOWS)
    return float(np.exp((1 - weight) * np.log(model) + weight * np.log(per_user) + errors))

"""Shapley values of games with too many players to play out, by shap's permutation explainer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tsgen.arrays import AnyArray, Array, Mask
from tsgen.errors import MissingExtraError

__all__ = ["import_shap", "permutation_values"]

_ORDERS = 10


def permutation_values(
    play: Callable[[Mask], Array], players: int, seed: int
) -> tuple[float, Array]:
    """Return the value of nobody, and what each player adds over random orders, (players,).

    Each order is played forwards and backwards, so that values are exact where players interact in
    pairs at most; they always add up to the value of all less that of nobody.

    Args:
        play: Coalitions (c, players) -> their values, (1, c).
        players: How many.
        seed: Draws the orders.

    Raises:
        MissingExtraError: shap is not installed.
    """
    shap = import_shap()

    def value(masks: AnyArray) -> Array:
        return np.asarray(play(np.asarray(masks) > 0.5)[0])

    explainer = shap.PermutationExplainer(value, np.zeros((1, players)), seed=seed)
    made = explainer(np.ones((1, players)), max_evals=_ORDERS * (2 * players + 1), silent=True)
    return float(np.ravel(made.base_values)[0]), np.asarray(made.values[0], np.float64)


def import_shap() -> Any:
    """Return the package shap.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import shap
    except ImportError:
        raise MissingExtraError(
            "This needs the package shap, which is not installed; install it with: "
            'pip install "tsgen-forecasting[responsible]"'
        ) from None
    return shap

"""Models stacked by how likely they found what happened: weights, and what the choice rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tsgen.arrays import Array

__all__ = ["choice_facts", "likeliest_weights"]

_ROUNDS = 200
_LEAST = 1e-12


def likeliest_weights(shares: Array, counts: Array) -> Array:
    """Return the weights w (models,) that maximise sum counts log(shares w), adding up to 1.

    By expectation maximisation, from equal weights and a prior of one event; so the stack is no
    less likely than any of the models.

    Args:
        shares: (n, models) what each model says of n things, adding up to 1 over those of a window.
        counts: (n,) how often each of them happened.
    """
    some = (counts > 0) & (shares.max(axis=1, initial=0.0) > 0)  # what no model knew says nothing
    shares, counts = shares[some], counts[some]
    weights = np.full(shares.shape[1], 1 / shares.shape[1])
    for _ in range(_ROUNDS):
        parts = shares * weights
        parts /= np.maximum(parts.sum(axis=1, keepdims=True), _LEAST)
        weights = (counts @ parts + 1 / len(weights)) / (counts.sum() + 1)
    return weights


def choice_facts(
    names: Sequence[str], shares: Array, counts: Array, weights: Array, num_windows: int
) -> dict[str, Any]:
    """Return what is said of a choice: windows, weights, and mean log-likelihoods of what happened.

    Args:
        names: Of the models; the stack of all of them is called "stack".
        shares: See `likeliest_weights`.
        counts: See `likeliest_weights`.
        weights: (models,).
        num_windows: Horizons that the choice was made by; without one there are no scores.
    """
    facts: dict[str, Any] = {
        "windows": num_windows,
        "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
    }
    some = (counts > 0) & (shares.max(axis=1, initial=0.0) > 0)
    if num_windows and some.any():
        by_name = dict(zip(names, shares[some].T, strict=True)) | {"stack": shares[some] @ weights}
        facts["scores"] = {
            name: round(float(np.average(np.log(np.maximum(p, _LEAST)), weights=counts[some])), 5)
            for name, p in by_name.items()
        }
    return facts

"""Models stacked by how likely they found what happened: weights, and what the choice rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tsgen.arrays import Array

__all__ = ["choice_facts", "history_weight", "likeliest_weights", "stacked_weights"]

_ROUNDS = 200
_LEAST = 1e-12
_HALVINGS = 12
_PRIOR = 0.1
"""Events a prior of equal weights counts for, as a share of those that are looked at."""


def history_weight(before: float) -> float:
    """Return what a past window weighs by the length of the log before it, in horizons, 0 to 1.

    One with a whole horizon before it counts in full, and one with little by little: so no window
    comes in at once as the log grows by an hour.
    """
    return float(np.clip(before, 0.0, 1.0))


def stacked_weights(
    names: Sequence[str],
    windows: Sequence[tuple[Array, Array]],
    alone: str,
    trust: float = 1.0,
) -> tuple[Array, dict[str, Any]]:
    """Return the weights of models, (models,), and what is said of them; see `choice_facts`.

    Args:
        names: Of the models.
        windows: Past horizons: shares (n, models) and counts (n,), see `likeliest_weights`.
        alone: The model that has all the weight where no window says anything.
        trust: Share of the weight that the windows give, 0 to 1; `alone` has the rest.
    """
    shares = np.concatenate([np.zeros((0, len(names))), *(share for share, _ in windows)])
    counts = np.concatenate([np.zeros(0), *(count for _, count in windows)])
    weights = np.array([float(name == alone) for name in names])
    if len(_informative(shares, counts)[1]):
        weights = trust * likeliest_weights(shares, counts) + (1 - trust) * weights
    return weights, choice_facts(names, shares, counts, weights, len(windows))


def likeliest_weights(shares: Array, counts: Array) -> Array:
    """Return the weights w (models,) that maximise sum counts log(shares w), adding up to 1.

    By expectation maximisation, from equal weights and a prior for these of 10 % of the events:
    many weights are nearly as likely, and the most likely ones jump as events come and go. Where a
    model alone would be likelier, the prior is the largest with which it is not.

    Args:
        shares: (n, models) what each model says of n things, adding up to 1 over those of a window.
        counts: (n,) how often each of them happened.
    """
    shares, counts = _informative(shares, counts)
    least = max(_likelihood(alone, counts) for alone in shares.T)
    low, high, prior = 0.0, 1.0, _PRIOR * float(counts.sum())
    weights = _maximised(shares, counts, 1 + prior)
    if _likelihood(shares @ weights, counts) >= least:
        return weights
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        weights = _maximised(shares, counts, 1 + middle**2 * prior)
        likely = _likelihood(shares @ weights, counts) >= least
        low, high = (middle, high) if likely else (low, middle)
    return _maximised(shares, counts, 1 + low**2 * prior)


def _likelihood(share: Array, counts: Array) -> float:
    return float(counts @ np.log(np.maximum(share, _LEAST)))


def _maximised(shares: Array, counts: Array, prior: float) -> Array:
    """Return the weights by expectation maximisation, with so many events of equal weights."""
    columns, total = np.ascontiguousarray(shares.T), counts.sum() + prior
    weights = np.full(len(columns), 1 / len(columns))
    for _ in range(_ROUNDS):
        ratio = counts / np.maximum(weights @ columns, _LEAST)
        weights = (weights * (columns @ ratio) + prior / len(weights)) / total
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
    shares, counts = _informative(shares, counts)
    if num_windows and len(counts):
        by_name = dict(zip(names, shares.T, strict=True)) | {"stack": shares @ weights}
        facts["scores"] = {
            name: round(float(np.average(np.log(np.maximum(p, _LEAST)), weights=counts)), 5)
            for name, p in by_name.items()
        }
    return facts


def _informative(shares: Array, counts: Array) -> tuple[Array, Array]:
    """Return what happened and was expected: what no model expected tells none from another."""
    informative = (counts > 0) & (shares.max(axis=1, initial=0.0) > 0)
    return shares[informative], counts[informative]

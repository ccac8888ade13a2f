"""How a selection of pairs spreads over items and over users.

A selection is a sparse array of shape (users, items), 1 (or a share) for the selected pairs.
Perplexity is exp(entropy) of the shares of exposure: as many items (or users) as if all were shown
equally often. Source: Ma, Liu, Deoras (ICLR 2022).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tsgen.arrays import Array
from tsgen.errors import DataError

__all__ = ["item_coverage", "item_perplexity", "perplexity", "user_coverage", "user_perplexity"]


def item_coverage(selected: sp.csr_array) -> float:
    """Return the share of the items that are selected for anyone."""
    return _coverage(_sums(selected, axis=0))


def user_coverage(selected: sp.csr_array) -> float:
    """Return the share of the users that are selected for anything."""
    return _coverage(_sums(selected, axis=1))


def item_perplexity(selected: sp.csr_array) -> float:
    """Return the effective number of items shown; 0 if nothing is selected."""
    return perplexity(_sums(selected, axis=0))


def user_perplexity(selected: sp.csr_array) -> float:
    """Return the effective number of users reached; 0 if nothing is selected."""
    return perplexity(_sums(selected, axis=1))


def perplexity(weights: npt.ArrayLike) -> float:
    """Return exp(-sum q log q) of weights >= 0, shape (n,), normalised to q; 0 if all are 0.

    Raises:
        DataError: A weight is missing, infinite or below 0.
    """
    weights = np.asarray(weights, np.float64)
    possible = np.isfinite(weights) & (weights >= 0)
    if not possible.all():
        row = int((~possible.ravel()).argmax())
        raise DataError(
            f"weights is {weights.ravel()[row]} in row {row}; perplexity needs finite numbers from "
            "0. Leave such rows out, or correct them.",
            row=row,
        )
    positive = weights[weights > 0]
    if not len(positive):
        return 0.0
    shares = positive / positive.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _sums(selected: sp.csr_array, axis: int) -> Array:
    return np.asarray(selected.sum(axis=axis), np.float64).ravel()


def _coverage(sums: Array) -> float:
    return float(np.mean(sums > 0))

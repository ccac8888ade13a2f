"""Items without training events borrow the scores of items that share their attributes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from .relevance import FittedRelevance

__all__ = ["ItemPart", "with_cold_items"]

ItemPart = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Factors (items, d) and biases (items,)."""


def with_cold_items(relevance: FittedRelevance, attributes: pd.DataFrame | None) -> ItemPart:
    """Return the items' factors and biases, those of unseen items filled in where possible.

    The rule: an unseen item gets the mean factors and the mean bias (so, the geometric mean of the
    odds) of the seen items that equal it in the most attributes, if they equal it in one at least.
    Missing attributes equal nothing. Without such items its bias stays -inf.

    Args:
        relevance: The fitted model.
        attributes: (items, columns) in code order, or None.
    """
    factors, bias = relevance.item_factors.copy(), relevance.item_bias.copy()
    cold, warm = np.flatnonzero(np.isneginf(bias)), np.flatnonzero(~np.isneginf(bias))
    if attributes is None or not attributes.shape[1] or not len(cold) or not len(warm):
        return factors, bias
    codes = np.column_stack([pd.factorize(attributes[name])[0] for name in attributes])
    for item in cold:
        shared = ((codes[warm] == codes[item]) & (codes[item] >= 0)).sum(axis=1)
        if (most := shared.max()) > 0:
            donors = warm[shared == most]
            factors[item], bias[item] = factors[donors].mean(axis=0), bias[donors].mean()
    return factors, bias

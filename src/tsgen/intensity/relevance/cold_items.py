"""Items without training events borrow the scores of items that share their attributes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, AnyIntegers, Array, Singles

from .base import FittedRelevance

__all__ = ["ItemPart", "with_cold_items"]


_NUMBERS = 20_000_000
"""Pairs of an unseen and a seen kind of item that are compared at a time."""


class ItemPart(NamedTuple):
    """The items as the scores see them.

    Attributes:
        factors: (items, d).
        bias: (items,), -inf where there is no score.
        cold: (c,) codes of the items that borrow theirs.
    """

    factors: Singles
    bias: Singles
    cold: AnyIntegers

    def cold_mass(self, factors: AnyArray, bias: AnyArray) -> Array:
        """Return what borrowed scores add to each user's, which add up to 1 without, (n,).

        Args:
            factors: (n, d) of the users.
            bias: (n,).
        """
        mass = np.zeros(len(bias))
        for begin in range(0, len(bias), step := max(_NUMBERS // max(len(self.cold), 1), 1)):
            block = slice(begin, begin + step)
            logs = factors[block] @ self.factors[self.cold].T + self.bias[self.cold]
            mass[block] = np.exp(logs.astype(np.float64) + bias[block, None]).sum(axis=1)
        return mass


def with_cold_items(
    relevance: FittedRelevance, attributes: pd.DataFrame | None, power: float = 0.0
) -> ItemPart:
    """Return the items' factors and biases, those of unseen items filled in where possible.

    The rule: an unseen item gets the mean factors and the mean bias (so, the geometric mean of the
    odds) of the seen items that equal it in the most attributes, if they equal it in one at least.
    Missing attributes equal nothing. Without such items its bias stays -inf.

    Args:
        relevance: The fitted model.
        attributes: (items, columns) in code order, or None.
        power: Biases are multiplied by 1 + power, see `learn_item_power`.
    """
    factors = relevance.item_factors.copy()
    bias = ((1 + power) * relevance.item_bias).astype(np.float32)
    cold, warm = np.flatnonzero(np.isneginf(bias)), np.flatnonzero(~np.isneginf(bias))
    if attributes is None or not attributes.shape[1] or not len(cold) or not len(warm):
        return ItemPart(factors, bias, cold[:0])
    codes = [_common(pd.factorize(attributes[name])[0], cold, warm) for name in attributes]
    table = np.column_stack(codes)
    kinds, kind = np.unique(table[cold], axis=0, return_inverse=True)
    givers, giver = np.unique(table[warm], axis=0, return_inverse=True)
    sums = np.zeros((len(givers), factors.shape[1] + 2))  # factors, bias, items
    np.add.at(sums, giver.ravel(), np.column_stack([factors[warm], bias[warm], np.ones(len(warm))]))
    totals = _sums_of_most_equal(kinds, givers, sums)[kind.ravel()]
    covered = totals[:, -1] > 0
    means = totals[covered, :-1] / totals[covered, -1:]
    factors[cold[covered]], bias[cold[covered]] = means[:, :-1], means[:, -1]
    return ItemPart(factors, bias, cold[covered])


def _common(codes: AnyIntegers, cold: AnyIntegers, warm: AnyIntegers) -> AnyIntegers:
    """Return the codes of one attribute, -1 for values that not both sides have."""
    shared = np.isin(codes, codes[cold]) & np.isin(codes, codes[warm])
    return np.where(shared, codes, -1)


def _sums_of_most_equal(kinds: AnyIntegers, givers: AnyIntegers, sums: AnyArray) -> AnyArray:
    """Return, for each row, the sum over the givers that equal it in the most attributes.

    Args:
        kinds: (k, columns) codes, -1 where missing.
        givers: (g, columns) likewise.
        sums: (g, s).

    Returns:
        (k, s), 0 for rows that no giver equals in any attribute.
    """
    widths = givers.max(axis=0, initial=-1) + 1
    has = _indicators(givers, widths).T.tocsr()
    step = max(_NUMBERS // len(givers), 1)
    parts = []
    for begin in range(0, len(kinds), step):
        equal = _indicators(kinds[begin : begin + step], widths) @ has
        most = equal.max(axis=1).toarray().ravel()
        rows = np.repeat(np.arange(equal.shape[0]), np.diff(equal.indptr))
        equal.data = (equal.data == most[rows]).astype(np.float64)
        parts.append(equal @ sums)
    return np.concatenate(parts)


def _indicators(codes: AnyIntegers, widths: AnyIntegers) -> sp.csr_array:
    """Return which values each row has, sparse, shape (rows, values of all columns)."""
    rows, columns = np.nonzero(codes >= 0)
    place = (np.cumsum(widths) - widths)[columns] + codes[rows, columns]
    ones = np.ones(len(rows), np.int32)
    return sp.csr_array((ones, (rows, place)), shape=(len(codes), int(widths.sum())))

"""Items that the same users turn to: co-occurrence weighted as by BM25, a few neighbours an item.

Source of the weight: Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), with items as documents and users as terms: a user of few items says more, and the tenth
event of a pair says less than the first.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Integers

__all__ = ["bm25_neighbours", "largest_in_rows"]

_SATURATION, _LENGTH = 1.2, 0.75
_BLOCK = 1_000


def bm25_neighbours(
    counts: sp.csr_array,
    num: int,
    saturation: float = _SATURATION,
    length_share: float = _LENGTH,
) -> sp.csr_array:
    """Return the `num` items most alike to each item, itself included, sparse, (items, items).

    Args:
        counts: (users, items) sparse, events of each pair.
        num: Neighbours an item.
        saturation: How slowly more events of a pair stop to count (k1 of BM25).
        length_share: How much less an event of an often bought item counts, 0 to 1 (b of BM25).
    """
    weights = sp.csr_array(_bm25(counts, saturation, length_share).T)
    blocks = [
        largest_in_rows(sp.csr_array(weights[begin : begin + _BLOCK] @ weights.T), num)
        for begin in range(0, weights.shape[0], _BLOCK)
    ]
    return sp.csr_array(sp.vstack(blocks, format="csr"))


def _bm25(counts: sp.csr_array, saturation: float, length_share: float) -> sp.csr_array:
    """Return the weight of each pair of (users, items) counts."""
    used = np.diff(counts.indptr)
    rarity = np.log1p(counts.shape[1] / (1.0 + used))
    totals = np.bincount(counts.indices, counts.data, minlength=counts.shape[1])
    length = 1 - length_share + length_share * totals / max(totals[totals > 0].mean(), 1e-9)
    count = counts.data
    weight = count * (saturation + 1) / (saturation * length[counts.indices] + count)
    data = weight * np.repeat(rarity, used)
    return sp.csr_array((data, counts.indices, counts.indptr), shape=counts.shape)


def largest_in_rows(values: sp.csr_array, num: int) -> sp.csr_array:
    """Return the `num` largest values of each row, the lower column first where they tie."""
    sizes = np.diff(values.indptr)
    least = np.full(len(sizes), -np.inf)
    for row in np.flatnonzero(sizes > num):
        own = values.data[values.indptr[row] : values.indptr[row + 1]]
        least[row] = np.partition(own, len(own) - num)[len(own) - num]
    rows = np.repeat(np.arange(len(sizes)), sizes)
    near = np.flatnonzero(values.data >= least[rows])  # those that tie with the last included
    rows, columns, data = rows[near], values.indices[near], values.data[near]
    order = np.lexsort((columns, -data, rows))
    rank: Integers = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = order[rank < num]
    return sp.csr_array((data[kept], (rows[kept], columns[kept])), shape=values.shape)

"""Items that the same users turn to, by their histories; see `tsgen.scores.bm25_neighbours`."""

from __future__ import annotations

import scipy.sparse as sp

from tsgen.data import Histories
from tsgen.scores import bm25_neighbours

__all__ = ["item_neighbours"]

_LONGEST = 1_000  # last events of a user that are looked at: the work grows with their square


def item_neighbours(histories: Histories, num: int, *weighting: float) -> sp.csr_array:
    """Return the `num` items most alike to each item, itself included, sparse, (items, items).

    Args:
        histories: Each user once.
        num: Neighbours an item.
        weighting: Saturation and share of the length, of BM25.
    """
    return bm25_neighbours(histories.last(_LONGEST).pair_counts(), num, *weighting)

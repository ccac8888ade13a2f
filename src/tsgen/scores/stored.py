"""The best pairs of each row where only some pairs can be listed: those of a sparse matrix."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Integers

from .selection import BLOCK_NUMBERS, ScoreBlocks

__all__ = ["scores_at", "top_stored"]


def scores_at(
    scores: ScoreBlocks, pairs: sp.csr_array, block_numbers: int = BLOCK_NUMBERS
) -> sp.csr_array:
    """Return the scores of the stored pairs, sparse, (n, m); a score of 0 stays stored.

    Args:
        scores: (n, m).
        pairs: (n, m) sparse.
        block_numbers: Scores in memory at a time.
    """
    n, m = pairs.shape
    step = max(block_numbers // max(m, 1), 1)
    values = np.empty(pairs.nnz)
    for begin in range(0, n, step):
        rows = slice(begin, min(begin + step, n))
        stored = slice(pairs.indptr[rows.start], pairs.indptr[rows.stop])
        row = np.repeat(np.arange(rows.stop - begin), np.diff(pairs.indptr[begin : rows.stop + 1]))
        values[stored] = scores.block(rows, slice(0, m))[row, pairs.indices[stored]]
    return sp.csr_array((values, pairs.indices, pairs.indptr), shape=pairs.shape)


def top_stored(scores: sp.csr_array, num: int) -> tuple[Integers, Array]:
    """Return the `num` best stored columns of each row, best first; ties go to the lower one.

    Args:
        scores: (n, m) sparse, no pair stored twice.
        num: How many.

    Returns:
        (n, num) columns, -1 where a row has fewer, and their scores, -inf there.
    """
    row = np.repeat(np.arange(scores.shape[0]), np.diff(scores.indptr))
    order = np.lexsort((scores.indices, -scores.data, row))
    rank = np.arange(len(row)) - scores.indptr[row]
    kept = rank < num
    best = np.full((scores.shape[0], num), -1, np.int64)
    values = np.full(best.shape, -np.inf)
    best[row[kept], rank[kept]] = scores.indices[order][kept]
    values[row[kept], rank[kept]] = scores.data[order][kept]
    return best, values

"""Users who are known by their history alone: vectors from those of the items in it.

Shape legend: r users, d factors.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray

__all__ = ["learn_fold", "mean_vectors"]

_FOLD_RIDGE = 1e-3


def mean_vectors(counts: sp.csr_array, vectors: AnyArray) -> AnyArray:
    """Return the mean vector of each user's events, 0 without any, shape (r, d)."""
    totals = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0)
    return np.asarray((counts @ vectors) / totals[:, None])


def learn_fold(means: AnyArray, users: AnyArray) -> AnyArray:
    """Return the ridge regression of the users' vectors on the mean vectors, (d + 1, d)."""
    inputs = np.column_stack([means, np.ones(len(means))]).astype(np.float64)
    gram = inputs.T @ inputs
    ridge = _FOLD_RIDGE * np.trace(gram) / len(gram)
    return np.asarray(np.linalg.solve(gram + ridge * np.eye(len(gram)), inputs.T @ users))

"""Where the events put the items: a low-rank factorisation of who has seen what."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array

__all__ = ["item_embeddings", "unit_rows"]


def item_embeddings(seen: sp.csr_array, rank: int, seed: int) -> Array:
    """Return embeddings of items whose products are their co-occurrence, (items, at most rank).

    They are the right singular vectors times the singular values of seen(u, y) / sqrt(n_u (n_y +
    1)), n the numbers of pairs of a user and of an item, scaled to a mean square of about 1.

    Args:
        seen: (users, items) sparse, 1 where a user has seen an item.
        rank: Width.
        seed: Of the randomised factorisation.
    """
    from sklearn.decomposition import TruncatedSVD

    users = np.maximum(np.asarray(seen.sum(axis=1)).ravel(), 1.0)
    items = np.asarray(seen.sum(axis=0)).ravel() + 1.0
    scaled = sp.diags_array(users**-0.5) @ seen.astype(np.float64) @ sp.diags_array(items**-0.5)
    width = min(rank, min(scaled.shape) - 1)
    if width < 1:
        return np.ones((seen.shape[1], 1))
    with np.errstate(divide="ignore", invalid="ignore"):  # shares of variance, where there is none
        svd = TruncatedSVD(width, random_state=seed % 2**32).fit(sp.csr_array(scaled))
    return np.asarray(svd.components_.T * svd.singular_values_ * seen.shape[1] ** 0.5)


def unit_rows(rows: AnyArray) -> Array:
    """Return rows of length 1; those of length 0 stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), np.float64)

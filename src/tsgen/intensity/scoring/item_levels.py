"""Intensities of popular items held back, those of a user brought back to their sum."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Floats

from .parts import FittedParts

__all__ = ["with_item_power"]


def with_item_power(
    share: Array, pairs: sp.csr_array, parts: FittedParts, bias: Floats
) -> tuple[Array, sp.csr_array]:
    """Return the product's share and the pairs' addition when items have levels p(y)^power.

    With levels f_y, a user's share * p(y) + pairs_y becomes that times f_y, over what the sum over
    items grew by; the product's own f_y are the matter of `with_cold_items`. A power needs a
    relevance without factors, the same for all users.

    Args:
        share: (n,) of the product.
        pairs: (n, items) sparse, what is added to it.
        parts: With `item_power`.
        bias: (n,) of the relevance.
    """
    if not parts.item_power:
        return share, pairs
    logs = parts.relevance.item_bias.astype(np.float64)
    levels = np.exp(parts.item_power * np.where(np.isfinite(logs), logs, 0.0))
    own = share * np.exp(bias.astype(np.float64))
    before = own * np.exp(logs).sum() + _row_sums(pairs)
    pairs = sp.csr_array(
        (pairs.data * levels[pairs.indices], pairs.indices, pairs.indptr), shape=pairs.shape
    )
    after = own * np.exp((1 + parts.item_power) * logs).sum() + _row_sums(pairs)
    factor = before / np.maximum(after, 1e-30)
    pairs.data *= np.repeat(factor, np.diff(pairs.indptr))
    return share * factor, pairs


def _row_sums(pairs: sp.csr_array) -> Array:
    return np.asarray(pairs.sum(axis=1), np.float64).ravel()

"""How much more than all others some users do of something, as a linear function of numbers."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Floats, Singles

__all__ = ["FLOOR", "count_gain", "lift_slopes", "lifts", "share_gain"]

FLOOR = 0.05
"""Lifts are this at least."""


def lifts(numbers: Array, slopes: Floats) -> Array:
    """Return max(1 + numbers . slopes, `FLOOR`), (n, m).

    Args:
        numbers: (n, d), standardised.
        slopes: (d, m).
    """
    return np.maximum(1.0 + numbers @ slopes, FLOOR)


def lift_slopes(
    numbers: Array, exposure: Array, observed: sp.csr_array, shares: Array, prior: float
) -> Singles:
    """Return the slopes of lifts, (d, m), by a ridge regression of each column.

    User u is expected to have exposure(u) share(i) of i, times a lift. Squared differences weigh by
    what is expected, as those of Poisson counts do: b_i = (share(i) Z' E Z + prior)^-1 Z' (observed
    - expected). So an item that few have keeps a lift near 1.

    Args:
        numbers: Z, (n, d).
        exposure: (n,), the diagonal of E.
        observed: (n, m) sparse.
        shares: (m,).
        prior: Expected counts that weigh as much as the belief in a lift of 1; inf gives slopes 0.
    """
    if np.isinf(prior):
        return np.zeros((numbers.shape[1], len(shares)), np.float32)
    curves, turn = np.linalg.eigh((numbers * exposure[:, None]).T @ numbers)
    excess = (observed.T @ numbers).T - np.outer(numbers.T @ exposure, shares)
    shrunk = (turn.T @ excess) / (np.outer(np.maximum(curves, 0.0), shares) + prior)
    return np.asarray(turn @ shrunk, np.float32)


def share_gain(numbers: Array, observed: sp.csr_array, shares: Array, slopes: Floats) -> float:
    """Return by how much lifts make what users had likelier, as logarithms, per count.

    Each user's shares times lifts are brought back to add up to 1.
    """
    lifted = lifts(numbers, slopes)
    total = lifted @ shares
    each = sp.coo_array(observed)
    came = each.data * np.log(lifted[each.coords] / total[each.coords[0]])
    return float(came.sum() / max(observed.sum(), 1.0))


def count_gain(numbers: Array, observed: sp.csr_array, mean: float, slopes: Floats) -> float:
    """Return by how much lifts of the mean make counts likelier by Poisson's law, per count."""
    lifted = lifts(numbers, slopes)[:, 0]
    counts = observed.toarray()[:, 0]
    gain = counts @ np.log(lifted) - mean * (lifted - 1.0).sum()
    return float(gain / max(counts.sum(), 1.0))

"""The field's measures of ranked lists: over those with something to find, as ranx prints them."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Integers
from tsgen.metrics import Ratio, WeightedMeasure, average_precision, ndcg, ranked_hits

__all__ = ["FIELD", "of_items", "of_users"]

FIELD = ("precision_with_targets", "recall_with_targets", "hit_rate", "ndcg", "map")
"""What is measured of each list; the mean is over lists with a target."""


def of_users(best: Integers, targets: sp.csr_array) -> dict[str, WeightedMeasure]:
    """Return the measures of users' lists of items, as functions of the users' weights.

    Args:
        best: (n, k) items of each user, best first.
        targets: (n, m) sparse.
    """
    values, has_targets = _values(best, targets)
    return {f"item_rec_{name}": Ratio(value, has_targets) for name, value in values.items()}


def of_items(best: Integers, targets: sp.csr_array) -> dict[str, float]:
    """Return the measures of items' lists of users: means over items with a target.

    Args:
        best: (m, k) users of each item, best first.
        targets: (n, m) sparse.
    """
    values, has_targets = _values(best, sp.csr_array(targets.T))
    lists = max(float(has_targets.sum()), 1.0)
    return {f"user_rec_{name}": float(value.sum() / lists) for name, value in values.items()}


def _values(best: Integers, targets: sp.csr_array) -> tuple[dict[str, Array], Array]:
    """Return each list's measures, 0 without a target, and whether it has one, (n,) each."""
    relevant = sp.csr_array(targets > 0)
    hits, totals = ranked_hits(best, relevant), np.diff(relevant.indptr)
    count = hits.sum(axis=1)
    columns = (
        count / best.shape[1],
        count / np.maximum(totals, 1),
        hits.any(axis=1),
        np.nan_to_num(ndcg(hits, totals)),
        np.nan_to_num(average_precision(hits, totals)),
    )
    values = {name: np.asarray(v, np.float64) for name, v in zip(FIELD, columns, strict=True)}
    return values, (totals > 0).astype(np.float64)

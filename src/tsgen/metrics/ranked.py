"""Measures of ranked lists by the field's definitions, as ranx and trec_eval print them.

Relevance is 0 or 1, and only lists with something to find count: their mean is over these. LensKit
(2025.8) has the same precision and hit rate; its recall divides by min(k, targets), and its gain is
1 / max(log2(i), 1), so that the first two places count alike.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyIntegers, Array, Integers, Mask

__all__ = ["average_precision", "ndcg", "ranked_hits"]


def ranked_hits(best: Integers, targets: sp.csr_array) -> Mask:
    """Return whether each place of a list holds a target, (n, k).

    Args:
        best: (n, k) columns, best first, -1 where a list is shorter.
        targets: (n, m) sparse, above 0 for targets.
    """
    rows = np.repeat(np.arange(len(best)), best.shape[1])
    hits = sp.csr_array(targets > 0)[rows, np.maximum(best, 0).ravel()]
    return np.asarray(hits).reshape(best.shape).astype(bool) & (best >= 0)


def ndcg(hits: Mask, totals: AnyIntegers) -> Array:
    """Return the normalised discounted cumulative gain of each list, (n,); NaN without targets.

    The gain of a hit at place i is 1 / log2(i + 1), over what the best list of k would have.
    Source: Järvelin, Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002).

    Args:
        hits: (n, k).
        totals: (n,) targets of each list.
    """
    discounts = 1 / np.log2(np.arange(hits.shape[1]) + 2)
    ideal = np.concatenate([[np.nan], np.cumsum(discounts)])[np.minimum(totals, hits.shape[1])]
    return np.asarray(hits @ discounts / ideal)


def average_precision(hits: Mask, totals: AnyIntegers) -> Array:
    """Return the average precision of each list, (n,); NaN without targets.

    The sum, over places with a hit, of the precision until there, over the number of targets. The
    mean over lists is MAP@k.

    Args:
        hits: (n, k).
        totals: (n,) targets of each list.
    """
    until = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    with np.errstate(invalid="ignore"):
        return np.asarray((until * hits).sum(axis=1) / np.where(totals > 0, totals, np.nan))

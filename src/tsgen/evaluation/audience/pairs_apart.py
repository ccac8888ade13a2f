"""New pairs and seen pairs apart: lists of each, selected among them alone."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Integers
from tsgen.metrics import Ratio, ReselectedPrecision, WeightedMeasure, reach_of, without
from tsgen.scores import ScoreBlocks, scores_at, top_columns, top_stored

__all__ = ["pairs_apart", "precision_of", "selected_pairs"]


def pairs_apart(
    scores: ScoreBlocks,
    targets: sp.csr_array,
    seen: sp.csr_array | None,
    excluded: sp.csr_array | None,
    num_users: int,
    num_items: int,
) -> dict[str, WeightedMeasure]:
    """Return the precisions of lists of users, and of items, of new pairs and of seen ones.

    Where nothing of a kind happened there is nobody to find, and no measure.

    Args:
        scores: (n, m).
        targets: (n, m) sparse, what happened of the pairs that may be listed.
        seen: (n, m) sparse, other than 0 for pairs of the past and excluded ones; None where no
            past is known.
        excluded: (n, m) sparse, pairs without a score.
        num_users: Users listed for an item.
        num_items: Items listed for a user.
    """
    if seen is None:
        return {}
    new = without(targets, seen)
    again = sp.csr_array(targets - new)
    again.eliminate_zeros()
    measures: dict[str, WeightedMeasure] = {}
    if new.nnz:
        audiences = ReselectedPrecision.of(scores, new, num_users, exclude=seen)
        best = top_columns(scores, num_items, exclude=seen)[0]
        measures |= _measures("new", audiences, best, new)
    if again.nnz:
        kept = without(sp.csr_array(seen != 0, dtype=float), excluded)
        kept.sum_duplicates()
        asked = scores_at(scores, kept)
        size = reach_of(num_users, scores.shape[0])
        users, values = top_stored(sp.csr_array(asked.T), size)
        audiences = ReselectedPrecision.of_best(users, values, again, num_users)
        measures |= _measures("seen", audiences, top_stored(asked, num_items)[0], again)
    return measures


def _measures(
    kind: str, audiences: ReselectedPrecision, best_items: Integers, hits: sp.csr_array
) -> dict[str, WeightedMeasure]:
    return {
        f"user_rec_precision_{kind}_pairs": audiences,
        f"item_rec_precision_{kind}_pairs": precision_of(
            selected_pairs(best_items, hits.shape), hits
        ),
    }


def selected_pairs(
    best: Integers, shape: tuple[int, int], *, by_item: bool = False
) -> sp.csr_array:
    """Return the pairs of lists as 1, (n, m) sparse; lists are rows of users, or of items."""
    line, place = np.nonzero(best >= 0)
    other = best[line, place]
    at = (other, line) if by_item else (line, other)
    return sp.csr_array((np.ones(len(line)), at), shape=shape)


def precision_of(selected: sp.csr_array, targets: sp.csr_array) -> Ratio:
    """Return the share of the selected pairs that occur, under weights of the users."""
    hits = sp.csr_array(_ones(selected).multiply(_ones(targets)))
    sums = (np.asarray(part.sum(axis=1), np.float64).ravel() for part in (hits, selected))
    return Ratio(*sums)


def _ones(matrix: sp.csr_array) -> sp.csr_array:
    return sp.csr_array(matrix > 0, dtype=float)

"""New pairs and seen pairs apart: lists of each, selected among them alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Integers
from tsgen.metrics import Ratio, ReselectedPrecision, WeightedMeasure, without
from tsgen.scores import ScoreBlocks, top_columns

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
    seen_scores = _SeenAlone(scores, without(sp.csr_array(seen != 0, dtype=float), excluded))
    measures: dict[str, WeightedMeasure] = {}
    for kind, hits, asked, exclude in (
        ("new", new, scores, seen),
        ("seen", again, seen_scores, None),
    ):
        if hits.nnz:
            audiences = ReselectedPrecision.of(asked, hits, num_users, exclude=exclude)
            measures[f"user_rec_precision_{kind}_pairs"] = audiences
            best = top_columns(asked, num_items, exclude=exclude)[0]
            lists = selected_pairs(best, scores.shape)
            measures[f"item_rec_precision_{kind}_pairs"] = precision_of(lists, hits)
    return measures


@dataclass(frozen=True, eq=False)
class _SeenAlone:
    """Scores of the pairs seen; others are -inf, as pairs that are never listed."""

    scores: ScoreBlocks
    seen: sp.csr_array

    @property
    def shape(self) -> tuple[int, int]:
        return self.scores.shape

    def block(self, rows: slice, columns: slice) -> AnyArray:
        block = self.scores.block(rows, columns)
        left = np.full(block.shape, -np.inf, block.dtype)
        at = sp.coo_array(self.seen[rows][:, columns]).coords
        left[at] = block[at]
        return left


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

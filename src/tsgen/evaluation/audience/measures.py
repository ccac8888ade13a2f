"""The measures of an audience study, each as a function of the users' weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array
from tsgen.metrics import (
    MeanOverItems,
    Ratio,
    ReselectedPrecision,
    TargetPlaces,
    WeightedMeasure,
    item_coverage,
    item_perplexity,
    target_places,
    user_coverage,
    user_perplexity,
    without,
)
from tsgen.rng import numpy_stream
from tsgen.scores import ScoreBlocks, top_columns

from .by_item import ItemLists, item_lists
from .pairs_apart import pairs_apart, precision_of, selected_pairs
from .probabilities import ProbabilitySums
from .ranked import of_items, of_users
from .window import AudienceWindow

__all__ = ["CURVE", "DEPTHS", "PLACED", "Judged", "judge"]

DEPTHS = (0.01, 0.05, 0.1, 0.2)
"""Depths of gain and lift in the table: shares of the users."""

CURVE = np.unique(np.concatenate([np.geomspace(0.001, 0.1, 41), np.linspace(0.1, 1.0, 91)]))
"""Depths of the gain curve."""

PLACED = 50_000_000
"""Scores that are sorted for gain, lift and AUC; beyond, those of items drawn at random."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What one model (or simple rule) scores.

    Attributes:
        weighted: Metric -> its value under weights of the users.
        audiences: The lists of users.
        fixed: Metric -> its value, for those that no bootstrap applies to.
        chances: What the scores say in numbers.
        curve: (len(CURVE),) gain.
        listed: (len(CURVE),) gain of a random order: above the depth where this is no whole number
            of users.
        items_placed: Items whose users were sorted, for gain, lift and AUC.
        by_item: The items among them whose lists stand out.
    """

    weighted: dict[str, WeightedMeasure]
    audiences: ReselectedPrecision
    fixed: dict[str, float]
    chances: ProbabilitySums
    curve: Array
    listed: Array
    items_placed: int
    by_item: ItemLists

    def values(self, num_users: int) -> dict[str, float]:
        """Return every measure."""
        ones = np.ones((1, num_users))
        return {name: float(value(ones)[0]) for name, value in self.weighted.items()} | self.fixed


def judge(
    window: AudienceWindow,
    scores: ScoreBlocks,
    num_users: int,
    num_items: int,
    chances: ProbabilitySums,
    seed: int,
) -> Judged:
    """Judge scores by the window's targets.

    Args:
        window: What happened.
        scores: (n, m).
        num_users: Users listed for an item.
        num_items: Items listed for a user.
        chances: What the scores say in numbers (see `ProbabilitySums`).
        seed: Of the draw of items for gain, lift and AUC, where there are more than `PLACED`
            numbers to sort.
    """
    exclude = window.scores.excluded
    targets = without(window.targets, exclude)
    reselected = ReselectedPrecision.of(scores, targets, num_users, exclude=exclude)
    audiences = selected_pairs(reselected.best, scores.shape, by_item=True)
    best_items = top_columns(scores, num_items, exclude=exclude)[0]
    lists = selected_pairs(best_items, scores.shape)
    placed = _sampled_targets(targets, seed)
    places = target_places(scores, placed, exclude=exclude)
    weighted: dict[str, WeightedMeasure] = {
        "user_rec_precision": reselected,
        "user_rec_recall": _recall_by_item(audiences, targets),
        **_gains(places, placed),
        "auc": _auc(places, placed),
        "item_rec_precision": precision_of(lists, targets),
        "item_rec_recall": _recall_by_user(lists, targets),
        **of_users(best_items, targets),
    }
    weighted |= pairs_apart(scores, targets, window.seen, exclude, num_users, num_items)
    weighted |= {name: Ratio(*sums) for name, sums in chances.sums.items()}
    fixed = {
        "user_rec_user_coverage": user_coverage(audiences),
        "user_rec_user_perplexity": user_perplexity(audiences),
        "item_rec_item_coverage": item_coverage(lists),
        "item_rec_item_perplexity": item_perplexity(lists),
        **of_items(reselected.best, targets),
    }
    curve = np.array([places.reached(depth).mean() for depth in CURVE])
    listed = np.array([places.listed(depth).mean() for depth in CURVE])
    by_item = item_lists(places, num_users, CURVE)
    num = len(np.unique(places.item))
    return Judged(weighted, reselected, fixed, chances, curve, listed, num, by_item)


def _sampled_targets(targets: sp.csr_array, seed: int) -> sp.csr_array:
    """Return the targets of as many items as can be sorted, drawn among those that have any."""
    n, m = targets.shape
    bought = np.flatnonzero(np.asarray(targets.sum(axis=0)).ravel())
    size = max(PLACED // n, 1)
    if len(bought) <= size:
        return targets
    kept = np.zeros(m)
    kept[numpy_stream(seed, "items").choice(bought, size, replace=False)] = 1.0
    left = sp.csr_array(targets.multiply(kept[None, :]))
    left.eliminate_zeros()
    return left


def _recall_by_item(selected: sp.csr_array, targets: sp.csr_array) -> MeanOverItems:
    return MeanOverItems(_hits(selected, targets), _ones(targets), empty_counts=True)


def _recall_by_user(selected: sp.csr_array, targets: sp.csr_array) -> Ratio:
    share = _row_sums(_hits(selected, targets)) / np.maximum(_row_sums(_ones(targets)), 1)
    return Ratio(share, np.ones(len(share)))


def _gains(places: TargetPlaces, targets: sp.csr_array) -> dict[str, WeightedMeasure]:
    n = targets.shape[0]
    total = np.bincount(places.user, minlength=n).astype(np.float64)
    gains: dict[str, WeightedMeasure] = {}
    for depth in DEPTHS:
        hits = np.bincount(places.user, places.reached(depth), n).astype(np.float64)
        gains[f"gain_at_{depth:.0%}"] = Ratio(hits, total)
        at_random = np.bincount(places.user, places.listed(depth), n).astype(np.float64)
        gains[f"lift_at_{depth:.0%}"] = Ratio(hits, at_random)
    return gains


def _auc(places: TargetPlaces, targets: sp.csr_array) -> MeanOverItems:
    """The other users' weights stay 1: among many, they matter little."""
    ranked = ~np.isnan(places.beaten)
    at = (places.user[ranked], places.item[ranked])
    won = sp.csr_array((places.beaten[ranked], at), shape=targets.shape)
    ones = sp.csr_array((np.ones(int(ranked.sum())), at), shape=targets.shape)
    return MeanOverItems(won, ones, empty_counts=False)


def _hits(selected: sp.csr_array, targets: sp.csr_array) -> sp.csr_array:
    return sp.csr_array(_ones(selected).multiply(_ones(targets)))


def _ones(matrix: sp.csr_array) -> sp.csr_array:
    return sp.csr_array(matrix > 0, dtype=float)


def _row_sums(matrix: sp.csr_array) -> Array:
    return np.asarray(matrix.sum(axis=1)).ravel().astype(np.float64)

"""How well scores rank: items for users (recommendation) and users for items (audiences).

A selection is a sparse 0/1 array of shape (users, items). Targets are counts of events, of the same
shape; a pair that occurs several times is one hit. Source of precision and recall: Ma, Liu, Deoras
(ICLR 2022) and the authors' code, with two of its errors put right: precision cannot exceed 1
where a pair repeats, and the recall of a user divides by the targets of that user.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tsgen.errors import DataError
from tsgen.scores import ScoreBlocks, as_scores, top_columns, top_rows

from .exposure import item_coverage, item_perplexity, user_coverage, user_perplexity

__all__ = [
    "one_percent",
    "precision",
    "ranking_report",
    "recall_by_item",
    "recall_by_user",
    "select_items",
    "select_users",
    "without",
]


def one_percent(count: int) -> int:
    """Return 1% of a count, rounded up: the usual number to select."""
    return -(-count // 100)


def select_items(
    scores: ScoreBlocks | npt.ArrayLike,
    num_items: int | None = None,
    *,
    exclude: sp.csr_array | None = None,
) -> sp.csr_array:
    """Select the best items of each user.

    Args:
        scores: (n, m); ties go to the lower column.
        num_items: How many a user; None is 1% of the items.
        exclude: (n, m) sparse; pairs with a value other than 0 are never selected.

    Returns:
        (n, m) sparse, 1 for the selected pairs.

    Raises:
        SettingsError: `num_items` is below 1.
    """
    scores = as_scores(scores)
    num = one_percent(scores.shape[1]) if num_items is None else num_items
    best, _ = top_columns(scores, num, exclude=exclude)
    rows, place = np.nonzero(best >= 0)
    return _ones(rows, best[rows, place], scores.shape)


def select_users(
    scores: ScoreBlocks | npt.ArrayLike,
    num_users: int | None = None,
    *,
    exclude: sp.csr_array | None = None,
) -> sp.csr_array:
    """Select the best users of each item; None is 1% of the users. See `select_items`."""
    scores = as_scores(scores)
    num = one_percent(scores.shape[0]) if num_users is None else num_users
    best, _ = top_rows(scores, num, exclude=exclude)
    columns, place = np.nonzero(best >= 0)
    return _ones(best[columns, place], columns, scores.shape)


def precision(selected: sp.csr_array, targets: sp.csr_array) -> float:
    """Return the share of the selected pairs that occur; 0 if nothing is selected."""
    chosen, hit = _pairs(selected, targets)
    return float(chosen.multiply(hit).sum() / max(chosen.sum(), 1.0))


def recall_by_user(selected: sp.csr_array, targets: sp.csr_array) -> float:
    """Return the mean over users of the share of their targets selected; 0 for users without."""
    return _recall(*_pairs(selected, targets), axis=1)


def recall_by_item(selected: sp.csr_array, targets: sp.csr_array) -> float:
    """Return the mean over items of the share of their targets selected; 0 for items without."""
    return _recall(*_pairs(selected, targets), axis=0)


def ranking_report(
    scores: ScoreBlocks | npt.ArrayLike,
    targets: sp.csr_array,
    *,
    exclude: sp.csr_array | None = None,
    num_items: int | None = None,
    num_users: int | None = None,
) -> dict[str, dict[str, float]]:
    """Judge scores as recommendations ("item_rec") and as audiences ("user_rec").

    Args:
        scores: (n, m).
        targets: (n, m) sparse counts.
        exclude: (n, m) sparse; these pairs are neither selected nor targets.
        num_items: Items a user; None is 1% of the items.
        num_users: Users an item; None is 1% of the users.
    """
    scores = as_scores(scores)
    targets = without(targets, exclude)
    reports = {}
    for name, selected, recall in (
        ("item_rec", select_items(scores, num_items, exclude=exclude), recall_by_user),
        ("user_rec", select_users(scores, num_users, exclude=exclude), recall_by_item),
    ):
        reports[name] = {
            "precision": precision(selected, targets),
            "recall": recall(selected, targets),
            "item_coverage": item_coverage(selected),
            "item_perplexity": item_perplexity(selected),
            "user_coverage": user_coverage(selected),
            "user_perplexity": user_perplexity(selected),
        }
    return reports


def without(targets: sp.csr_array, exclude: sp.csr_array | None) -> sp.csr_array:
    """Return the targets without the excluded pairs."""
    if exclude is None:
        return targets
    _same_shape(targets, exclude, "exclude")
    left = sp.csr_array(targets - targets.multiply(exclude != 0))
    left.eliminate_zeros()
    return left


def _recall(chosen: sp.csr_array, hit: sp.csr_array, axis: int) -> float:
    counts = np.asarray(chosen.multiply(hit).sum(axis=axis)).ravel()
    return float(np.mean(counts / np.maximum(np.asarray(hit.sum(axis=axis)).ravel(), 1.0)))


def _pairs(selected: sp.csr_array, targets: sp.csr_array) -> tuple[sp.csr_array, sp.csr_array]:
    """Return both as 0/1."""
    _same_shape(selected, targets, "targets")
    return sp.csr_array(selected != 0, dtype=float), sp.csr_array(targets > 0, dtype=float)


def _same_shape(first: Any, second: Any, name: str) -> None:
    if first.shape != second.shape:
        raise DataError(f"{name} has shape {second.shape}; expected {first.shape}.")


def _ones(rows: Any, columns: Any, shape: tuple[int, int]) -> sp.csr_array:
    return sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)

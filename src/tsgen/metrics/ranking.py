"""How well scores rank: items for users (recommendation) and users for items (audiences).

A selection is a sparse 0/1 array of shape (users, items). Targets are counts of events, of the same
shape; a pair that occurs several times is one hit. Source of precision and recall: Ma, Liu, Deoras
(ICLR 2022) and the authors' code, with two of its errors put right: precision cannot exceed 1
where a pair repeats, and the recall of a user divides by the targets of that user.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.stats import rankdata

from tsgen.errors import DataError, SettingsError

from .checks import Array
from .exposure import item_coverage, item_perplexity, user_coverage, user_perplexity
from .selection import BLOCK_NUMBERS, ScoreBlocks, as_scores, top_columns, top_rows

__all__ = [
    "auc_by_item",
    "gain",
    "lift",
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
    """
    scores = as_scores(scores)
    best, _ = top_columns(scores, num_items or one_percent(scores.shape[1]), exclude=exclude)
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
    best, _ = top_rows(scores, num_users or one_percent(scores.shape[0]), exclude=exclude)
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


def gain(
    scores: ScoreBlocks | npt.ArrayLike,
    targets: sp.csr_array,
    depths: Sequence[float] | npt.NDArray[np.float64],
    *,
    exclude: sp.csr_array | None = None,
) -> Array:
    """Return the share of all target pairs found in the best part of each item's users.

    Args:
        scores: (n, m).
        targets: (n, m) sparse counts.
        depths: Shares of the users, in (0, 1]; an audience is rounded up to whole users.
        exclude: (n, m) sparse; these pairs are neither ranked nor targets.

    Returns:
        (depths,), rising to 1 at depth 1.

    Raises:
        DataError: There are no targets.
        SettingsError: A depth is impossible.
    """
    depths = np.asarray(depths, np.float64)
    if not ((depths > 0) & (depths <= 1)).all():
        raise SettingsError(f"depths={depths.tolist()} is not possible: use shares in (0, 1].")
    shares = [rank / total for rank, total in _target_ranks(scores, targets, exclude)]
    if not shares:
        raise DataError("There are no targets, so no gain can be measured.")
    # Rank r of n users is in an audience of ceil(depth * n) if r < depth * n.
    within = np.concatenate(shares)[None, :] < depths[:, None] - 1e-12
    return np.asarray(within.mean(axis=1))


def lift(
    scores: ScoreBlocks | npt.ArrayLike,
    targets: sp.csr_array,
    depths: Sequence[float] | npt.NDArray[np.float64],
    *,
    exclude: sp.csr_array | None = None,
) -> Array:
    """Return how many times more targets the audiences hold than random ones; see `gain`."""
    return gain(scores, targets, depths, exclude=exclude) / np.asarray(depths, np.float64)


def auc_by_item(
    scores: ScoreBlocks | npt.ArrayLike,
    targets: sp.csr_array,
    *,
    exclude: sp.csr_array | None = None,
) -> Array:
    """Return, for each item, the chance that a target user is ranked above another user.

    Ties count half. NaN for items without targets, or with nothing else.

    Returns:
        (m,).
    """
    scores = as_scores(scores)
    auc = np.full(scores.shape[1], np.nan)
    for columns, block, hit, out in _column_blocks(scores, targets, exclude):
        ranks = rankdata(np.where(out, -np.inf, block), axis=0) - out.sum(axis=0)
        positive = hit.sum(axis=0).astype(np.float64)
        negative = len(block) - out.sum(axis=0) - positive
        wins = (ranks * hit).sum(axis=0) - positive * (positive + 1) / 2
        defined = (positive > 0) & (negative > 0)
        auc[columns[defined]] = (wins / np.maximum(positive * negative, 1))[defined]
    return auc


def without(targets: sp.csr_array, exclude: sp.csr_array | None) -> sp.csr_array:
    """Return the targets without the excluded pairs."""
    if exclude is None:
        return targets
    _same_shape(targets, exclude, "exclude")
    left = sp.csr_array(targets - targets.multiply(exclude != 0))
    left.eliminate_zeros()
    return left


def _target_ranks(
    scores: ScoreBlocks | npt.ArrayLike, targets: sp.csr_array, exclude: sp.csr_array | None
) -> Iterator[tuple[Array, Array]]:
    """Yield the ranks from 0 of the targets in their columns, and the users ranked there."""
    for _, block, hit, out in _column_blocks(as_scores(scores), targets, exclude):
        order = np.argsort(-np.where(out, -np.inf, block), axis=0, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(len(order))[:, None], axis=0)
        totals = np.broadcast_to(len(block) - out.sum(axis=0), block.shape)
        yield rank[hit].astype(np.float64), totals[hit].astype(np.float64)


def _column_blocks(
    scores: ScoreBlocks, targets: sp.csr_array, exclude: sp.csr_array | None
) -> Iterator[tuple[npt.NDArray[np.int64], Array, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """Yield (columns, scores, targets, excluded) of the columns with targets, dense in blocks."""
    n, m = scores.shape
    targets = without(targets, exclude)
    if targets.shape != (n, m):
        raise DataError(f"targets has shape {targets.shape}, scores {(n, m)}; they must be equal.")
    hits = sp.csc_array(targets)
    outs = None if exclude is None else sp.csc_array(exclude)
    step = max(BLOCK_NUMBERS // (4 * max(n, 1)), 1)
    for begin in range(0, m, step):
        columns = slice(begin, min(begin + step, m))
        some = np.flatnonzero(np.diff(hits.indptr[begin : columns.stop + 1]))
        if not len(some):
            continue
        block = scores.block(slice(0, n), columns)[:, some].astype(np.float64)
        chosen = begin + some
        out = np.zeros(block.shape, bool) if outs is None else outs[:, chosen].toarray() != 0
        yield chosen, block, hits[:, chosen].toarray() > 0, out


def _recall(chosen: sp.csr_array, hit: sp.csr_array, axis: int) -> float:
    found = np.asarray(chosen.multiply(hit).sum(axis=axis)).ravel()
    return float(np.mean(found / np.maximum(np.asarray(hit.sum(axis=axis)).ravel(), 1.0)))


def _pairs(selected: sp.csr_array, targets: sp.csr_array) -> tuple[sp.csr_array, sp.csr_array]:
    """Return both as 0/1."""
    _same_shape(selected, targets, "targets")
    return sp.csr_array(selected != 0, dtype=float), sp.csr_array(targets > 0, dtype=float)


def _same_shape(first: Any, second: Any, name: str) -> None:
    if first.shape != second.shape:
        raise DataError(f"{name} has shape {second.shape}; expected {first.shape}.")


def _ones(rows: Any, columns: Any, shape: tuple[int, int]) -> sp.csr_array:
    return sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)

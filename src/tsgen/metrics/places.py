"""Where the targets stand when each item's users are ranked: gain, lift and AUC.

Targets are counts of events, sparse, of shape (users, items); a pair that occurs several times is
one target.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tsgen.arrays import Array, Integers, Mask
from tsgen.errors import DataError, SettingsError
from tsgen.scores import BLOCK_NUMBERS, ScoreBlocks, as_scores

from .ranking import without

__all__ = ["TargetPlaces", "auc_by_item", "gain", "lift", "target_places"]


@dataclass(frozen=True, eq=False)
class TargetPlaces:
    """The places of t target pairs among the users of their items.

    Attributes:
        user: (t,) row of the pair.
        item: (t,) column of the pair.
        rank: (t,) from 0, the best; ties by row.
        ranked: (t,) users ranked for the item.
        beaten: (t,) share of the item's other users, targets left out, that rank below; ties count
            half; NaN where there are no others.
    """

    user: Integers
    item: Integers
    rank: Integers
    ranked: Integers
    beaten: Array

    def reached(self, depth: float) -> Mask:
        """Return which targets are in the best `depth` of their item's users, shape (t,).

        Raises:
            SettingsError: The depth is not in (0, 1].
        """
        return np.asarray(self.rank < self._listed_users(depth))

    def listed(self, depth: float) -> Array:
        """Return the share of its item's users that is listed at a depth, shape (t,).

        That is the chance of each target to be found if the order is random. It is more than the
        depth where this is no whole number of users.

        Raises:
            SettingsError: The depth is not in (0, 1].
        """
        return np.asarray(self._listed_users(depth) / self.ranked)

    def _listed_users(self, depth: float) -> Array:
        """Return how many users the best `depth` of each target's item are, rounded up."""
        if not 0 < depth <= 1:
            raise SettingsError(f"depth={depth} is not possible: use a share in (0, 1].")
        return np.asarray(np.ceil(depth * self.ranked - 1e-12 * np.maximum(self.ranked, 1)))


def target_places(
    scores: ScoreBlocks | npt.ArrayLike,
    targets: sp.csr_array,
    *,
    exclude: sp.csr_array | None = None,
) -> TargetPlaces:
    """Return where the targets stand, in one pass over the scores of items that have any.

    Args:
        scores: (n, m).
        targets: (n, m) sparse counts.
        exclude: (n, m) sparse; these pairs are neither ranked nor targets.
    """
    parts = [_places(*block) for block in _column_blocks(as_scores(scores), targets, exclude)] or [
        (np.zeros(0, np.int64),) * 4 + (np.zeros(0),)
    ]
    user, item, rank, ranked, beaten = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return TargetPlaces(user, item, rank, ranked, beaten)


def gain(
    scores: ScoreBlocks | npt.ArrayLike,
    targets: sp.csr_array,
    depths: Sequence[float] | Array,
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
    places = _target_places(scores, targets, exclude)
    return np.array([places.reached(depth).mean() for depth in depths])


def lift(
    scores: ScoreBlocks | npt.ArrayLike,
    targets: sp.csr_array,
    depths: Sequence[float] | Array,
    *,
    exclude: sp.csr_array | None = None,
) -> Array:
    """Return how many times more targets the audiences hold than random ones of their sizes.

    See `gain`. An audience is rounded up to whole users, and so is the random one: at a depth of
    1 % of 40 users, both are one user.
    """
    places = _target_places(scores, targets, exclude)
    return np.array([places.reached(d).mean() / places.listed(d).mean() for d in depths])


def _target_places(
    scores: ScoreBlocks | npt.ArrayLike, targets: sp.csr_array, exclude: sp.csr_array | None
) -> TargetPlaces:
    places = target_places(scores, targets, exclude=exclude)
    if not len(places.rank):
        raise DataError("There are no targets, so no gain can be measured.")
    return places


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
    places = target_places(scores, targets, exclude=exclude)
    num = targets.shape[1]
    with np.errstate(invalid="ignore"):
        return np.bincount(places.item, places.beaten, num) / np.bincount(
            places.item, minlength=num
        )


def _places(
    columns: Integers, block: Array, hit: Mask, out: Mask
) -> tuple[Integers, Integers, Integers, Integers, Array]:
    """Return the fields of `TargetPlaces` for some columns, by one sort of each."""
    height = np.where(out, -np.inf, block)
    order = np.argsort(-height, axis=0, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(len(order))[:, None], axis=0)
    first, last = _runs(np.take_along_axis(height, order, axis=0))
    # Targets among the best, (n + 1, columns): row k counts those of the k best.
    counted = np.cumsum(np.take_along_axis(hit, order, axis=0), axis=0)
    counted = np.concatenate([np.zeros((1, len(columns)), np.int64), counted])

    user, place = np.nonzero(hit)
    at = rank[hit]
    begin, end = first[at, place], last[at, place] + 1
    ranked = (len(block) - out.sum(axis=0))[place]
    level = (end - begin) - (counted[end, place] - counted[begin, place])
    below = (ranked - end) - (counted[-1, place] - counted[end, place])
    others = ranked - counted[-1, place]
    with np.errstate(invalid="ignore", divide="ignore"):
        beaten = np.where(others > 0, (below + level / 2) / others, np.nan)
    return user, columns[place], at, ranked, beaten


def _runs(falling: Array) -> tuple[Integers, Integers]:
    """Return, for each value of sorted columns (n, k), where the values equal to it begin and end.

    Both are positions of the column, the end included.
    """
    n = len(falling)
    rows = np.arange(n)[:, None]
    new = np.ones(falling.shape, bool)
    new[1:] = falling[1:] != falling[:-1]
    first = np.maximum.accumulate(np.where(new, rows, 0), axis=0)
    ends = np.ones(falling.shape, bool)
    ends[:-1] = new[1:]
    last = np.minimum.accumulate(np.where(ends, rows, n)[::-1], axis=0)[::-1]
    return first, last


def _column_blocks(
    scores: ScoreBlocks, targets: sp.csr_array, exclude: sp.csr_array | None
) -> Iterator[tuple[Integers, Array, Mask, Mask]]:
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

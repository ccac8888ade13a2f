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

from tsgen.arrays import AnyArray, Array, Integers, Mask
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
    columns: Integers, block: AnyArray, hit: Mask, out: Mask
) -> tuple[Integers, Integers, Integers, Integers, Array]:
    """Return the fields of `TargetPlaces` for some columns; only values are sorted, no places."""
    height = np.ascontiguousarray(np.where(out, -np.inf, block).T)  # a row a column
    rising = np.sort(height, axis=1)
    place, user = np.nonzero(hit.T)
    value = height[place, user]
    below, reached = _counts_below(rising, place, value)
    rank = len(block) - reached + _earlier_equals(height, place, user, value, reached - below)
    gone = out.sum(axis=0)
    ranked = (len(block) - gone)[place]
    own, own_reached = _counts_below(*_targets_by_column(value, place, len(columns)))
    won = (below - gone[place] - own) + (reached - below - own_reached + own) / 2
    others = ranked - np.bincount(place, minlength=len(columns))[place]
    with np.errstate(invalid="ignore", divide="ignore"):
        beaten = np.where(others > 0, won / others, np.nan)
    return user, columns[place], rank, ranked, beaten


def _counts_below(rising: AnyArray, line: Integers, value: AnyArray) -> tuple[Integers, Integers]:
    """Return how many of a line's values are below each value, and how many at most as large.

    Args:
        rising: (lines, n), each line sorted.
        line: (t,) the line of each value, rising.
        value: (t,).
    """
    below, reached = np.zeros(len(line), np.int64), np.zeros(len(line), np.int64)
    ends = np.searchsorted(line, np.arange(len(rising)), side="right")
    for begin, end, values in zip(np.append(0, ends), ends, rising, strict=False):
        below[begin:end] = np.searchsorted(values, value[begin:end])
        reached[begin:end] = np.searchsorted(values, value[begin:end], side="right")
    return below, reached


def _targets_by_column(
    value: AnyArray, place: Integers, num_columns: int
) -> tuple[AnyArray, Integers, AnyArray]:
    """Return the arguments under which `_counts_below` looks at each column's targets alone."""
    counts = np.bincount(place, minlength=num_columns)
    number = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((num_columns, int(counts.max(initial=0))), np.inf, value.dtype)
    table[place, number] = value
    return np.sort(table, axis=1), place, value


def _earlier_equals(
    height: AnyArray, place: Integers, user: Integers, value: AnyArray, equal: Integers
) -> Integers:
    """Return how many users of an equal value stand before each target, for they go by row.

    Args:
        height: (columns, n).
        place: (t,) column of each target, rising.
        user: (t,) row of the target.
        value: (t,) of it.
        equal: (t,) users of that value, itself included.
    """
    earlier = np.zeros(len(place), np.int64)
    tied = np.flatnonzero(equal > 1)
    for equals in np.split(tied, np.flatnonzero(np.diff(place[tied])) + 1):
        if len(equals):
            line = height[place[equals[0]]]
            alike = np.flatnonzero(np.isin(line, value[equals]))
            order = alike[np.argsort(line[alike], kind="stable")]
            rank = np.empty(len(line), np.int64)
            rank[order] = np.arange(len(order))
            first = np.searchsorted(line[order], value[equals])
            earlier[equals] = rank[user[equals]] - first
    return earlier


def _column_blocks(
    scores: ScoreBlocks, targets: sp.csr_array, exclude: sp.csr_array | None
) -> Iterator[tuple[Integers, AnyArray, Mask, Mask]]:
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
        columns_hit = np.flatnonzero(np.diff(hits.indptr[begin : columns.stop + 1]))
        if not len(columns_hit):
            continue
        block = scores.block(slice(0, n), columns)[:, columns_hit]
        chosen = begin + columns_hit
        out = np.zeros(block.shape, bool) if outs is None else outs[:, chosen].toarray() != 0
        yield chosen, block, hits[:, chosen].toarray() > 0, out

"""The best columns of each row, and the best rows of each column, of a large score matrix.

Scores are read block by block, so memory stays bounded. Exact ties go to the lower index, whatever
the blocks. A pair that is excluded is never selected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Integers, Mask
from tsgen.errors import DataError, SettingsError
from tsgen.progress import PATIENCE, track

__all__ = [
    "BLOCK_NUMBERS",
    "DenseScores",
    "ScoreBlocks",
    "as_scores",
    "held_scores",
    "top_columns",
    "top_rows",
]

BLOCK_NUMBERS = 8_000_000
"""Scores in memory at a time, unless the caller says otherwise."""

HELD_BYTES = 250_000_000
"""Scores that `held_scores` keeps, in bytes."""

_CACHED_NUMBERS = 500_000  # a block that stays in the cache while it is compared
_FEWEST_SAMPLED = 2_000

Entries = tuple[Integers, Integers, Array]
"""Line, place in the line, and score of some pairs."""


class ScoreBlocks(Protocol):
    """A matrix of scores (n rows, m columns) that can be read in parts."""

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        ...

    def block(self, rows: slice, columns: slice) -> AnyArray:
        """Return a part as a new dense array of floats."""
        ...


@dataclass(frozen=True)
class DenseScores:
    """A dense array as `ScoreBlocks`."""

    values: AnyArray

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return self.values.shape[0], self.values.shape[1]

    def block(self, rows: slice, columns: slice) -> AnyArray:
        """Return a part as a new array."""
        return self.values[rows, columns].copy()


def as_scores(scores: ScoreBlocks | npt.ArrayLike) -> ScoreBlocks:
    """Return scores that can be read in blocks.

    Raises:
        DataError: A dense array is not two-dimensional, or has NaN.
    """
    if hasattr(scores, "block"):
        return cast(ScoreBlocks, scores)
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2:
        raise DataError(f"scores has shape {values.shape}; expected two dimensions (users, items).")
    if np.isnan(values).any():
        row = int(np.isnan(values).any(axis=1).argmax())
        raise DataError(f"scores is NaN in row {row}; every pair needs a number.", row=row)
    return DenseScores(values)


def held_scores(scores: ScoreBlocks, most: int = HELD_BYTES) -> ScoreBlocks:
    """Return the scores as one array where it is small, for what reads them many times.

    Args:
        scores: (n, m).
        most: Bytes of the array; beyond, the scores are returned as they are.
    """
    n, m = scores.shape
    kind = scores.block(slice(0, 1), slice(0, 1)).dtype
    if n * m * kind.itemsize > most:
        return scores
    values = np.empty((n, m), kind)
    for rows in _slices(n, _CACHED_NUMBERS // max(m, 1)):
        values[rows] = scores.block(rows, slice(0, m))
    return DenseScores(values)


def top_columns(
    scores: ScoreBlocks | npt.ArrayLike,
    num: int,
    *,
    exclude: sp.csr_array | None = None,
    block_numbers: int = BLOCK_NUMBERS,
) -> tuple[Integers, Array]:
    """Return the `num` best columns of each row, best first.

    Args:
        scores: (n, m).
        num: How many.
        exclude: (n, m) sparse; pairs with a value other than 0 are never selected.
        block_numbers: Scores in memory at a time.

    Returns:
        (n, num) columns, -1 where a row has fewer, and their scores, -inf there.
    """
    scores = as_scores(scores)
    n, m = scores.shape
    _check_num(num)
    best = np.full((n, num), -1, np.int64)
    values = np.full((n, num), -np.inf)
    for rows in _slices(n, block_numbers // max(m, 1)):
        block = _masked(scores, rows, slice(0, m), exclude)
        candidates = _candidates(block, num, np.full(len(block), -np.inf))
        _fill(best[rows], values[rows], *_trim(candidates, num, len(block)))
    return best, values


def top_rows(
    scores: ScoreBlocks | npt.ArrayLike,
    num: int,
    *,
    exclude: sp.csr_array | None = None,
    block_numbers: int = BLOCK_NUMBERS,
) -> tuple[Integers, Array]:
    """Return the `num` best rows of each column, best first; see `top_columns`.

    A sample of the rows first tells what a row must beat to have a chance; of the blocks, only such
    rows are looked at again. A column whose sample promised too much is read once more.

    Returns:
        (m, num) rows, -1 where a column has fewer, and their scores, -inf there.
    """
    scores = as_scores(scores)
    m = scores.shape[1]
    _check_num(num)
    hopes = _hopes(scores, num, exclude, block_numbers)
    kept = _best_rows(scores, num, hopes, exclude, block_numbers)
    counts = np.bincount(kept[0], minlength=m)
    if ((counts < num) & (hopes > -np.inf)).any():
        hopes[counts < num] = -np.inf
        kept = _best_rows(scores, num, hopes, exclude, block_numbers)
    best = np.full((m, num), -1, np.int64)
    values = np.full((m, num), -np.inf)
    _fill(best, values, *kept)
    return best, values


def _hopes(
    scores: ScoreBlocks, num: int, exclude: sp.csr_array | None, block_numbers: int
) -> Array:
    """Return what the `num` best rows of each column most likely all exceed; -inf in small cases.

    It is a value of an evenly spread sample of rows, at a rank that is four standard deviations
    worse than where the `num`-th best of all is expected.
    """
    n, m = scores.shape
    step = max(n // max(num * 20, _FEWEST_SAMPLED), -(-n * m // max(block_numbers, 1)), 1)
    if step == 1 or not m:
        return np.full(m, -np.inf)
    sample = _masked(scores, slice(0, n, step), slice(0, m), exclude)
    expected = num / step
    rank = int(expected + 4 * np.sqrt(expected) + 4)
    if rank >= len(sample):
        return np.full(m, -np.inf)
    # Rows equal to the value count too: the hope lies just below it.
    value = np.partition(sample.T, len(sample) - rank, axis=1)[:, len(sample) - rank]
    below = np.nextafter(value, np.asarray(-np.inf, value.dtype))
    return np.asarray(below, np.float64)


def _best_rows(
    scores: ScoreBlocks,
    num: int,
    hopes: Array,
    exclude: sp.csr_array | None,
    block_numbers: int,
) -> Entries:
    """Return the `num` best rows above the hope of each column, as `_trim` does.

    Rows are read in order, so that of equal scores the later one loses.
    """
    n, m = scores.shape
    parts: list[Entries] = []
    size, worst = 0, hopes
    for rows in _slices(n, min(block_numbers, _CACHED_NUMBERS) // max(m, 1)):
        block = _masked(scores, rows, slice(0, m), exclude)
        line, place, value = _candidates(block.T, num, worst)
        parts.append((line, place + rows.start, value))
        size += len(line)
        if size > 3 * num * m:
            parts = [_trim(_joined(parts), num, m)]
            size = len(parts[0][0])
            worst = np.maximum(hopes, _worst(parts[0][0], parts[0][2], num, m))
    return _trim(_joined(parts), num, m)


def _joined(parts: list[Entries]) -> Entries:
    nothing: Entries = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    line, place, value = zip(nothing, *parts, strict=True)
    return np.concatenate(line), np.concatenate(place), np.concatenate(value)


def _check_num(num: int) -> None:
    if isinstance(num, bool) or num < 1:
        raise SettingsError(f"{num!r} is not possible as a number to select: use one from 1.")


def _slices(total: int, step: int) -> Iterator[slice]:
    step = max(step, 1)
    for begin in track(range(0, total, step), "scoring", delay=PATIENCE):
        yield slice(begin, min(begin + step, total))


def _masked(
    scores: ScoreBlocks, rows: slice, columns: slice, exclude: sp.csr_array | None
) -> AnyArray:
    """Return a block with excluded pairs at -inf."""
    block = scores.block(rows, columns)
    if exclude is not None:
        part = sp.csr_array(exclude[rows]) if columns == slice(0, block.shape[1]) else None
        part = sp.csr_array(exclude[rows, columns]) if part is None else part
        at, column = part.nonzero()
        block[at, column] = -np.inf
    return block


def _candidates(lines: AnyArray, num: int, worst: Array) -> Entries:
    """Return what may be among the `num` best of each line; within a line, in the order of places.

    Only values above `worst` of their line count: a tie with an earlier block loses.
    """
    mask = lines > worst[:, None].astype(lines.dtype)
    if np.count_nonzero(mask) > 2 * num * len(lines):
        mask &= lines >= _floor(lines, num)[:, None]
    line, place = _where(mask)
    return line, place, lines[line, place].astype(np.float64)


def _where(mask: Mask) -> tuple[Integers, Integers]:
    """Return the (line, place) of what is True, places rising within each line.

    Memory is searched in its own order, eight at a time: nearly all are False.
    """
    turned = not mask.flags.c_contiguous  # blocks arrive transposed
    straight = np.ascontiguousarray(mask.T if turned else mask)
    flat = straight.reshape(-1)
    whole = len(flat) // 8 * 8
    words = np.flatnonzero(flat[:whole].view(np.uint64))
    word, bit = np.nonzero(flat[:whole].reshape(-1, 8)[words])
    at = np.concatenate([8 * words[word] + bit, whole + np.flatnonzero(flat[whole:])])
    first, second = np.divmod(at, max(straight.shape[1], 1))
    return (second, first) if turned else (first, second)


def _floor(lines: AnyArray, num: int) -> AnyArray:
    """Return the `num`-th largest value of each line (-inf where there are fewer)."""
    length = lines.shape[1]
    if length <= num:
        return np.full(len(lines), -np.inf, lines.dtype)
    return np.partition(lines, length - num, axis=1)[:, length - num]


def _trim(entries: Entries, num: int, num_lines: int) -> Entries:
    """Return the `num` best of each line, sorted by line, falling value, rising place.

    Of equal values in one line, the one with the lower place must come first in `entries`.
    """
    line, place, value = entries
    small = line.astype(np.uint16) if num_lines <= 2**16 else line  # 16 bits sort in linear time
    order = np.argsort(small, kind="stable")
    line, place, value = line[order], place[order], value[order]
    rank = _rank_in_line(line)
    width = int(rank.max(initial=-1)) + 1
    table = np.full((num_lines, width), np.inf)
    where = np.zeros((num_lines, width), np.int64)
    table[line, rank], where[line, rank] = -value, place
    best = _order(table)[:, :num]
    table = -np.take_along_axis(table, best, axis=1)
    where = np.take_along_axis(where, best, axis=1)
    lines, places = np.nonzero(table > -np.inf)
    return lines, where[lines, places], table[lines, places]


def _order(table: Array) -> Integers:
    """Return the stable order of each row; without ties a faster sort finds the same."""
    order = np.argsort(table, axis=1)
    values = np.take_along_axis(table, order, axis=1)
    tied = (values[:, 1:] == values[:, :-1]) & (values[:, 1:] < np.inf)
    again = np.flatnonzero(tied.any(axis=1))
    order[again] = np.argsort(table[again], axis=1, kind="stable")
    return order


def _rank_in_line(line: Integers) -> Integers:
    """Return the position of each entry among those of its line; lines are sorted."""
    starts = np.flatnonzero(np.diff(line, prepend=-1))
    lengths = np.diff(np.append(starts, len(line)))
    return np.arange(len(line)) - np.repeat(starts, lengths)


def _worst(line: Integers, value: Array, num: int, num_lines: int) -> Array:
    """Return the value that a newcomer of each line must beat: -inf while there is room."""
    worst = np.full(num_lines, -np.inf)
    last = _rank_in_line(line) == num - 1
    worst[line[last]] = value[last]
    return worst


def _fill(
    best: Integers,
    values: Array,
    line: Integers,
    place: Integers,
    value: Array,
) -> None:
    rank = _rank_in_line(line)
    best[line, rank] = place
    values[line, rank] = value

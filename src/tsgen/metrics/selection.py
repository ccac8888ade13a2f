"""The best columns of each row, and the best rows of each column, of a large score matrix.

Scores are read block by block, so memory stays bounded. Exact ties go to the lower index, whatever
the blocks. A pair that is excluded is never selected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tsgen.errors import DataError, SettingsError

__all__ = ["BLOCK_NUMBERS", "DenseScores", "ScoreBlocks", "as_scores", "top_columns", "top_rows"]

BLOCK_NUMBERS = 8_000_000
"""Scores in memory at a time, unless the caller says otherwise."""

Codes = npt.NDArray[np.int64]
Entries = tuple[Codes, Codes, npt.NDArray[np.float64]]
"""Line, place in the line, and score of some pairs."""


class ScoreBlocks(Protocol):
    """A matrix of scores (n rows, m columns) that can be read in parts."""

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        ...

    def block(self, rows: slice, columns: slice) -> npt.NDArray[Any]:
        """Return a part as a new dense array of floats."""
        ...


@dataclass(frozen=True)
class DenseScores:
    """A dense array as `ScoreBlocks`."""

    values: npt.NDArray[Any]

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return self.values.shape[0], self.values.shape[1]

    def block(self, rows: slice, columns: slice) -> npt.NDArray[Any]:
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


def top_columns(
    scores: ScoreBlocks | npt.ArrayLike,
    num: int,
    *,
    exclude: sp.csr_array | None = None,
    block_numbers: int = BLOCK_NUMBERS,
) -> tuple[Codes, npt.NDArray[np.float64]]:
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
        found = _candidates(block, num, np.full(len(block), -np.inf))
        _fill(best[rows], values[rows], *_trim(found, num, len(block)))
    return best, values


def top_rows(
    scores: ScoreBlocks | npt.ArrayLike,
    num: int,
    *,
    exclude: sp.csr_array | None = None,
    block_numbers: int = BLOCK_NUMBERS,
) -> tuple[Codes, npt.NDArray[np.float64]]:
    """Return the `num` best rows of each column, best first; see `top_columns`.

    Rows are read in order, and of a later block only what beats a column's worst kept score is
    looked at again.

    Returns:
        (m, num) rows, -1 where a column has fewer, and their scores, -inf there.
    """
    scores = as_scores(scores)
    n, m = scores.shape
    _check_num(num)
    kept: Entries = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    worst = np.full(m, -np.inf)
    for rows in _slices(n, block_numbers // max(m, 1)):
        block = _masked(scores, rows, slice(0, m), exclude)
        found = _candidates(block.T, num, worst)
        kept = (
            np.concatenate([kept[0], found[0]]),
            np.concatenate([kept[1], found[1] + rows.start]),
            np.concatenate([kept[2], found[2]]),
        )
        if len(kept[0]) > 1.5 * num * m or rows.stop == n:
            kept = _trim(kept, num, m)
            worst = _worst(kept[0], kept[2], num, m)
    best = np.full((m, num), -1, np.int64)
    values = np.full((m, num), -np.inf)
    _fill(best, values, *kept)
    return best, values


def _check_num(num: int) -> None:
    if isinstance(num, bool) or num < 1:
        raise SettingsError(f"{num!r} is not possible as a number to select: use one from 1.")


def _slices(total: int, step: int) -> Iterator[slice]:
    step = max(step, 1)
    for begin in range(0, total, step):
        yield slice(begin, min(begin + step, total))


def _masked(
    scores: ScoreBlocks, rows: slice, columns: slice, exclude: sp.csr_array | None
) -> npt.NDArray[Any]:
    """Return a block with excluded pairs at -inf."""
    block = scores.block(rows, columns)
    if exclude is not None:
        part = sp.csr_array(exclude[rows]) if columns == slice(0, block.shape[1]) else None
        part = sp.csr_array(exclude[rows, columns]) if part is None else part
        at, column = part.nonzero()
        block[at, column] = -np.inf
    return block


def _candidates(lines: npt.NDArray[Any], num: int, worst: npt.NDArray[np.float64]) -> Entries:
    """Return what may be among the `num` best of each line; within a line, in the order of places.

    Only values above `worst` of their line count: a tie with an earlier block loses.
    """
    mask = lines > worst[:, None].astype(lines.dtype)
    if np.count_nonzero(mask) > 2 * num * len(lines):
        mask &= lines >= _floor(lines, num)[:, None]
    if mask.flags.c_contiguous:
        line, place = _where(mask)
    else:  # nonzero runs fastest over contiguous memory, and transposed blocks are not
        place, line = _where(mask.T)
    return line, place, lines[line, place].astype(np.float64)


def _where(mask: npt.NDArray[np.bool_]) -> tuple[Codes, Codes]:
    """Return what np.nonzero does of a contiguous mask, eight at a time: nearly all are False."""
    flat = mask.reshape(-1)
    whole = len(flat) // 8 * 8
    some = np.flatnonzero(flat[:whole].view(np.uint64) != 0)
    word, bit = np.nonzero(flat[:whole].reshape(-1, 8)[some])
    place = np.concatenate([8 * some[word] + bit, whole + np.flatnonzero(flat[whole:])])
    return np.divmod(place, mask.shape[1])


def _floor(lines: npt.NDArray[Any], num: int) -> npt.NDArray[Any]:
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
    best = np.argsort(table, axis=1, kind="stable")[:, :num]
    table = -np.take_along_axis(table, best, axis=1)
    where = np.take_along_axis(where, best, axis=1)
    lines, places = np.nonzero(table > -np.inf)
    return lines, where[lines, places], table[lines, places]


def _rank_in_line(line: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the position of each entry among those of its line; lines are sorted."""
    starts = np.flatnonzero(np.diff(line, prepend=-1))
    lengths = np.diff(np.append(starts, len(line)))
    return np.arange(len(line)) - np.repeat(starts, lengths)


def _worst(
    line: npt.NDArray[np.int64], value: npt.NDArray[np.float64], num: int, num_lines: int
) -> npt.NDArray[np.float64]:
    """Return the value that a newcomer of each line must beat: -inf while there is room."""
    worst = np.full(num_lines, -np.inf)
    last = _rank_in_line(line) == num - 1
    worst[line[last]] = value[last]
    return worst


def _fill(
    best: Codes,
    values: npt.NDArray[np.float64],
    line: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    value: npt.NDArray[np.float64],
) -> None:
    rank = _rank_in_line(line)
    best[line, rank] = place
    values[line, rank] = value

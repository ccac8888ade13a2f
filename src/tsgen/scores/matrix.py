"""`ScoreMatrix`: the intensities of all pairs, low-rank plus sparse, never dense as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Singles
from tsgen.errors import DataError

from .selection import BLOCK_NUMBERS, top_columns, top_rows

__all__ = ["ScoreMatrix"]


_NOTHING = np.float32(-1e30)  # as the logarithm of 0: swallows whatever is added to it


@dataclass(frozen=True, eq=False)
class ScoreMatrix:
    """Scores of n users (rows) and m items (columns), evaluated in blocks.

    score(x, y) = exp(u_x . v_y + a_x + b_y) + pairs(x, y), at least 0, and a pair that is excluded
    has no score. Without factors the first part is exp(a_x + b_y). Blocks are float32 and new
    arrays.

    Args:
        user_ids: (n,) ids.
        item_ids: (m,) ids, in an order that decides exact ties.
        user_factors: (n, d) u.
        item_factors: (m, d) v.
        user_bias: (n,) a; -inf gives a user no low-rank part.
        item_bias: (m,) b; -inf gives an item no low-rank part.
        pairs: (n, m) sparse, added after the exponential; None is zero.
        excluded: (n, m) sparse, other than 0 for pairs without a score; None excludes none.
        block_numbers: Scores in memory at a time.

    Raises:
        DataError: The parts do not fit together.

    Example:
        >>> import numpy as np, pandas as pd
        >>> users, items = pd.Index(["ann", "bob"]), pd.Index([10, 20, 30])
        >>> bias = np.log([1.0, 2.0]), np.log([0.5, 0.3, 0.2])
        >>> scores = ScoreMatrix.of_biases(users, items, *bias)
        >>> scores.top_items(1)[["user_id", "item_id"]].to_numpy().tolist()
        [['ann', 10], ['bob', 10]]
        >>> scores.top_users(1)["user_id"].tolist()
        ['bob', 'bob', 'bob']
    """

    user_ids: pd.Index[Any]
    item_ids: pd.Index[Any]
    user_factors: AnyArray
    item_factors: AnyArray
    user_bias: AnyArray
    item_bias: AnyArray
    pairs: sp.csr_array | None = None
    excluded: sp.csr_array | None = None
    block_numbers: int = BLOCK_NUMBERS

    def __post_init__(self) -> None:
        n, m = len(self.user_ids), len(self.item_ids)
        width = self.user_factors.shape[1]
        expected = {
            "user_factors": (n, width),
            "item_factors": (m, width),
            "user_bias": (n,),
            "item_bias": (m,),
            "pairs": (n, m),
            "excluded": (n, m),
        }
        for name, shape in expected.items():
            part = getattr(self, name)
            if part is not None and part.shape != shape:
                raise DataError(f"{name} has shape {part.shape}; expected {shape}.")

    @classmethod
    def of_biases(
        cls,
        user_ids: pd.Index[Any],
        item_ids: pd.Index[Any],
        user_bias: AnyArray,
        item_bias: AnyArray,
        **parts: Any,
    ) -> Self:
        """Return scores without factors: exp(a_x + b_y) and the sparse parts."""
        users = np.zeros((len(user_ids), 0), np.float32)
        items = np.zeros((len(item_ids), 0), np.float32)
        return cls(user_ids, item_ids, users, items, user_bias, item_bias, **parts)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and items."""
        return len(self.user_ids), len(self.item_ids)

    def block(self, rows: slice, columns: slice) -> Singles:
        """Return the scores of a part, excluded pairs as if they were not, shape (rows, columns).

        Raises:
            DataError: A score is not finite.
        """
        block = self._logarithms(rows, columns)
        with np.errstate(over="ignore"):
            np.exp(block, out=block)
        if self.pairs is not None:
            part = sp.coo_array(self.pairs[rows][:, columns])
            total = block[part.coords] + part.data.astype(np.float32)
            block[part.coords] = np.maximum(total, 0.0)
        if block.size:
            _check_finite(block.max())
        return block

    def _logarithms(self, rows: slice, columns: slice) -> Singles:
        """Return u.v + a + b."""
        block = self.user_factors[rows] @ self.item_factors[columns].T
        block = np.asarray(block, np.float32)
        block += self.item_bias[columns].astype(np.float32)
        block += self.user_bias[rows, None].astype(np.float32)
        return block

    def to_frame(self) -> pd.DataFrame:
        """Return all pairs as a table: user_id, item_id, score; excluded pairs are left out.

        The table has n * m rows: for matrices that fit.
        """
        n, m = self.shape
        dense = self.block(slice(0, n), slice(0, m))
        kept = np.ones(self.shape, bool)
        if self.excluded is not None:
            kept[self.excluded.nonzero()] = False
        rows, columns = np.nonzero(kept)
        return self._table(rows, columns, dense[rows, columns])

    def sums(self, columns: Sequence[int] | AnyArray) -> Array:
        """Return each user's score added up over the items at `columns`, excluded pairs as 0.

        Several items are one campaign: expected events add up. Shape (n,).
        """
        return self.campaign(columns)[0]

    def campaign(self, columns: Sequence[int] | AnyArray) -> tuple[Array, Array]:
        """Return `sums`, and each user's largest score of one of the items, shape (n,) each."""
        part = self.select_items(np.asarray(columns))
        total, largest = np.zeros(self.shape[0]), np.zeros(self.shape[0])
        step = max(self.block_numbers // max(len(part.item_ids), 1), 1)
        for begin in range(0, self.shape[0], step):
            rows = slice(begin, min(begin + step, self.shape[0]))
            block = part.block(rows, slice(0, len(part.item_ids)))
            if part.excluded is not None:
                block[sp.csr_array(part.excluded[rows]).nonzero()] = 0.0
            total[rows] = block.sum(axis=1, dtype=np.float64)
            largest[rows] = block.max(axis=1, initial=0.0)
        return total, largest

    def item_sums(self) -> Array:
        """Return each item's score added up over the users, excluded pairs as 0, shape (m,)."""
        n, m = self.shape
        total = np.zeros(m)
        step = max(self.block_numbers // max(m, 1), 1)
        for begin in range(0, n, step):
            rows = slice(begin, min(begin + step, n))
            block = self.block(rows, slice(0, m))
            if self.excluded is not None:
                block[sp.csr_array(self.excluded[rows]).nonzero()] = 0.0
            total += block.sum(axis=0, dtype=np.float64)
        return total

    def user_sums(self, weights: Array) -> Array:
        """Return each user's scores added up with the items' weights, excluded pairs as 0.

        Args:
            weights: (m,), such as prices.

        Returns:
            (n,).
        """
        n, m = self.shape
        total = np.zeros(n)
        step = max(self.block_numbers // max(m, 1), 1)
        for begin in range(0, n, step):
            rows = slice(begin, min(begin + step, n))
            block = self.block(rows, slice(0, m))
            if self.excluded is not None:
                block[sp.csr_array(self.excluded[rows]).nonzero()] = 0.0
            total[rows] = block @ weights
        return total

    def select_items(self, columns: AnyArray) -> Self:
        """Return the scores of the items at `columns` alone, in that order."""
        return replace(
            self,
            item_ids=self.item_ids[columns],
            item_factors=self.item_factors[columns],
            item_bias=self.item_bias[columns],
            pairs=None if self.pairs is None else sp.csr_array(self.pairs[:, columns]),
            excluded=None if self.excluded is None else sp.csr_array(self.excluded[:, columns]),
        )

    def select_users(self, rows: AnyArray) -> Self:
        """Return the scores of the users at `rows` alone, in that order."""
        return replace(
            self,
            user_ids=self.user_ids[rows],
            user_factors=self.user_factors[rows],
            user_bias=self.user_bias[rows],
            pairs=None if self.pairs is None else sp.csr_array(self.pairs[rows]),
            excluded=None if self.excluded is None else sp.csr_array(self.excluded[rows]),
        )

    def without(self, pairs: sp.csr_array) -> Self:
        """Return the scores without those of more pairs: (n, m) sparse, other than 0 for them."""
        more = pairs if self.excluded is None else sp.csr_array(pairs + self.excluded)
        return replace(self, excluded=more)

    def top_users(self, num: int) -> pd.DataFrame:
        """Return the best users of each item: item_id, user_id, rank (from 1), score.

        Items in their order, users by falling score; exact ties by the order of the users. Excluded
        pairs are left out, so an item may have fewer.
        """
        low_rank = self.pairs is None
        scores = _Logarithms(self) if low_rank else self
        best, values = top_rows(
            scores, num, exclude=self.excluded, block_numbers=self.block_numbers
        )
        if low_rank:
            with np.errstate(over="ignore"):
                values = np.exp(values.astype(np.float32)).astype(np.float64)
            _check_finite(values.max(initial=0.0))
        columns, place = np.nonzero(best >= 0)
        table = self._table(best[columns, place], columns, values[columns, place])
        table.insert(2, "rank", place + 1)
        return table[["item_id", "user_id", "rank", "score"]]

    def top_items(self, num: int) -> pd.DataFrame:
        """Return the best items of each user: user_id, item_id, rank (from 1), score."""
        best, values = top_columns(
            self, num, exclude=self.excluded, block_numbers=self.block_numbers
        )
        rows, place = np.nonzero(best >= 0)
        table = self._table(rows, best[rows, place], values[rows, place])
        table.insert(2, "rank", place + 1)
        return table

    def _table(self, rows: AnyArray, columns: AnyArray, values: AnyArray) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "user_id": self.user_ids.take(rows),
                "item_id": self.item_ids.take(columns),
                "score": values,
            }
        )


class _Logarithms:
    """The logarithms of low-rank scores: the same order, from one matrix product.

    A score of 0 has the logarithm `_NOTHING`, so that such pairs are listed, last and tied.
    """

    def __init__(self, scores: ScoreMatrix) -> None:
        self.shape = scores.shape
        self._scores = scores
        cold = np.isneginf(scores.item_bias)
        bias = np.where(cold, _NOTHING, scores.item_bias)
        items = np.column_stack([scores.item_factors, np.ones(len(bias))])
        items[cold] = 0.0
        self._items = np.column_stack([items, bias]).astype(np.float32)

    def block(self, rows: slice, columns: slice) -> Singles:
        """Return u.v + a + b."""
        bias = np.maximum(self._scores.user_bias[rows], _NOTHING)
        parts = (self._scores.user_factors[rows], bias, np.ones(len(bias), np.float32))
        users = np.column_stack(parts).astype(np.float32, copy=False)
        return np.asarray(users @ self._items[columns].T)


def _check_finite(largest: Any) -> None:
    if not np.isfinite(largest):
        raise DataError("A score is not finite; its factors or biases are too large.")

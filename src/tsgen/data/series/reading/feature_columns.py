"""The columns of a long table that hold features which change in time.

Shape legend: K columns, C targets, N steps on the grid of all series, one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers, Mask

from ...columns import check_finite, pick, plain_value, read_numbers
from ..dynamic import DynamicFeatures

__all__ = ["FeatureColumns", "without_future"]


@dataclass(frozen=True)
class FeatureColumns:
    """The feature columns of a table as numbers, row by row.

    Attributes:
        values: (rows, K): real, then codes of categorical, then past features; NaN is missing.
        real_names: Columns of numbers.
        cat_names: Columns of text or categories.
        past_names: Columns of numbers that are known up to the end of their series only.
        categories: The values of each categorical column, in code order.
    """

    values: Array
    real_names: tuple[str, ...]
    cat_names: tuple[str, ...]
    past_names: tuple[str, ...]
    categories: tuple[tuple[Any, ...], ...]

    @classmethod
    def read(
        cls, table: pd.DataFrame, dynamic: Sequence[str], past: Sequence[str], on_infinite: str
    ) -> FeatureColumns:
        """Read the named columns; text and categories become codes.

        Raises:
            DataError: A column is missing, or a number is infinite.
        """
        named = {name: pick(table, name, "dynamic") for name in dynamic}
        cats = tuple(name for name, column in named.items() if _is_categorical(column))
        reals = tuple(name for name in named if name not in cats)
        numbers = [
            check_finite(read_numbers(column), on_infinite, str(column.name))
            for column in (
                *(named[name] for name in reals),
                *(pick(table, name, "past_dynamic") for name in past),
            )
        ]
        coded = [_codes(named[name]) for name in cats]
        columns = [*numbers[: len(reals)], *(codes for codes, _ in coded), *numbers[len(reals) :]]
        values = np.stack(columns, axis=1) if columns else np.zeros((len(table), 0))
        categories = tuple(names for _, names in coded)
        return cls(values, reals, cats, tuple(past), categories)

    def features(
        self, values: Array, offsets: Integers, lengths: Integers
    ) -> DynamicFeatures | None:
        """Return the features of values (K, N) that were put on the grid; None without any.

        Args:
            values: The columns of `self.values`, step by step.
            offsets: (n + 1,), where each series' features begin.
            lengths: (n,), steps of each series without its known future.
        """
        if not len(values):
            return None
        first, second = len(self.real_names), len(self.real_names) + len(self.cat_names)
        past = values[second:].copy()
        within = np.arange(values.shape[1]) - np.repeat(offsets[:-1], np.diff(offsets))
        past[:, within >= np.repeat(lengths, np.diff(offsets))] = np.nan
        pairs = zip(values[first:second], self.categories, strict=True)
        coded = [_with_missing(codes, categories) for codes, categories in pairs]
        return DynamicFeatures(
            offsets,
            values[:first],
            np.array([codes for codes, _ in coded], np.int64),
            past,
            self.real_names,
            self.cat_names,
            self.past_names,
            tuple(categories for _, categories in coded),
        )


def without_future(values: Array, offsets: Integers) -> tuple[Array, Integers]:
    """Return values (C, N) and offsets without the steps after each series' last observed one.

    There only features are known: they are the future of the series, not a part of it.
    """
    seen: Mask = np.asarray((~np.isnan(values)).any(axis=0))
    steps = np.where(seen, np.arange(len(seen)), -1)
    last = np.maximum.reduceat(steps, offsets[:-1])
    lengths = np.maximum(last + 1 - offsets[:-1], 1)
    cut = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
    source = np.repeat(offsets[:-1] - cut[:-1], lengths) + np.arange(cut[-1])
    return values[:, source], cut


def _is_categorical(column: pd.Series[Any]) -> bool:
    """Whether a column holds categories: text that is no number."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return True
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return False
    given = column.dropna()
    return bool(pd.to_numeric(given.map(str), errors="coerce").isna().any())


def _codes(column: pd.Series[Any]) -> tuple[Array, tuple[Any, ...]]:
    codes, distinct = pd.factorize(column.astype(object), sort=False)
    values = [plain_value(value) for value in distinct]
    order = sorted(range(len(values)), key=lambda k: str(values[k]))
    rank = np.empty(len(order) + 1)
    rank[order], rank[-1] = np.arange(len(order)), np.nan  # code -1 is missing
    return rank[codes], tuple(values[k] for k in order)


def _with_missing(codes: Array, categories: tuple[Any, ...]) -> tuple[Integers, tuple[Any, ...]]:
    """Return whole codes; what is missing is a category of its own, None."""
    missing = np.isnan(codes)
    if missing.any():
        codes, categories = np.where(missing, len(categories), codes), (*categories, None)
    return codes.astype(np.int64), categories

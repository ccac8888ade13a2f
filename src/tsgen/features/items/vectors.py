"""Items as sparse unit vectors of what their attributes say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Array

from ..schema import TabularSchema, tokens

__all__ = ["ItemVectors"]

_KNOTS = 12
"""Places that a number is near to or far from."""


@dataclass(frozen=True, eq=False)
class ItemVectors:
    """From attributes to vectors: categories one by one, TF-IDF of texts, numbers near knots.

    Each column is a block of length 1 (0 where it is missing), and a row has the length 1: the
    product of two rows is the mean likeness of their columns.

    Attributes:
        schema: The columns.
        text_blocks: A fitted TF-IDF a text column, None where no word occurs.
        knots: (numeric columns, knots) quantiles.
        widths: (numeric columns,) distances at which numbers are not alike.
    """

    schema: TabularSchema
    text_blocks: list[Any]
    knots: Array
    widths: Array

    @classmethod
    def fit(cls, table: pd.DataFrame) -> Self:
        """Learn the columns, the words and where the numbers lie."""
        schema = TabularSchema.infer(table)
        numbers = schema.numbers(table)
        steps = np.linspace(0, 1, _KNOTS)
        quantiles = [np.nanquantile(column, steps) for column in numbers.T]
        knots = np.array(quantiles).reshape(len(quantiles), _KNOTS)
        widths = np.maximum(np.ptp(knots, axis=1) / _KNOTS, 1e-9)
        return cls(schema, [_tf_idf(texts) for texts in schema.texts(table)], knots, widths)

    def __call__(self, table: pd.DataFrame) -> sp.csr_array:
        """Return the vectors, (n, d) sparse; a row without any attribute known is 0."""
        codes = self.schema.codes(table)
        categories = [column.categories for column in self.schema.of("category")]
        blocks = [_one_hot(c, len(k)) for c, k in zip(codes.T, categories, strict=True)]
        texts = zip(self.text_blocks, self.schema.texts(table), strict=True)
        blocks += [tf_idf.transform(text) for tf_idf, text in texts if tf_idf is not None]
        numbers = zip(self.schema.numbers(table).T, self.knots, self.widths, strict=True)
        blocks += [_near(*column) for column in numbers]
        return _unit(sp.csr_array(sp.hstack([_unit(sp.csr_array(block)) for block in blocks])))


def _tf_idf(texts: list[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(tokens(text) for text in texts):
        return None
    return TfidfVectorizer(analyzer=tokens, sublinear_tf=True).fit(texts)


def _one_hot(codes: Any, width: int) -> sp.csr_array:
    rows = np.flatnonzero(codes >= 2)
    where = rows, codes[rows] - 2
    return sp.csr_array((np.ones(len(rows)), where), shape=(len(codes), width))


def _near(numbers: Array, knots: Array, width: float) -> sp.csr_array:
    distance = (numbers[:, None] - knots) / (2 * width)
    return sp.csr_array(np.nan_to_num(np.exp(-0.5 * distance**2)))


def _unit(rows: sp.csr_array) -> sp.csr_array:
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sp.csr_array(sp.diags_array(1 / np.where(lengths > 0, lengths, 1.0)) @ rows)

"""A table as numbers, column by column: categories one by one, numbers standardised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Singles
from tsgen.rng import numpy_stream

from .schema import TabularSchema
from .text import TextFeatures

__all__ = ["PlainColumns"]

_MOST = 64
"""Categories of a column that have a place of their own; beyond it they share places at random."""
_TEXT_RANK = 16


@dataclass(frozen=True, eq=False)
class PlainColumns:
    """Categories as places of their own, numbers with their squares, missing as such, and texts.

    Attributes:
        schema: The columns.
        texts: What is learnt of each text column.
        seed: Of the places that rare categories share.
    """

    schema: TabularSchema
    texts: tuple[TextFeatures, ...]
    seed: int

    @classmethod
    def learnt(cls, table: pd.DataFrame, seed: int) -> Self:
        """Learn the columns.

        Raises:
            DataError: No column tells one row from another.
        """
        schema = TabularSchema.infer(table)
        texts = tuple(TextFeatures.fit(part, _TEXT_RANK, seed) for part in schema.texts(table))
        return cls(schema, texts, seed)

    def categories(self) -> dict[str, tuple[str, ...]]:
        """Return the known categories, as text, by column."""
        return self.schema.categories()

    def transform(self, table: pd.DataFrame) -> Singles:
        """Return the numbers of rows, (n, d), no NaN.

        Raises:
            DataError: A column is not there, or has something else than numbers.
        """
        numbers = self.schema.numbers(table)
        given = np.nan_to_num(numbers)
        texts = zip(self.texts, self.schema.texts(table), strict=True)
        columns = zip(self.schema.of("category"), self.schema.codes(table).T, strict=True)
        parts: list[Array] = [
            *(self._places(len(column.categories), codes) for column, codes in columns),
            given,
            np.minimum(given**2, 9.0) - 1.0,
            np.isnan(numbers).astype(np.float64),
            *(text(values) for text, values in texts),
        ]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """Return facts that `restored` takes back."""
        words = [list(text.words) for text in self.texts]
        return {"schema": self.schema.to_json(), "seed": self.seed, "words": words}

    def arrays(self) -> dict[str, AnyArray]:
        """Return arrays that `restored` takes back."""
        parts = {f"text{k}.idf": text.idf for k, text in enumerate(self.texts)}
        return parts | {f"text{k}.components": t.components for k, t in enumerate(self.texts)}

    @classmethod
    def restored(cls, facts: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> Self:
        """Return what `to_json` and `arrays` came from."""
        texts = tuple(
            TextFeatures(tuple(words), arrays[f"text{k}.idf"], arrays[f"text{k}.components"])
            for k, words in enumerate(facts["words"])
        )
        return cls(TabularSchema.from_json(facts["schema"]), texts, facts["seed"])

    def _places(self, num: int, codes: AnyArray) -> Array:
        """Return 1 at the place of each category, (n, places); missing ones have the first."""
        places = np.arange(num + 2)
        if num > _MOST:
            drawn = numpy_stream(self.seed, "places").integers(0, _MOST, num)
            places = np.concatenate([[0, 1], 2 + drawn])
        return np.eye(min(num, _MOST) + 2)[places[codes]]

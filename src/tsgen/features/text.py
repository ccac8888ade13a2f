"""Texts as a few numbers: TF-IDF and a truncated singular value decomposition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from tsgen.arrays import Array

from .schema import tokens

__all__ = ["TextFeatures"]


@dataclass(frozen=True, eq=False)
class TextFeatures:
    """What is learnt of one text column.

    Attributes:
        words: In the order of the rows of `components`.
        idf: (words,) inverse document frequencies.
        components: (words, k); texts without a known word are 0.
    """

    words: tuple[str, ...]
    idf: Array
    components: Array

    @classmethod
    def fit(cls, texts: list[str], rank: int, seed: int) -> Self:
        """Learn the words, and the `rank` directions in which texts differ most."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        if not any(tokens(text) for text in texts):
            return cls((), np.zeros(0), np.zeros((0, rank)))
        counter = TfidfVectorizer(analyzer=tokens, sublinear_tf=True)
        rows = counter.fit_transform(texts)
        words = tuple(counter.get_feature_names_out().tolist())
        width = min(rank, min(rows.shape) - 1)
        components = np.zeros((len(words), rank))
        if width > 0:
            svd = TruncatedSVD(width, random_state=seed % 2**32).fit(rows)
            scale = np.maximum((rows @ svd.components_.T).std(axis=0), 1e-9)
            components[:, :width] = svd.components_.T / scale
        return cls(words, np.asarray(counter.idf_), components)

    def __call__(self, texts: list[str]) -> Array:
        """Return the numbers of texts, (n, k)."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        if not self.words:
            return np.zeros((len(texts), self.components.shape[1]))
        counter: Any = TfidfVectorizer(analyzer=tokens, sublinear_tf=True, vocabulary=self.words)
        counter.idf_ = self.idf
        return np.asarray(counter.transform(texts) @ self.components)

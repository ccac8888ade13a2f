"""Which items with events an item without them goes with: three rules behind one contract."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array

from .contribution import feature_contribution
from .embeddings import item_embeddings, unit_rows
from .vectors import ItemVectors

__all__ = [
    "ContentNeighbours",
    "Description",
    "DistilledItems",
    "EqualAttributes",
    "FittedRule",
    "LikenessRule",
]

_NUMBERS = 20_000_000
"""Pairs of items that are compared at a time."""

Description = Callable[[pd.DataFrame], Any]
"""From a table of attributes to numbers, (n, d) sparse or dense."""


class FittedRule(ABC):
    """A rule that has learnt from a table of items and who has seen which."""

    @abstractmethod
    def likeness(self, table: pd.DataFrame) -> Iterator[Array]:
        """Yield how much some rows of attributes go with each warm item, (rows, warm) >= 0."""

    def check(self, table: pd.DataFrame) -> None:  # noqa: B027
        """Say what is new in a table of new items, and refuse what does not fit."""

    def weights(self, table: pd.DataFrame, num: int) -> sp.csr_array:
        """Return the `num` warm items that each row goes with most, adding up to 1, (n, warm).

        Items that tie with the last of them are there as well; a row that goes with none is 0.
        """
        parts = [_largest(block, num) for block in self.likeness(table)]
        return sp.csr_array(sp.vstack(parts))


@dataclass(frozen=True)
class LikenessRule(ABC):
    """A rule: its fields are its settings."""

    @abstractmethod
    def fit(self, table: pd.DataFrame, seen: sp.csr_array, seed: int) -> FittedRule:
        """Learn.

        Args:
            table: Attributes of the warm items, (warm, columns).
            seen: (users, warm) sparse, 1 where a user has seen an item.
            seed: Of what is drawn.
        """

    def contribution(self, table: pd.DataFrame, seen: sp.csr_array, num: int, seed: int) -> float:
        """Return what attributes tell of what events tell; see `feature_contribution`."""
        return feature_contribution(self.fit, table, seen, num, seed)


@dataclass(frozen=True)
class ContentNeighbours(LikenessRule):
    """Items alike in their attributes: the cosine of their vectors, to a power."""

    power: float = 4.0

    def fit(self, table: pd.DataFrame, seen: sp.csr_array, seed: int) -> FittedRule:
        """Learn the words and categories."""
        vectors = ItemVectors.fit(table)
        return _FittedContent(vectors, vectors(table), self.power)


@dataclass(frozen=True)
class DistilledItems(LikenessRule):
    """Items near to where a student, who sees attributes alone, puts the new one.

    The teacher is where the events put the items (`item_embeddings`). The student, a ridge
    regression from attributes, imitates it; the warm items near to what it says are the virtual
    neighbours of a new item, the more so the more alike they are in their attributes. Source:
    Zheng et al., "Cold Brew: distilling graph node representations with incomplete or missing
    neighborhoods", ICLR 2022.

    Attributes:
        rank: Width of the embeddings.
        penalty: Of the regression.
        power: Of the cosine of embeddings; the higher, the fewer neighbours count.
        content_power: Of the likeness of attributes; 0 leaves it out.
    """

    rank: int = 16
    penalty: float = 3.0
    power: float = 4.0
    content_power: float = 2.0

    def fit(self, table: pd.DataFrame, seen: sp.csr_array, seed: int) -> FittedRule:
        """Learn the embeddings from who has seen what, and the student from attributes."""
        from sklearn.linear_model import Ridge

        vectors = ItemVectors.fit(table)
        warm, described = vectors(table), self.describe(table, vectors, seed)
        teacher = item_embeddings(seen, self.rank, seed)
        popularity = np.sqrt(np.asarray(seen.sum(axis=0)).ravel())
        student = Ridge(self.penalty, solver="sparse_cg", tol=1e-6).fit(
            described(table), teacher, sample_weight=popularity
        )
        return _FittedStudent(vectors, warm, described, student, unit_rows(teacher), self)

    def describe(self, table: pd.DataFrame, vectors: ItemVectors, seed: int) -> Description:
        """Return what makes of attributes the numbers that the student sees."""
        return vectors


@dataclass(frozen=True)
class EqualAttributes(LikenessRule):
    """The items that equal the new one in the most attributes, all alike: the rule of before."""

    def fit(self, table: pd.DataFrame, seen: sp.csr_array, seed: int) -> FittedRule:
        """Keep the attributes."""
        return _FittedEqual(table.reset_index(drop=True))


@dataclass(frozen=True, eq=False)
class _FittedContent(FittedRule):
    vectors: ItemVectors
    warm: sp.csr_array
    power: float

    def check(self, table: pd.DataFrame) -> None:
        """See `TabularSchema.check`."""
        self.vectors.schema.check(table, "new items")

    def likeness(self, table: pd.DataFrame) -> Iterator[Array]:
        """Yield the powers of the cosines."""
        asked = self.vectors(table)
        for rows in _blocks(len(table), self.warm.shape[0]):
            yield (asked[rows] @ self.warm.T).toarray() ** self.power


@dataclass(frozen=True, eq=False)
class _FittedStudent(FittedRule):
    vectors: ItemVectors
    warm: sp.csr_array
    described: Description
    student: Any
    teacher: Array
    settings: DistilledItems

    def check(self, table: pd.DataFrame) -> None:
        """See `TabularSchema.check`."""
        self.vectors.schema.check(table, "new items")

    def likeness(self, table: pd.DataFrame) -> Iterator[Array]:
        """Yield the powers of the cosines of embeddings times those of attributes."""
        asked, seen_by_student = self.vectors(table), self.described(table)
        for rows in _blocks(len(table), self.warm.shape[0]):
            placed = self.student.predict(seen_by_student[rows])
            where = np.reshape(placed, (-1, self.teacher.shape[1]))
            near = np.maximum(unit_rows(where) @ self.teacher.T, 0.0) ** self.settings.power
            content = (asked[rows] @ self.warm.T).toarray()
            given = np.diff(asked[rows].indptr) > 0  # nothing said: no neighbour
            yield near * (0.05 + content) ** self.settings.content_power * given[:, None]


@dataclass(frozen=True, eq=False)
class _FittedEqual(FittedRule):
    warm: pd.DataFrame

    def likeness(self, table: pd.DataFrame) -> Iterator[Array]:
        """Yield 1 for the items that equal a row in the most attributes, if in any."""
        for rows in _blocks(len(table), len(self.warm)):
            equal = np.zeros((rows.stop - rows.start, len(self.warm)))
            for name in self.warm:
                values = pd.concat([table[name].iloc[rows], self.warm[name]]).astype(object)
                codes = pd.factorize(values)[0]
                new, old = np.split(codes, [rows.stop - rows.start])
                equal += (new[:, None] == old) & (new[:, None] >= 0)
            most = equal.max(axis=1, initial=0.0, keepdims=True)
            yield ((equal == most) & (most > 0)).astype(np.float64)


def _blocks(num: int, width: int) -> Iterator[slice]:
    step = max(_NUMBERS // max(width, 1), 1)
    for begin in range(0, max(num, 1), step):
        yield slice(begin, min(begin + step, num))


def _largest(block: AnyArray, num: int) -> sp.csr_array:
    """Return the largest numbers of each row, adding up to 1, sparse."""
    if block.shape[1] > num:
        least = -np.partition(-block, num - 1, axis=1)[:, num - 1 : num]
        block = np.where(block >= least, block, 0.0)
    total = block.sum(axis=1, keepdims=True)
    return sp.csr_array(np.divide(block, total, out=np.zeros(block.shape), where=total > 0))

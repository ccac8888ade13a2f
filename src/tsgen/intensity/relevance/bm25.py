"""Relevance by item neighbours: what goes with the items that a user turned to, as BM25 weighs it.

Shape legend: n items, d factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

import numpy as np
import scipy.sparse as sp
from pydantic import Field
from scipy.sparse.linalg import svds

from tsgen.arrays import AnyArray, Array, Mask, Singles
from tsgen.data import Histories
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.training import TrainingOptions

from ..parts import SavedPart
from .base import FittedRelevance, RelevancePart, log_shares
from .mixing import MixedScores, fit_mixed
from .neighbours import item_neighbours

__all__ = ["BM25Relevance", "FittedNeighbours"]


@dataclass(frozen=True)
class BM25Relevance(RelevancePart):
    """Item-kNN: score(x, y) = sum over items i of x of (events of i) * similarity(i, y).

    Similarities are the products of BM25 weights over users, of which each item keeps its largest
    (see `item_neighbours`). They are held as factors: exactly where there are `num_factors` items
    or fewer, else as the nearest matrix of that rank. How scores become chances is the matter of
    `MixedScores`; a user is known by the history alone.

    Source: Robertson, Zaragoza (2009) for the weight; Deshpande, Karypis, "Item-based top-N
    recommendation algorithms" (2004) for the neighbours.

    Attributes:
        num_neighbours: Neighbours an item, itself included.
        saturation: k1 of BM25.
        length_share: b of BM25.
        num_factors: Width of the factors that hold the similarities.
    """

    num_neighbours: Annotated[int, Field(ge=1)] = 20
    saturation: Annotated[float, Field(ge=0)] = 1.2
    length_share: Annotated[float, Field(ge=0, le=1)] = 0.75
    num_factors: Annotated[int, Field(ge=1)] = 256
    expensive: ClassVar[bool] = True

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: Mask,
    ) -> FittedRelevance:
        """Find the neighbours; see `RelevanceModel.fit`.

        Raises:
            DataError: There is no event to learn from.
        """
        random = numpy_stream(resolve_seed(options.seed), "factors")
        return fit_mixed(histories, options, held_out, partial(self._neighbours, random=random))

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedRelevance:
        """Return what the fitted model's `arrays` came from."""
        return FittedNeighbours(**arrays)

    def _neighbours(self, histories: Histories, random: np.random.Generator) -> FittedNeighbours:
        """Return a model whose temperature is still to be chosen."""
        shares = log_shares(histories)
        near = item_neighbours(
            histories, self.num_neighbours, self.saturation, self.length_share
        ).astype(np.float64)
        near.data /= max(near.data.max(initial=0.0), 1e-12)  # the temperature has the unit
        inputs, vectors = _factors(near, self.num_factors, random)
        return FittedNeighbours(vectors, shares, inputs, np.array([0.0, 1.0]))


def _factors(
    near: sp.csr_array, width: int, random: np.random.Generator
) -> tuple[Singles, Singles]:
    """Return A and B, (n, d) each, with A B' the similarities or what is nearest to them."""
    num = near.shape[0]
    if num <= width:
        return near.toarray().astype(np.float32), np.eye(num, dtype=np.float32)
    left, sizes, right = svds(near, k=width, v0=random.standard_normal(num))
    return (left * sizes).astype(np.float32), right.T.astype(np.float32)


@dataclass(frozen=True, eq=False)
class FittedNeighbours(MixedScores):
    """Neighbours of the items, as factors.

    Attributes:
        vectors: (n, d), of the item that is scored.
        shares: (n,) log share of the training events, -inf without any.
        inputs: (n, d), of the items in a history.
        mix: Temperature, and weight of the log share.
    """

    vectors: Singles
    shares: Singles
    inputs: Singles
    mix: Array

    def vectors_of(self, counts: sp.csr_array) -> Singles:
        """Return the sum of what the items of a history point to, shape (r, d)."""
        return np.asarray(counts @ self.inputs, np.float32)

    def arrays(self) -> dict[str, Any]:
        """Return the arrays."""
        return {name: getattr(self, name) for name in ("vectors", "shares", "inputs", "mix")}

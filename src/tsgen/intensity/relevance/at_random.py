"""Relevance by chance: what any model should beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import logsumexp

from tsgen.arrays import AnyArray, Mask, Singles
from tsgen.data import Histories
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.training import TrainingOptions

from ..parts import ArrayFields, SavedPart
from .base import FittedRelevance, RelevancePart, UserPart, log_shares

__all__ = ["RandomRelevance"]

_RANDOM_FACTORS = 32


@dataclass(frozen=True)
class _FittedRandom(ArrayFields):
    item_factors: Singles
    item_bias: Singles
    key: int

    def users(self, histories: Histories) -> UserPart:
        """Return random factors, the same for the same position, and minus the log-sum-exp."""
        random = numpy_stream(self.key, "random users")
        shape = (len(histories), self.item_factors.shape[1])
        factors = random.standard_normal(shape, dtype=np.float32)
        return factors, -logsumexp(factors @ self.item_factors.T + self.item_bias, axis=1)


@dataclass(frozen=True)
class RandomRelevance(RelevancePart):
    """Scores by chance ("Rand"): for one item, any order of the users is as likely as another."""

    expensive: ClassVar[bool] = True  # held-out users do not teach it, as they do no other one

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: Mask,
    ) -> FittedRelevance:
        """Draw factors for the items that have events; see `RelevanceModel.fit`."""
        shares = log_shares(histories.subset(~held_out))
        seed = resolve_seed(options.seed)
        draw = numpy_stream(seed, "random items")
        factors = draw.standard_normal((len(shares), _RANDOM_FACTORS), dtype=np.float32)
        bias = np.where(np.isneginf(shares), shares, np.float32(0.0))
        return _FittedRandom(factors, bias, seed)

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedRelevance:
        """Return what the fitted model's `arrays` came from."""
        return _FittedRandom.from_arrays(arrays)

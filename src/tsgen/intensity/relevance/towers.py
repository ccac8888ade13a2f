"""Relevance by two towers, one of users and one of items, that another RIM has taught.

Shape legend: r requests, m items, k inputs, d rank, h hidden units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.special import expit

from tsgen.arrays import AnyArray, Array, Mask, Singles
from tsgen.data import Histories
from tsgen.errors import SettingsError
from tsgen.training import TrainingOptions

from ..activity import decayed_sums
from ..parts import ArrayFields, SavedPart
from .base import FittedRelevance, RelevancePart, UserPart

__all__ = ["FittedTowers", "TowerRelevance", "tower_inputs"]

_SPANS = (1.0, 10.0)
"""Time scales of what a user did lately, in horizons."""

_UNIT = 5.0
"""Logarithms of counts are divided by it, to be of the size of the other inputs."""


@dataclass(frozen=True)
class TowerRelevance(RelevancePart):
    """Low-rank towers taught by another model: what `tsgen.features.distil` returns has them."""

    def fit(
        self, histories: Histories, horizon: int, options: TrainingOptions, *, held_out: Mask
    ) -> FittedRelevance:
        """Refuse: towers learn from a trained model.

        Raises:
            SettingsError: Always.
        """
        raise SettingsError(
            "relevance='towers' cannot be trained on events: towers learn from a trained model. "
            "Train with another relevance, then call tsgen.features.distil(model) or tsgen distil."
        )

    def from_arrays(self, arrays: dict[str, AnyArray], saved: SavedPart) -> FittedRelevance:
        """Return what the fitted model's `arrays` came from."""
        return FittedTowers.from_arrays(arrays)


@dataclass(frozen=True, eq=False)
class FittedTowers(ArrayFields):
    """log p(y | x) = u(x) . v_y + a(x) + b_y, for items y that x has not seen.

    (u, a)(x) = t + W silu(A t + c), t the sum of what the inputs of x point to, see `tower_inputs`.
    The shares add up to 1 over items about; the pair part beside it, `SeenPairs`, brings them there
    exactly.

    Attributes:
        item_factors: (m, d) v.
        item_bias: (m,) b, -inf for items without training events.
        inputs: (k, d + 1).
        inner: (h, d + 1) A. inner_bias: (h,) c. outer: (d + 1, h) W.
        span: The horizon in microseconds.
    """

    item_factors: Singles
    item_bias: Singles
    inputs: Singles
    inner: Singles
    inner_bias: Singles
    outer: Singles
    span: int

    def users(self, histories: Histories) -> UserPart:
        """Return the factors and biases of requests."""
        sums = np.asarray(tower_inputs(histories, self.span) @ self.inputs, np.float32)
        hidden = sums @ self.inner.T + self.inner_bias
        hidden *= expit(hidden)
        sums += hidden @ self.outer.T
        return sums[:, :-1], sums[:, -1]


def tower_inputs(histories: Histories, span: int) -> sp.csr_array:
    """Return what the user tower sees of requests, sparse float32, (r, 2 m + 6).

    For each item log(1 + events) and log(1 + events of the last horizon, fading), each block of a
    request of length 1; then 1 and logarithms of: events, items, events of late (two time scales),
    horizons since the last event.

    Args:
        histories: The requests.
        span: The horizon in microseconds.
    """
    counts = histories.pair_counts()
    lately = _faded_counts(histories, span)
    about = _about_users(histories, counts, span) / _UNIT
    about[:, 0] = 1.0
    blocks = [_unit_length(counts), _unit_length(lately), sp.csr_array(about)]
    return sp.csr_array(sp.hstack(blocks, format="csr"), dtype=np.float32)


def _about_users(histories: Histories, counts: sp.csr_array, span: int) -> Array:
    times = histories.events.time
    last = times[np.maximum(histories.ends - 1, 0)] if len(times) else histories.at
    age = np.where(histories.lengths > 0, (histories.at - last) / span, 0.0)
    sums = decayed_sums(histories, 1 / np.array(_SPANS), span)
    counted = (histories.lengths, np.diff(counts.indptr), *sums.T, age)
    return np.column_stack([np.ones(len(histories)), *(np.log1p(column) for column in counted)])


def _faded_counts(histories: Histories, span: int) -> sp.csr_array:
    """Return the events of each pair, each weighing exp(-horizons ago), sparse, (r, m)."""
    requests, rows = histories.flat()
    weights = np.exp(-(histories.at[requests] - histories.events.time[rows]) / span)
    recent = weights > 1e-3
    where = requests[recent], histories.events.item[rows[recent]]
    shape = (len(histories), histories.events.num_items)
    return sp.csr_array((weights[recent], where), shape=shape)


def _unit_length(counts: sp.csr_array) -> sp.csr_array:
    logs = np.log1p(counts.data)
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(rows, logs**2, minlength=counts.shape[0]))
    logs /= np.maximum(lengths, 1e-9)[rows]
    return sp.csr_array((logs, counts.indices, counts.indptr), shape=counts.shape)

"""A small network from the features of pairs to log-intensities: trained by torch, read by NumPy.

Shapes: p pairs, f features, h hidden units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from scipy.special import expit
from torch import nn
from torch.nn import functional as F

from tsgen.arrays import Array, Keys, Singles
from tsgen.rng import mixed, torch_stream
from tsgen.training import train_module

from .settings import PairSettings

__all__ = ["PairNetwork"]


_BATCH = 4096
_PASSES = 5
_FEWEST_STEPS, _MOST_STEPS = 120, 600
_DECAY = 1e-4
_LIMITS = (-25.0, 6.0)


@dataclass(frozen=True, eq=False)
class PairNetwork:
    """log intensity = offset + linear(z) + hidden(z), z the features on a common scale.

    Attributes:
        bounds: (4, f) mean, deviation, least and greatest value of the features; what lies outside
            is taken as the nearest value that was met in training.
        linear: (1, f). constant: (1,).
        inner: (h, f). inner_constant: (h,).
        outer: (1, h).
    """

    bounds: Singles
    linear: Singles
    constant: Singles
    inner: Singles
    inner_constant: Singles
    outer: Singles

    def logarithms(self, features: Singles, offset: Singles) -> Singles:
        """Return log-intensities, shape (p,)."""
        z = self._scaled(features)
        hidden = z @ self.inner.T + self.inner_constant
        hidden *= expit(hidden)
        total = offset + z @ self.linear[0] + hidden @ self.outer[0] + self.constant[0]
        return np.asarray(np.clip(total, *_LIMITS), np.float32)

    def _scaled(self, features: Singles) -> Singles:
        mean, deviation, low, high = self.bounds
        scaled = np.clip(features, low, high)
        scaled -= mean
        scaled /= deviation
        return np.asarray(scaled, np.float32)

    def blended(self, other: PairNetwork, share: float) -> PairNetwork:
        """Return the mean of two networks' log-intensities, with so much of the other's.

        Both are written on this one's scale, side by side; limits of features are means, too.
        """
        mean, deviation, low, high = self.bounds
        ratio = deviation / other.bounds[1]
        move = (mean - other.bounds[0]) / other.bounds[1]
        low = (1 - share) * low + share * other.bounds[2]
        high = (1 - share) * high + share * other.bounds[3]
        shifted = other.constant + other.linear @ move
        return PairNetwork(
            np.stack([mean, deviation, low, high]),
            (1 - share) * self.linear + share * other.linear * ratio,
            (1 - share) * self.constant + share * shifted,
            np.concatenate([self.inner, other.inner * ratio]),
            np.concatenate([self.inner_constant, other.inner_constant + other.inner @ move]),
            np.concatenate([(1 - share) * self.outer, share * other.outer], axis=1),
        )

    @classmethod
    def fit(
        cls,
        features: Singles,
        offset: Singles,
        counts: Array,
        keys: Keys,
        seed: int,
        settings: PairSettings | None = None,
    ) -> Self:
        """Maximise the negative binomial likelihood of counts; its shape is learnt, too.

        Counts of pairs come in bursts; the fewer the shape, the less a large one weighs.

        Args:
            features: (p, f).
            offset: (p,) log-intensities to begin with and to fall back on.
            counts: (p,) events.
            keys: (p,) random bits that decide which pairs come together in a step.
            seed: Of the initial weights.
            settings: Width and learning rate; None is the default.
        """
        settings = settings or PairSettings()
        deviation = features.std(axis=0) + 1e-3
        bounds = np.stack([features.mean(axis=0), deviation, features.min(0), features.max(0)])
        nothing = np.zeros((1, features.shape[1]), np.float32)
        blank = cls(bounds.astype(np.float32), nothing, *([np.zeros(1, np.float32)] * 4))
        # Whatever the users are called, the same pairs come in the same order.
        order = np.argsort(keys, kind="stable")
        inputs = torch.from_numpy(blank._scaled(features[order]))
        count = torch.from_numpy(counts[order].astype(np.float32))
        start = torch.from_numpy(np.asarray(offset[order], np.float32))
        level = float(np.log(max(counts.sum(), 1) / np.exp(offset.astype(np.float64)).sum()))
        pairs = inputs, start, count
        module = _train(pairs, _Batches(keys[order]), level, seed, settings)
        return cls(blank.bounds, *module.arrays())


class _PairModule(nn.Module):
    """The network in torch, and the logarithm of the counts' shape."""

    def __init__(self, size: int, hidden: int, level: float, random: torch.Generator) -> None:
        super().__init__()
        self.linear = nn.Parameter(torch.zeros(1, size))
        self.constant = nn.Parameter(torch.full((1,), level))
        self.inner = nn.Parameter(torch.randn(hidden, size, generator=random) / size**0.5)
        self.inner_constant = nn.Parameter(torch.zeros(hidden))
        self.outer = nn.Parameter(torch.zeros(1, hidden))
        self.log_shape = nn.Parameter(torch.zeros(1))

    def forward(self, z: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
        """Return log-intensities (p,) of features on the common scale (p, f)."""
        hidden = F.silu(F.linear(z, self.inner, self.inner_constant))
        total = F.linear(z, self.linear) + F.linear(hidden, self.outer)
        logs: torch.Tensor = start + total[:, 0] + self.constant
        return logs.clamp(*_LIMITS)

    def loss(self, z: torch.Tensor, start: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
        """Return the mean negative log-likelihood, without the counts' own factorials."""
        total: torch.Tensor = self(z, start)
        shape = self.log_shape.clamp(-5.0, 5.0).exp()
        likelihood = count * total - (count + shape) * torch.log(shape + total.exp())
        likelihood += torch.lgamma(count + shape) - torch.lgamma(shape) + shape * torch.log(shape)
        return -likelihood.mean()

    def arrays(self) -> list[Singles]:
        """Return the arrays of `PairNetwork` after its bounds."""
        weights = (self.linear, self.constant, self.inner, self.inner_constant, self.outer)
        return [weight.detach().numpy() for weight in weights]


class _Batches:
    """Pairs in batches by their keys alone, others in each pass: about 4096, in 2^k batches.

    A pair more or less changes its own batch, and no other.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys, self._rows = keys, [np.arange(0)]
        self.number = max(2 ** round(math.log2(max(len(keys), 1) / _BATCH)), 1)

    def at(self, step: int) -> torch.Tensor:
        """Return the rows of a step; steps are asked for one after another."""
        number, place = divmod(step, self.number)
        if place == 0:
            batch = mixed(self._keys, number) % np.uint64(self.number)
            order = np.argsort(batch.astype(np.uint16), kind="stable")
            ends = np.cumsum(np.bincount(batch.astype(np.int64), minlength=self.number))
            self._rows = np.split(order, ends[:-1])
        return torch.from_numpy(self._rows[place])


def _train(
    pairs: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    batches: _Batches,
    level: float,
    seed: int,
    settings: PairSettings,
) -> _PairModule:
    random = torch_stream(seed, "pairs")
    module = _PairModule(pairs[0].shape[1], settings.hidden_size, level, random)

    def loss(step: int) -> torch.Tensor:
        rows = batches.at(step)
        return module.loss(*(part[rows] for part in pairs))

    train_module(
        module,
        loss,
        num_steps=int(np.clip(_PASSES * batches.number, _FEWEST_STEPS, _MOST_STEPS)),
        learning_rate=settings.learning_rate,
        label="pairs",
        weight_decay=_DECAY,
        max_norm=1.0,
        one_cycle=True,
        progress=False,
    )
    return module

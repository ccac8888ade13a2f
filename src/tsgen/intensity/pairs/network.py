"""A small network from the features of pairs to log-intensities: trained by torch, read by NumPy.

Shapes: p pairs, f features, h hidden units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import expit
from torch.nn import functional as F

from tsgen.rng import torch_stream

__all__ = ["PairNetwork"]

Numbers = npt.NDArray[np.float32]

_HIDDEN = 32
_BATCH = 4096
_PASSES = 5
_FEWEST_STEPS, _MOST_STEPS = 120, 600
_RATE, _DECAY = 5e-3, 1e-4
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

    bounds: Numbers
    linear: Numbers
    constant: Numbers
    inner: Numbers
    inner_constant: Numbers
    outer: Numbers

    def logarithms(self, features: Numbers, offset: Numbers) -> Numbers:
        """Return log-intensities, shape (p,)."""
        z = self._scaled(features)
        hidden = z @ self.inner.T + self.inner_constant
        hidden *= expit(hidden)
        total = offset + z @ self.linear[0] + hidden @ self.outer[0] + self.constant[0]
        return np.asarray(np.clip(total, *_LIMITS), np.float32)

    def _scaled(self, features: Numbers) -> Numbers:
        mean, deviation, low, high = self.bounds
        return np.asarray((np.clip(features, low, high) - mean) / deviation, np.float32)

    @classmethod
    def fit(
        cls, features: Numbers, offset: Numbers, counts: npt.NDArray[np.float64], seed: int
    ) -> Self:
        """Maximise the negative binomial likelihood of counts; its shape is learnt, too.

        Counts of pairs come in bursts; the fewer the shape, the less a large one weighs.

        Args:
            features: (p, f).
            offset: (p,) log-intensities to begin with and to fall back on.
            counts: (p,) events.
            seed: Of the initial weights and of the order of the pairs.
        """
        deviation = features.std(axis=0) + 1e-3
        bounds = np.stack([features.mean(axis=0), deviation, features.min(0), features.max(0)])
        nothing = np.zeros((1, features.shape[1]), np.float32)
        blank = cls(bounds.astype(np.float32), nothing, *([np.zeros(1, np.float32)] * 4))
        # Whatever the users are called, the same pairs come in the same order.
        order = np.lexsort((counts, features @ _fingerprint(features.shape[1]), offset))
        inputs = torch.from_numpy(blank._scaled(features[order]))
        count = torch.from_numpy(counts[order].astype(np.float32))
        start = torch.from_numpy(np.asarray(offset[order], np.float32))
        level = float(np.log(max(counts.sum(), 1) / np.exp(offset.astype(np.float64)).sum()))
        weights = _train(inputs, start, count, level, seed)
        return cls(blank.bounds, *(w.detach().numpy() for w in weights))


def _fingerprint(size: int) -> npt.NDArray[np.float64]:
    return np.random.default_rng(0).standard_normal(size)


def _train(
    inputs: torch.Tensor, start: torch.Tensor, count: torch.Tensor, level: float, seed: int
) -> list[torch.Tensor]:
    random = torch_stream(seed, "pairs")
    size = inputs.shape[1]
    inner = torch.randn(_HIDDEN, size, generator=random) / size**0.5
    shapes = [(1, size), (1,), (_HIDDEN, size), (_HIDDEN,), (1, _HIDDEN), (1,)]
    weights = [torch.zeros(shape) for shape in shapes]
    weights[1] += level
    weights[2] = inner
    for weight in weights:
        weight.requires_grad_()
    steps = int(np.clip(_PASSES * len(count) / _BATCH, _FEWEST_STEPS, _MOST_STEPS))
    optimiser = torch.optim.AdamW(weights, lr=_RATE, weight_decay=_DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps + 1)
    for _ in range(steps):
        some = torch.randint(len(count), (min(_BATCH, len(count)),), generator=random)
        loss = _loss(weights, inputs[some], start[some], count[some])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        rates.step()
    return weights[:-1]


def _loss(
    weights: list[torch.Tensor], z: torch.Tensor, start: torch.Tensor, count: torch.Tensor
) -> torch.Tensor:
    linear, constant, inner, inner_constant, outer, log_shape = weights
    hidden = F.silu(F.linear(z, inner, inner_constant))
    total = start + (F.linear(z, linear) + F.linear(hidden, outer))[:, 0] + constant
    total = total.clamp(*_LIMITS)
    shape = log_shape.clamp(-5.0, 5.0).exp()
    likelihood = count * total - (count + shape) * torch.log(shape + total.exp())
    likelihood += torch.lgamma(count + shape) - torch.lgamma(shape) + shape * torch.log(shape)
    return -likelihood.mean()

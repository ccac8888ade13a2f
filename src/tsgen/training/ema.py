"""Exponential moving average of a network's weights."""

from __future__ import annotations

import copy

import torch
from torch import nn

__all__ = ["ExponentialMovingAverage"]


class ExponentialMovingAverage:
    """Keeps `average`, a copy of a network whose weights follow the trained ones slowly.

    After step t: average <- d * average + (1 - d) * weights, with d = min(decay, (1 + t)/(10 +
    t)), so that the first steps are not averaged with the random start (Yazici et al., ICLR
    2019).
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.average = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move the average towards `network` after the training step number `step` (from 0)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        averages = [a.detach() for a in self.average.parameters()]
        weights = [w.detach() for w in network.parameters()]
        torch._foreach_lerp_(averages, weights, 1 - decay)
        for average, buffer in zip(self.average.buffers(), network.buffers(), strict=True):
            average.copy_(buffer)

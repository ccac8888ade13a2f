"""The parts of the default preset's networks that look at the context.

Shape legend: B batch, L_k length of level k, W size of the style vector, D channels of the data, J
fills of each.
"""

from __future__ import annotations

import torch
from torch import nn

from ..windows import Conditions, ContextSizes, halve

__all__ = ["FillMixture", "features", "summary_encoder"]


def summary_encoder(sizes: ContextSizes, width: int) -> nn.Module:
    """Return a network from the summary of a frame (B, S) to a vector (B, W)."""
    return nn.Sequential(nn.Linear(sizes.summary, width), nn.LeakyReLU(0.2))


def features(conditions: Conditions, level: int, *, with_context: bool) -> torch.Tensor:
    """Return the time features of a level and, if asked for, the context's channels beside them."""
    time = conditions.time[level]
    if not with_context or conditions.context is None:
        return time
    return torch.cat([time, conditions.context.levels[level]], dim=1)


class FillMixture(nn.Module):
    """A weighted mean of the fills, to which the generator adds detail.

    The weights, one set a step, depend on the style and on what is known nearby. They are mixed at
    full resolution and averaged down, so all stages see one and the same series.
    """

    def __init__(self, sizes: ContextSizes, width: int) -> None:
        super().__init__()
        self.num_fills, self.num_channels = sizes.fills, sizes.num_channels
        weights = sizes.fills * sizes.num_channels
        self.by_style = nn.Linear(width, weights)
        self.by_step = nn.Conv1d(sizes.channels, weights, 1)
        for layer in (self.by_style, self.by_step):
            nn.init.normal_(layer.weight, std=0.02)

    def forward(
        self, style: torch.Tensor, conditions: Conditions, lengths: tuple[int, ...]
    ) -> list[torch.Tensor]:
        """Return the mean fill by level, coarse to fine, each (B, D, L_k)."""
        if conditions.context is None:
            raise ValueError("a generator with a context needs conditions with one")
        channels = conditions.context.levels[-1]
        weights = self.by_style(style)[:, :, None] + self.by_step(channels)
        weights, observed = (x.unflatten(1, (self.num_channels, -1)) for x in (weights, channels))
        levels = [(weights.softmax(dim=2) * observed[:, :, : self.num_fills]).sum(dim=2)]
        for length in reversed(lengths[:-1]):
            levels.append(halve(levels[-1], length))
        return levels[::-1]

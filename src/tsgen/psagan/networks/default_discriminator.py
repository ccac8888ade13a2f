"""The discriminator of the default preset: it sees shape, level and spread at every resolution.

Shape legend: B batch, L_k length of level k (coarse to fine), C_k channels of level k, D channels
of the data, V views. Windows are (B, L), or (B, D, L) where D > 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn import functional

from ..windows import Conditions, halve
from .context import features, summary_encoder
from .default_layout import IdentityEmbedding, Layout

__all__ = ["Discriminator", "DiscriminatorLevel", "views"]

_EPSILON = 1e-4
"""Smallest range of a window, in scales of its series, that the networks tell from a constant."""


def views(windows: torch.Tensor, window_scale: bool) -> torch.Tensor:
    """Return what the discriminator sees of windows (B, L) or (B, D, L): views (B, V, L).

    With `window_scale`, for each channel: the shape in [-1, 1], the values, the least value and the
    logarithm of the range. The shape shows fine detail in a flat window as clearly as in a steep
    one.
    """
    if not window_scale:
        return windows.reshape(len(windows), -1, windows.shape[-1])
    least, most = windows.amin(dim=-1, keepdim=True), windows.amax(dim=-1, keepdim=True)
    span = most - least
    shape = 2 * (windows - least) / (span + _EPSILON) - 1
    log_range = torch.log(span + _EPSILON) * 0.5
    seen = [shape, windows, least.expand_as(windows), log_range.expand_as(windows)]
    return torch.stack(seen, dim=1).flatten(1, -2)


class DiscriminatorLevel(nn.Module):
    """Examines features at one resolution: convolutions, attention."""

    def __init__(self, layout: Layout, level: int, outputs: int) -> None:
        super().__init__()
        channels = layout.channels[level]
        widths = [channels] * (layout.convolutions(level) - 1) + [outputs]
        self.convolutions = nn.ModuleList(nn.Conv1d(channels, w, 3, padding=1) for w in widths)
        self.attention = layout.attention(level)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C_k, L_k) to (B, C_out, L_k)."""
        x = self.attention(x)
        for convolution in self.convolutions:
            x = functional.leaky_relu(convolution(x), 0.2)
        return x


class Discriminator(nn.Module):
    """Views of windows and conditions to one score each; higher means more real.

    Where several processes share a batch, `gathered` makes the whole of it from their parts.

    The window enters at every resolution. The finest level of stage k fades in by alpha: at alpha
    = 0 the score is exactly that of the averaged window at stage k - 1.
    """

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        self.gathered: Callable[[torch.Tensor], torch.Tensor] = _alone
        channels, num_levels = layout.channels, len(layout.channels)
        num_views = layout.num_channels * (4 if layout.window_scale else 1)
        self.entries = nn.ModuleList(
            nn.Conv1d(num_views + layout.discriminator_features, c, 1) for c in channels
        )
        self.levels = nn.ModuleList(
            DiscriminatorLevel(layout, k, channels[max(k - 1, 0)]) for k in range(num_levels)
        )
        width = 64
        self.summary = nn.Linear(
            (channels[0] + int(layout.minibatch_deviation)) * layout.lengths[0], width
        )
        self.score = nn.Linear(width, 1)
        self.identity = IdentityEmbedding(layout)
        self.projection = nn.Linear(layout.embedding_size, width, bias=False)
        self.judges_context = layout.context is not None and layout.context.judged
        if layout.context is not None and layout.context.judged:
            self.context = summary_encoder(layout.context, width)

    def view(self, windows: torch.Tensor) -> torch.Tensor:
        """Return what is seen of windows (B, L) or (B, D, L): (B, V, L)."""
        return views(windows, self.layout.window_scale)

    def forward(
        self, seen: torch.Tensor, conditions: Conditions, stage: int, alpha: float, groups: int = 1
    ) -> torch.Tensor:
        """Return scores (B,).

        Args:
            seen: (B, V, L_stage), what `views` returned.
            conditions: Of the B windows.
            stage: Index of the finest level in use.
            alpha: Share of the finest level, in [0, 1].
            groups: The batch is this many groups (real, fake) that are compared within themselves.
        """
        x = torch.zeros((), device=seen.device)
        for k in range(stage, -1, -1):
            beside = features(conditions, k, with_context=self.judges_context)
            entry = self.entries[k](torch.cat([seen, beside], dim=1))
            x = functional.leaky_relu(entry, 0.2) + x
            x = self.levels[k](x)
            if k > 0:
                length = self.layout.lengths[k - 1]
                x = halve(x, length)
                x = x * alpha if k == stage else x
                seen = halve(seen, length)

        if self.layout.minibatch_deviation:
            x = torch.cat([x, _deviation(x, groups, self.gathered)], dim=1)
        summary = functional.leaky_relu(self.summary(x.flatten(1)), 0.2)
        expected = self.projection(self.identity(conditions))
        if self.judges_context and conditions.context is not None:
            expected = expected + self.context(conditions.context.summary)
        projected = (expected * summary).sum(dim=1)
        return self.score(summary)[:, 0] + projected * summary.shape[1] ** -0.5  # type: ignore[no-any-return]


def _alone(part: torch.Tensor) -> torch.Tensor:
    return part


def _deviation(
    x: torch.Tensor, groups: int, gathered: Callable[[torch.Tensor], torch.Tensor] = _alone
) -> torch.Tensor:
    """Return one channel (B, 1, L): the spread of the features over each group of the batch."""
    parts: Sequence[torch.Tensor] = x.chunk(groups)
    levels = [(gathered(p).var(dim=0, unbiased=False) + 1e-8).sqrt().mean() for p in parts]
    return torch.cat(
        [level.expand(len(p), 1, p.shape[-1]) for level, p in zip(levels, parts, strict=True)]
    )

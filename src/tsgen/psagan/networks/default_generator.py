"""The generator of the default preset.

Generator and discriminator keep PSA-GAN's idea (grow from coarse to fine, residual self-attention,
series and calendar as conditions) and depart from its networks in named ways: one latent vector
modulates every level and fresh noise enters at every level; each level adds its own detail to the
upsampled series ("output skips"), so that a new level changes nothing when it fades in; the
generator yields a shape together with its level and spread; the discriminator sees all three, and
compares windows of a batch.

Shape legend: B batch, F time features, L_k length of level k (coarse to fine), C_k channels of
level k, W size of the style vector, E size of the series embedding, D channels of the data.
Windows are (B, L), or (B, D, L) where D > 1: all channels come from one latent vector and one stack
of levels, and are judged together.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from ..windows import Conditions, resize
from .context import FillMixture, features, summary_encoder
from .default_layout import IdentityEmbedding, Latent, Layout

__all__ = ["Generator"]


class GeneratorLevel(nn.Module):
    """Refines features at one resolution: convolutions, noise, modulation, attention."""

    def __init__(self, layout: Layout, level: int, inputs: int) -> None:
        super().__init__()
        channels, count = layout.channels[level], layout.convolutions(level)
        widths = [inputs + layout.generator_features] + [channels] * (count - 1)
        self.position = nn.Parameter(0.1 * torch.randn(1, channels, layout.lengths[level]))
        self.convolutions = nn.ModuleList(nn.Conv1d(w, channels, 3, padding=1) for w in widths)
        self.strength = nn.Parameter(torch.full((count, channels, 1), 0.1 if layout.noise else 0.0))
        self.strength.requires_grad_(layout.noise)
        self.attention = layout.attention(level)

    def forward(
        self, x: torch.Tensor, time: torch.Tensor, style: torch.Tensor, noise: torch.Tensor
    ) -> torch.Tensor:
        """Map (B, C_in, L_k) to (B, C_k, L_k); style is (B, 2 n_k C_k), noise (B, n_k, L_k)."""
        x = torch.cat([x, time], dim=1)
        modulation = style.view(len(x), len(self.convolutions), 2, -1, 1)
        for i, convolution in enumerate(self.convolutions):
            x = convolution(x) + self.strength[i] * noise[:, i : i + 1]
            if i == 0:
                x = x + self.position
            scale, shift = modulation[:, i, 0], modulation[:, i, 1]
            x = functional.leaky_relu(x * (1 + scale) + shift, 0.2)
        return self.attention(x)  # type: ignore[no-any-return]


class Generator(nn.Module):
    """Latent and conditions to windows, at the resolution of the current stage.

    A stage k > 0 fades in by alpha in [0, 1]: the series is the upsampled one of stage k - 1 plus
    alpha times the detail of level k. At alpha = 0 it is exactly the stage before.

    With a context, the details are added to a mean of simple fills (see `FillMixture`).
    """

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        width, channels = 64, layout.channels
        levels = range(len(channels))
        self.identity = IdentityEmbedding(layout)
        inputs = layout.latent_size + layout.embedding_size
        if layout.context is not None:
            self.context = summary_encoder(layout.context, width)
            self.fills = FillMixture(layout.context, width)
            inputs += width
        self.mapping = nn.Sequential(
            nn.Linear(inputs, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
        )
        self.start = nn.Linear(width, channels[0] * layout.lengths[0])
        self.style_sizes = [2 * layout.convolutions(k) * channels[k] for k in levels]
        self.style = nn.Linear(width, sum(self.style_sizes))
        nn.init.normal_(self.style.weight, std=0.1)
        nn.init.zeros_(self.style.bias)
        self.levels = nn.ModuleList(
            GeneratorLevel(layout, k, channels[max(k - 1, 0)]) for k in levels
        )
        self.scales_shape = layout.window_scale and layout.context is None
        # An offset of the shape would be undone by the scaling to its range.
        offset = not self.scales_shape
        outputs = layout.num_channels
        self.heads = nn.ModuleList(nn.Conv1d(c, outputs, 1, bias=offset) for c in channels)
        if self.scales_shape:
            self.scale_head = nn.Sequential(
                nn.Linear(width + channels[0], width),
                nn.LeakyReLU(0.2),
                nn.Linear(width, 2 * outputs),
            )

    def draw_latent(self, normal: Callable[..., torch.Tensor]) -> Latent:
        """Draw the randomness of B windows; normal(*shape) gives numbers (B, *shape)."""
        layout = self.layout
        shapes = [(layout.convolutions(k), length) for k, length in enumerate(layout.lengths)]
        noise = [normal(*shape) for shape in shapes] if layout.noise else []
        vector = normal(layout.latent_size)
        return Latent(vector, noise or [vector.new_zeros((len(vector), *s)) for s in shapes])

    def forward(
        self, latent: Latent, conditions: Conditions, stage: int, alpha: float
    ) -> torch.Tensor:
        """Return windows (B, L_stage) or (B, D, L_stage), in scales of their series.

        With a context, in scales of their frames.
        """
        style_vector = self._style(latent, conditions)
        styles = self.style(style_vector).split(self.style_sizes, dim=1)
        x = self.start(style_vector).unflatten(1, (-1, self.layout.lengths[0]))
        series = x.new_zeros((len(x), self.layout.num_channels, self.layout.lengths[0]))
        base = None
        if self.layout.context is not None:
            base = self.fills(style_vector, conditions, self.layout.lengths)
        for k in range(stage + 1):
            length = self.layout.lengths[k]
            if k > 0:
                x, series = resize(x, length), resize(series, length)
            seen = features(conditions, k, with_context=True)
            x = self.levels[k](x, seen, styles[k], latent.noise[k])
            detail = self.heads[k](x)
            if base is not None:
                detail = detail + (base[k] - resize(base[k - 1], length) if k else base[0])
            series = series + (alpha * detail if k == stage and k > 0 else detail)
            if k == 0:
                coarse = x.mean(dim=-1)
        if self.scales_shape:
            scales = self.scale_head(torch.cat([style_vector, coarse], dim=1))
            low, log_range = scales.unflatten(1, (2, -1, 1)).unbind(dim=1)  # (B, D, 1) each
            least, most = series.amin(dim=-1, keepdim=True), series.amax(dim=-1, keepdim=True)
            shape = (series - least) / (most - least + 1e-6)
            series = low + log_range.clamp(max=8.0).exp() * shape
        windows: torch.Tensor = series[:, 0] if self.layout.num_channels == 1 else series
        return windows

    def _style(self, latent: Latent, conditions: Conditions) -> torch.Tensor:
        """Return the style vector (B, W) of the randomness and of all that is known."""
        parts = [latent.vector, self.identity(conditions)]
        if conditions.context is not None:
            parts.append(self.context(conditions.context.summary))
        return self.mapping(torch.cat(parts, dim=1))  # type: ignore[no-any-return]

"""Generator and discriminator of the default preset.

They keep PSA-GAN's idea (grow from coarse to fine, residual self-attention, series and calendar as
conditions) and depart from its networks in named ways: one latent vector modulates every level and
fresh noise enters at every level; each level adds its own detail to the upsampled series ("output
skips"), so that a new level changes nothing when it fades in; the generator yields a shape together
with its level and spread; the discriminator sees all three, and compares windows of a batch.

Shape legend: B batch, F time features, L_k length of level k (coarse to fine), C_k channels of
level k, W size of the style vector, E size of the series embedding, D channels of the data.
Windows are (B, L), or (B, D, L) where D > 1: all channels come from one latent vector and one stack
of levels, and are judged together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from ..windows import Conditions, ContextSizes, halve, resize
from .attention import ResidualAttention
from .context import FillMixture, features, summary_encoder

__all__ = ["Discriminator", "Generator", "Latent", "Layout", "views"]

_EPSILON = 1e-4
"""Smallest range of a window, in scales of its series, that the networks tell from a constant."""


@dataclass(frozen=True)
class Layout:
    """Sizes that the two networks share.

    Attributes:
        lengths: L_k, coarse to fine.
        channels: C_k, coarse to fine.
        num_features: F.
        num_series: Known series; the embedding has one row more, for unknown ones.
        cardinalities: Categories of each static column; the embeddings have one row more.
        embedding_size: E.
        latent_size: Numbers in the latent vector.
        noise: Whether fresh noise enters at every level.
        attention_max_length: Levels up to this length have self-attention; 0 for none.
        minibatch_deviation: Whether the discriminator sees the spread over the batch.
        window_scale: Whether shape, level and spread are judged apart and, without a context,
            generated apart.
        context: What the networks see of the values around; None for nothing.
        num_channels: D.
    """

    lengths: tuple[int, ...]
    channels: tuple[int, ...]
    num_features: int
    num_series: int
    cardinalities: tuple[int, ...] = ()
    embedding_size: int = 16
    latent_size: int = 32
    noise: bool = True
    attention_max_length: int = 16
    minibatch_deviation: bool = True
    window_scale: bool = True
    context: ContextSizes | None = None
    num_channels: int = 1

    @property
    def generator_features(self) -> int:
        """Channels of the conditions that the generator sees at each level."""
        return self.num_features + (self.context.channels if self.context else 0)

    @property
    def discriminator_features(self) -> int:
        """Channels of the conditions that the discriminator sees at each level."""
        judged = self.context is not None and self.context.judged
        return self.generator_features if judged else self.num_features

    def attention(self, level: int) -> nn.Module:
        """Return the attention block of a level, or the identity where it has none."""
        if self.lengths[level] > self.attention_max_length:
            return nn.Identity()
        return ResidualAttention(self.channels[level])

    def convolutions(self, level: int) -> int:
        """Return how many convolutions a level has: one at long, costly levels."""
        return 2 if self.lengths[level] < 64 else 1


@dataclass
class Latent:
    """Randomness of B windows: one vector (B, Z), and noise (B, n_k, L_k) for each level."""

    vector: torch.Tensor
    noise: list[torch.Tensor]

    def __getitem__(self, rows: slice) -> Latent:
        return Latent(self.vector[rows], [n[rows] for n in self.noise])

    def scaled(self, factor: float) -> Latent:
        """Return the same draws, `factor` times as far from 0."""
        return Latent(factor * self.vector, [factor * n for n in self.noise])


class Identity(nn.Module):
    """Embeds who a window belongs to: its series and its static categories, summed to (B, E)."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        sizes = (layout.num_series, *layout.cardinalities)
        self.tables = nn.ModuleList(nn.Embedding(n + 1, layout.embedding_size) for n in sizes)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.5)

    def forward(self, conditions: Conditions) -> torch.Tensor:
        """Return (B, E)."""
        series, *statics = self.tables
        total: torch.Tensor = series(conditions.series)
        for column, table in enumerate(statics):
            total = total + table(conditions.static[:, column])
        return total


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
        self.identity = Identity(layout)
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

    The window enters at every resolution. The finest level of stage k fades in by alpha: at alpha
    = 0 the score is exactly that of the averaged window at stage k - 1.
    """

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
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
        self.identity = Identity(layout)
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
            x = torch.cat([x, _deviation(x, groups)], dim=1)
        summary = functional.leaky_relu(self.summary(x.flatten(1)), 0.2)
        expected = self.projection(self.identity(conditions))
        if self.judges_context and conditions.context is not None:
            expected = expected + self.context(conditions.context.summary)
        projected = (expected * summary).sum(dim=1)
        return self.score(summary)[:, 0] + projected * summary.shape[1] ** -0.5  # type: ignore[no-any-return]


def _deviation(x: torch.Tensor, groups: int) -> torch.Tensor:
    """Return one channel (B, 1, L): the spread of the features over each group of the batch."""
    parts: Sequence[torch.Tensor] = x.chunk(groups)
    levels = [(p.var(dim=0, unbiased=False) + 1e-8).sqrt().mean() for p in parts]
    return torch.cat(
        [level.expand(len(p), 1, p.shape[-1]) for level, p in zip(levels, parts, strict=True)]
    )

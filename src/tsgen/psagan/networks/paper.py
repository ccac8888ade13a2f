"""Generator and discriminator of PSA-GAN as published (Jeha et al., ICLR 2022): preset "paper".

Where the paper and the authors' released code differ, the code is followed, because the published
scores came from it:

    upsampling               each value repeated (the paper: linear interpolation)
    spectral normalisation   on the 3-wide and the in- and output convolutions and the last linear
                             layer, not inside the attention (the paper's text suggests it there
                             too)
    fade-in branch           an extra random 1x1 convolution before the output layer (the paper: the
                             earlier output, interpolated), so growth is not function-preserving
    moment loss              window by window, real and fake of the same conditions (the paper: over
                             the batch)

Two things are ours: real and fake windows pass the discriminator in one batch instead of two (every
layer treats windows one by one, so only the pace of the power iteration changes), and a series that
was not trained on gets the mean of the known embeddings, where the released code has random ones.

Shape legend: B batch, F time features, n_f = 10 + F conditioning channels, L target length,
L_k = 8 * 2^k, C = 32 channels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from ..windows import Conditions

__all__ = [
    "MainBlock",
    "PaperDiscriminator",
    "PaperGenerator",
    "PaperLatent",
    "PastEntry",
    "attention_bytes",
]

_CHANNELS = 32
_EMBEDDING = 10


@dataclass
class PaperLatent:
    """One standard normal number for each step: (B, 1, L)."""

    noise: torch.Tensor

    def __getitem__(self, rows: slice) -> PaperLatent:
        return PaperLatent(self.noise[rows])

    def scaled(self, factor: float) -> PaperLatent:
        """Return the same draws, `factor` times as far from 0."""
        return PaperLatent(factor * self.noise)


class SeriesEmbedding(nn.Module):
    """One vector for each known series; index 0, unknown, is the mean of the known ones."""

    def __init__(self, num_series: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(num_series, _EMBEDDING))

    def forward(self, series: torch.Tensor) -> torch.Tensor:
        """Map indices (B,) to (B, 10)."""
        table = torch.cat([self.table.mean(dim=0, keepdim=True), self.table])
        return functional.embedding(series, table)

    def channels(self, conditions: Conditions, level: int) -> torch.Tensor:
        """Return X at a level: the embedding repeated at each step, then the time features."""
        time = conditions.time[level]
        who = self(conditions.series)[:, :, None].expand(-1, -1, time.shape[-1])
        return torch.cat([who, time], dim=1)


class MainBlock(nn.Module):
    """Convolution, then residual self-attention with scalar queries, keys and values.

    f = LeakyReLU(SN(conv_3(x))); A = softmax_j(q_i k_j / sqrt(d_k)), d_k = d_v = 1;
    M(x) = f + gamma * conv_1(A v), gamma starts at 0 (equation 3 of the paper).
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.convolution = spectral_norm(nn.Conv1d(inputs, _CHANNELS, 3, padding=1))
        self.query = nn.Conv1d(_CHANNELS, 1, 1)
        self.key = nn.Conv1d(_CHANNELS, 1, 1)
        self.value = nn.Conv1d(_CHANNELS, 1, 1)
        self.out = nn.Conv1d(1, _CHANNELS, 1)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C_in, L) to (B, 32, L)."""
        f = functional.leaky_relu(self.convolution(x), 0.01)
        weight = (self.query(f).transpose(1, 2) @ self.key(f)).softmax(dim=-1)  # (B, L, L)
        attended = self.value(f) @ weight.transpose(1, 2)  # (B, 1, L)
        return f + self.gamma * self.out(attended)  # type: ignore[no-any-return]


class PastEntry(nn.Module):
    """Adds the P values before the window to the features (PSA-GAN-C).

    p + MLP([c; p]) at each step, c being the past, the same at every step.
    """

    def __init__(self, past: int) -> None:
        super().__init__()
        hidden = past // 2 + _CHANNELS
        self.mlp = nn.Sequential(
            nn.Conv1d(past + _CHANNELS, hidden, 1),
            nn.LeakyReLU(0.01),
            nn.Conv1d(hidden, _CHANNELS, 1),
        )

    def forward(self, x: torch.Tensor, conditions: Conditions) -> torch.Tensor:
        """Map features (B, 32, L_k) to (B, 32, L_k)."""
        if conditions.context is None:
            raise ValueError("PSA-GAN-C needs conditions with a context")
        past = conditions.context.past[:, :, None].expand(-1, -1, x.shape[-1])
        return x + self.mlp(torch.cat([past, x], dim=1))  # type: ignore[no-any-return]


class PaperGenerator(nn.Module):
    """Noise and conditions to windows, at the resolution of the current stage.

    With `past` > 0 it is PSA-GAN-C: after each upsampling the values before the window come in.
    """

    def __init__(
        self, lengths: tuple[int, ...], num_features: int, num_series: int, past: int = 0
    ) -> None:
        super().__init__()
        self.lengths = lengths
        conditioning = _EMBEDDING + num_features
        self.embedding = SeriesEmbedding(num_series)
        self.blocks = nn.ModuleList(
            MainBlock(conditioning + (_CHANNELS if k else 1)) for k in range(len(lengths))
        )
        self.fades = nn.ModuleList(nn.Conv1d(_CHANNELS, _CHANNELS, 1) for _ in lengths[1:])
        self.out = spectral_norm(nn.Conv1d(_CHANNELS, 1, 1))
        self.pasts = nn.ModuleList(PastEntry(past) for _ in lengths[1:]) if past else None

    def draw_latent(self, normal: Callable[..., torch.Tensor]) -> PaperLatent:
        """Draw the noise of B windows; normal(*shape) gives numbers (B, *shape)."""
        return PaperLatent(normal(1, self.lengths[-1]))

    def forward(
        self, latent: PaperLatent, conditions: Conditions, stage: int, alpha: float
    ) -> torch.Tensor:
        """Return windows (B, L_stage), scaled."""
        noise = functional.adaptive_avg_pool1d(latent.noise, self.lengths[0])
        x = self.blocks[0](torch.cat([self.embedding.channels(conditions, 0), noise], dim=1))
        coarse = x
        for k in range(1, stage + 1):
            coarse = x.repeat_interleave(2, dim=-1)
            x = coarse if self.pasts is None else self.pasts[k - 1](coarse, conditions)
            x = self.blocks[k](torch.cat([self.embedding.channels(conditions, k), x], dim=1))
        if stage == 0 or alpha >= 1:
            return self.out(x)[:, 0]  # type: ignore[no-any-return]
        faded = self.fades[stage - 1](coarse)
        y = self.out(torch.cat([x, faded]))  # one call, so one power iteration
        fine, before = y.chunk(2)
        return (alpha * fine + (1 - alpha) * before)[:, 0]  # type: ignore[no-any-return]


class PaperDiscriminator(nn.Module):
    """Windows and conditions to one score each (no sigmoid; LSGAN labels are 1 and 0)."""

    def __init__(self, lengths: tuple[int, ...], num_features: int, num_series: int) -> None:
        super().__init__()
        self.embedding = SeriesEmbedding(num_series)
        conditioning = _EMBEDDING + num_features
        self.entry = spectral_norm(nn.Conv1d(conditioning + 1, _CHANNELS, 1))
        self.blocks = nn.ModuleList(MainBlock(_CHANNELS) for _ in lengths)
        self.exit = spectral_norm(nn.Conv1d(_CHANNELS, 1, 1))
        self.score = spectral_norm(nn.Linear(lengths[0], 1))

    def view(self, windows: torch.Tensor) -> torch.Tensor:
        """Return what is seen of windows (B, L): themselves, (B, 1, L)."""
        return windows[:, None]

    def forward(
        self, seen: torch.Tensor, conditions: Conditions, stage: int, alpha: float, groups: int = 1
    ) -> torch.Tensor:
        """Return scores (B,); `groups` is not used, windows are judged one by one."""
        del groups
        x = self._enter(seen, conditions, stage)
        for k in range(stage, 0, -1):
            x = _halve(self.blocks[k](x))
            if k == stage and alpha < 1:
                x = alpha * x + (1 - alpha) * self._enter(_halve(seen), conditions, k - 1)
        x = self.blocks[0](x)
        x = functional.leaky_relu(self.exit(x), 0.01)
        return self.score(x[:, 0])[:, 0]  # type: ignore[no-any-return]

    def _enter(self, seen: torch.Tensor, conditions: Conditions, level: int) -> torch.Tensor:
        joined = torch.cat([self.embedding.channels(conditions, level), seen], dim=1)
        return functional.leaky_relu(self.entry(joined), 0.01)


def _halve(x: torch.Tensor) -> torch.Tensor:
    return functional.avg_pool1d(x, 2)


def attention_bytes(lengths: tuple[int, ...], batch_size: int) -> int:
    """Return about how many bytes attention takes in a training step at the last stage.

    Weights, their softmax and both gradients, float32, for real and fake in the discriminator and
    for the generator.
    """
    return 4 * 4 * 3 * batch_size * sum(length**2 for length in lengths)

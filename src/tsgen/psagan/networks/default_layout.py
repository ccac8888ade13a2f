"""Sizes, randomness and embeddings that both networks of the default preset share.

Shape legend: see `default_generator`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from ..windows import Conditions, ContextSizes
from .attention import ResidualAttention

__all__ = ["IdentityEmbedding", "Latent", "Layout"]


@dataclass(frozen=True)
class Layout:
    """Sizes that the two networks share.

    Attributes:
        lengths: L_k, coarse to fine.
        channels: C_k, coarse to fine.
        num_features: F.
        num_series: Known series; the embedding has one row more, for unknown ones.
        cardinalities: Categories of each static column; the embeddings have one row more.
        static_width: Numbers that describe the statics of a series, in the place of embeddings of
            their categories; 0 for none.
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
    static_width: int = 0
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

    def scaled(self, factor: float, vector: float | None = None) -> Latent:
        """Return the same draws, `factor` times as far from 0; the vector by its own, if given."""
        whole = factor if vector is None else vector
        return Latent(whole * self.vector, [factor * n for n in self.noise])


class IdentityEmbedding(nn.Module):
    """Embeds who a window belongs to: its series and its statics, summed to (B, E)."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        described = layout.static_width
        sizes = (layout.num_series, *(() if described else layout.cardinalities))
        self.tables = nn.ModuleList(nn.Embedding(n + 1, layout.embedding_size) for n in sizes)
        self.kinds = nn.Linear(described, layout.embedding_size, bias=False) if described else None
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.5)

    def forward(self, conditions: Conditions) -> torch.Tensor:
        """Return (B, E)."""
        series, *statics = self.tables
        total: torch.Tensor = series(conditions.series)
        if self.kinds is not None:
            described: torch.Tensor = total + self.kinds(conditions.static)
            return described
        for column, table in enumerate(statics):
            total = total + table(conditions.static[:, column])
        return total

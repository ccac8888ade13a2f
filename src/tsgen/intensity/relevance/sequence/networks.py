"""Networks that read a history and say which item comes next.

Shapes: B histories, L positions, D width, E further inputs, M items (tokens 1 to M; 0 is the
start, and padding).
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import nn

__all__ = ["NextItemNetwork"]


class NextItemNetwork(nn.Module):
    """Token and what else is known -> hidden state -> scores of all items, with tied embeddings.

    Position j has read the start token and j items; its scores are about item j + 1. Source: the
    models "RNN" (GRU) and "Transformer" (post-norm, sinusoidal positions) of Ma, Liu, Deoras (ICLR
    2022).

    Args:
        num_items: M.
        hidden_size: D.
        num_layers: Layers.
        num_heads: Attention heads of the Transformer.
        cell: "gru" or "transformer".
        num_extras: E, numbers read beside the token.
    """

    def __init__(
        self,
        num_items: int,
        hidden_size: int,
        num_layers: int,
        num_heads: int,
        cell: Literal["gru", "transformer"],
        num_extras: int = 0,
    ) -> None:
        super().__init__()
        self.num_items, self.cell = num_items, cell
        self.embedding = nn.Embedding(num_items + 1, hidden_size)
        self.bias = nn.Parameter(torch.zeros(num_items))
        self.extra = nn.Linear(num_extras, hidden_size, bias=False) if num_extras else None
        self.body = (
            nn.GRU(hidden_size, hidden_size, num_layers, batch_first=True)
            if cell == "gru"
            else _CausalTransformer(hidden_size, num_layers, num_heads)
        )

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        """Draw all weights anew: embeddings uniform in +-0.1, matrices by their width, biases 0."""
        for name, weight in self.named_parameters():
            if name.startswith("embedding"):
                weight.uniform_(-0.1, 0.1, generator=generator)
            elif weight.ndim > 1:
                bound = 1 / math.sqrt(weight.shape[-1])
                weight.uniform_(-bound, bound, generator=generator)
            elif "norm" not in name:
                weight.zero_()

    def forward(self, tokens: torch.Tensor, extras: torch.Tensor) -> torch.Tensor:
        """Return hidden states, shape (B, L, D).

        Args:
            tokens: (B, L), padded with 0 at the end.
            extras: (B, L, E), of the event that the token names.
        """
        inputs = self.embedding(tokens)
        if self.extra is not None:
            inputs = inputs + self.extra(extras)
        output = self.body(inputs)
        hidden: torch.Tensor = (
            output[0] if isinstance(output, tuple) else output
        )  # the GRU's states
        return hidden

    def item_weights(self) -> torch.Tensor:
        """Return the items' output weights, (M, D): their embeddings."""
        return self.embedding.weight[1:]


class _CausalTransformer(nn.Module):
    """Post-norm encoder layers in which a position sees itself and what came before."""

    def __init__(self, width: int, num_layers: int, num_heads: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            width, num_heads, dim_feedforward=width, dropout=0.0, batch_first=True
        )
        self.layers = nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)
        self.width = width

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        length = inputs.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length, device=inputs.device)
        scaled = inputs * math.sqrt(self.width) + self._positions(length).to(inputs)
        hidden: torch.Tensor = self.layers(scaled, mask=mask, is_causal=True)
        return hidden

    def _positions(self, length: int) -> torch.Tensor:
        """Return sinusoids of falling frequency, shape (L, D)."""
        place = torch.arange(length)[:, None]
        rate = torch.exp(torch.arange(0, self.width, 2) * (-math.log(10_000.0) / self.width))
        waves = torch.zeros(length, self.width)
        waves[:, 0::2] = torch.sin(place * rate)
        waves[:, 1::2] = torch.cos(place * rate)[:, : self.width // 2]
        return waves

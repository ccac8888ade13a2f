"""Contextual embeddings of categories: a transformer over the columns of one row.

Shapes: B rows, m categorical columns, d width.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

__all__ = ["ColumnTransformer"]

_SHARED = 8
"""The d / 8 first numbers of an embedding are the column's, the others the value's."""


class ColumnTransformer(nn.Module):
    """Codes [B, m] to contextual embeddings [B, m, d].

    The embedding of a value is that of its column beside its own. Source: Huang, Khetan, Cvitkovic,
    Karnin, "TabTransformer: tabular data modeling using contextual embeddings", 2020.

    Args:
        sizes: Codes of each column, missing and unknown ones included.
        width: d.
        num_layers: Of the transformer.
        num_heads: Of its attention.
    """

    def __init__(self, sizes: Sequence[int], width: int, num_layers: int, num_heads: int) -> None:
        super().__init__()
        self.register_buffer("starts", torch.tensor([0, *sizes[:-1]]).cumsum(0), persistent=False)
        shared = max(width // _SHARED, 1)
        self.columns = nn.Parameter(0.1 * torch.randn(len(sizes), shared))
        self.values = nn.Embedding(sum(sizes), width - shared)
        layer = nn.TransformerEncoderLayer(
            width, num_heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True,
            norm_first=True,
        )  # fmt: skip
        self.layers = nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)
        self.replaced = nn.Parameter(torch.zeros(len(sizes), width + 1))
        self.meant = nn.ModuleList([nn.Linear(width, size) for size in sizes])

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        """Return the embeddings."""
        shared = self.columns.expand(len(codes), -1, -1)
        starts: torch.Tensor = self.starts  # type: ignore[assignment]
        values = self.values(codes + starts)
        embedded: torch.Tensor = self.layers(torch.cat([shared, values], dim=2))
        return embedded

    def replacement(self, embedded: torch.Tensor) -> torch.Tensor:
        """Return the logits [B, m] of whether a cell has been replaced."""
        return (embedded * self.replaced[:, :-1]).sum(dim=2) + self.replaced[:, -1]

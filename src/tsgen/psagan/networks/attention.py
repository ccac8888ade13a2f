"""Residual self-attention along time.

Shape legend: B batch, C channels, L steps, M pooled steps, H heads, E head size.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

__all__ = ["ResidualAttention"]


class ResidualAttention(nn.Module):
    """Multi-head self-attention with a gate that starts at zero, so that it starts as the identity.

    x + gate * attention(x). Beyond `max_keys` steps, keys and values are averaged down to
    `max_keys` places, which makes the cost linear in the length. The weights are computed openly
    (no fused kernel), because the gradient penalty needs second derivatives, which fused kernels
    lack.

    Source: Zhang et al., SAGAN, ICML 2019 (gate); PSA-GAN, section 3 (residual self-attention).
    """

    def __init__(
        self, channels: int, heads: int = 2, head_size: int = 8, max_keys: int = 32
    ) -> None:
        super().__init__()
        self.heads, self.head_size, self.max_keys = heads, head_size, max_keys
        width = heads * head_size
        self.query = nn.Conv1d(channels, width, 1, bias=False)
        self.key_value = nn.Conv1d(channels, 2 * width, 1, bias=False)
        self.out = nn.Conv1d(width, channels, 1)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, L) to (B, C, L)."""
        pooled = (
            x if x.shape[-1] <= self.max_keys else functional.adaptive_avg_pool1d(x, self.max_keys)
        )
        query = self.query(x).unflatten(1, (self.heads, self.head_size))  # (B, H, E, L)
        key, value = (
            self.key_value(pooled).unflatten(1, (2, self.heads, self.head_size)).unbind(1)
        )  # each (B, H, E, M)
        weight = (query.transpose(-1, -2) @ key * self.head_size**-0.5).softmax(
            dim=-1
        )  # (B, H, L, M)
        attended = (weight @ value.transpose(-1, -2)).transpose(-1, -2).flatten(1, 2)
        return x + self.gate * self.out(attended)  # type: ignore[no-any-return]

"""Two towers in torch.

Shapes: b users, k inputs, d rank, h hidden units, m items.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch
from torch import nn
from torch.nn import functional as F

from tsgen.arrays import Array, Singles

__all__ = ["Towers"]


class Towers(nn.Module):
    """log share(x, y) = u(x) . v_y + a(x) + b_y, (u, a)(x) = t + W silu(A t + c), t = inputs . E.

    Args:
        inputs: (k, d) what an input of a user begins with.
        items: (m, d) what an item begins with.
        bias: (m,) of the items.
        random: Of the hidden weights.
    """

    def __init__(self, inputs: Array, items: Array, bias: Singles, random: torch.Generator) -> None:
        super().__init__()
        width = inputs.shape[1] + 1
        wide = np.column_stack([inputs, np.zeros(len(inputs))])
        self.inputs = nn.Parameter(torch.tensor(wide, dtype=torch.float32))
        self.items = nn.Parameter(torch.tensor(items, dtype=torch.float32))
        self.bias = nn.Parameter(torch.tensor(bias, dtype=torch.float32))
        self.inner = nn.Parameter(torch.randn(width, width, generator=random) / width**0.5)
        self.constant = nn.Parameter(torch.zeros(width))
        self.outer = nn.Parameter(torch.zeros(width, width))

    def users(self, inputs: sp.csr_array) -> torch.Tensor:
        """Return (u, a) of users, (b, d + 1), by their inputs (b, k)."""
        codes, offsets = (
            torch.from_numpy(a.astype(np.int64)) for a in (inputs.indices, inputs.indptr)
        )
        weights = torch.from_numpy(inputs.data.astype(np.float32))
        sums = F.embedding_bag(
            codes, self.inputs, offsets, mode="sum", per_sample_weights=weights,
            include_last_offset=True,
        )  # fmt: skip
        hidden = F.silu(F.linear(sums, self.inner, self.constant))
        return sums + F.linear(hidden, self.outer)

    def forward(self, inputs: sp.csr_array, columns: torch.Tensor) -> torch.Tensor:
        """Return log shares of users and some items, (b, columns)."""
        users = self.users(inputs)
        products = users[:, :-1] @ self.items[columns].T
        return products + users[:, -1:] + self.bias[columns]

    def arrays(self) -> dict[str, Singles]:
        """Return the arrays, named as those of `tsgen.contracts.TowerLearner`."""
        named = {
            "item_factors": self.items,
            "item_bias": self.bias,
            "inputs": self.inputs,
            "inner": self.inner,
            "inner_bias": self.constant,
            "outer": self.outer,
        }
        return {name: value.detach().numpy().copy() for name, value in named.items()}

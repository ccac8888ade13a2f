"""Learning from a table without labels: which cells were replaced, or what hidden ones were."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .network import ColumnTransformer

__all__ = ["UNKNOWN_CATEGORY", "masked_loss", "replaced_loss"]

UNKNOWN_CATEGORY = 1
"""The code of a category that is not known; hidden cells have it, so that it is learnt."""

_HIDDEN = 0.05


def replaced_loss(
    network: ColumnTransformer, codes: torch.Tensor, share: float, random: torch.Generator
) -> torch.Tensor:
    """Return the loss of telling replaced cells.

    A share of the cells gets the value of another row, so that each column keeps its distribution;
    a cell that gets its own value is not replaced. A few others are hidden.

    Args:
        network: With a head for each column.
        codes: [B, m].
        share: Of cells to replace.
        random: The generator.
    """
    chosen = torch.rand(codes.shape, generator=random) < share
    rows = torch.randint(len(codes), codes.shape, generator=random)
    given = torch.where(chosen, codes.gather(0, rows), codes)
    hidden = torch.rand(codes.shape, generator=random) < _HIDDEN
    logits = network.replacement(network(torch.where(hidden, UNKNOWN_CATEGORY, given)))
    return F.binary_cross_entropy_with_logits(
        logits[~hidden], (given != codes)[~hidden].to(logits.dtype)
    )


def masked_loss(
    network: ColumnTransformer, codes: torch.Tensor, share: float, random: torch.Generator
) -> torch.Tensor:
    """Return the loss of saying what a share of the cells, hidden, was; arguments as above."""
    hidden = torch.rand(codes.shape, generator=random) < share
    embedded = network(torch.where(hidden, UNKNOWN_CATEGORY, codes))
    losses = [
        F.cross_entropy(head(embedded[:, i]), codes[:, i], reduction="none")
        for i, head in enumerate(network.meant)
    ]
    counted = hidden.to(embedded.dtype)
    return (torch.stack(losses, dim=1) * counted).sum() / counted.sum().clamp(min=1)

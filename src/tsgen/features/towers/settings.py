"""How towers learn."""

from __future__ import annotations

from pydantic import Field

from tsgen.settings import Settings

__all__ = ["TowerSettings"]


class TowerSettings(Settings):
    """The towers of `distil`."""

    rank: int = Field(default=64, ge=1)
    """Width of the towers."""

    rounds: int = Field(default=1, ge=0)
    """How often what the towers rank highest is added to the pairs that they learn from."""

    num_steps: int = Field(default=500, ge=1)
    """Steps before the first round, and in each round."""

    batch_size: int = Field(default=256, ge=1)
    """Users a step."""

    num_items: int = Field(default=2048, ge=1)
    """Items a step, drawn anew for each; all of them where there are no more."""

    learning_rate: float = Field(default=1e-2, gt=0)
    """Of AdamW, at its greatest."""

    hard_share: float = Field(default=0.1, gt=0, le=1)
    """Of the users the towers put first for an item, and of the items for a user, this share is
    added in a round."""

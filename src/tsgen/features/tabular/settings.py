"""What an encoder of tables is, as opposed to how it is trained."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tsgen.settings import Settings

__all__ = ["TabularEncoderSettings"]


class TabularEncoderSettings(Settings):
    """The settings of `TabularEncoderEstimator`."""

    objective: Literal["rtd", "mlm"] | None = "rtd"
    """What is learnt: which cells were replaced by another row's ("rtd"), what hidden cells were
    ("mlm"), or nothing (None: weights as drawn)."""

    categorical: tuple[str, ...] | None = None
    """Columns that are categories, whatever they look like; None reads it off the table."""

    numeric: tuple[str, ...] | None = None
    """Columns that are numbers."""

    text: tuple[str, ...] | None = None
    """Columns that are texts."""

    width: int = Field(default=32, ge=2)
    """Width of an embedding."""

    num_layers: int = Field(default=2, ge=1)
    """Layers of the transformer."""

    num_heads: int = Field(default=4, ge=1)
    """Heads of its attention; they share the width."""

    share: float = Field(default=0.3, gt=0, lt=1)
    """Of the cells that are replaced, or hidden."""

    text_rank: int = Field(default=16, ge=1)
    """Numbers of a text."""

    num_steps: int = Field(default=700, ge=1)
    """Steps of the pretraining."""

    batch_size: int = Field(default=256, ge=2)
    """Rows of a step."""

    learning_rate: float = Field(default=2e-3, gt=0)
    """Of AdamW, at its greatest."""

"""The student of items who sees them through an encoder of the whole table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tsgen.contracts import TableDescription
from tsgen.training import TrainingOptions

from ..tabular import TabularEncoderEstimator
from .rules import Description, DistilledItems
from .vectors import ItemVectors

__all__ = ["EncodedItems"]


@dataclass(frozen=True)
class EncodedItems(DistilledItems):
    """As `DistilledItems`, where the student sees what a `TabularEncoder` makes of the attributes.

    The encoder learns without labels, from the table of items alone, what its columns say of each
    other, so that a rare category is placed by the columns beside it.

    Attributes:
        num_steps: Of the encoder's pretraining; 0 leaves its weights as drawn.
        encoder: One that has learnt from another table, with these columns; None trains one.
    """

    num_steps: int = 300
    encoder: TableDescription | None = None

    def describe(self, table: pd.DataFrame, vectors: ItemVectors, seed: int) -> Description:
        """Train the encoder, if none is given; it is what describes."""
        if self.encoder is not None:
            return self.encoder.transform
        estimator = TabularEncoderEstimator(
            objective="rtd" if self.num_steps else None, num_steps=max(self.num_steps, 1)
        )
        options = TrainingOptions(seed=seed, progress=False)
        return estimator.train(table, options=options).transform

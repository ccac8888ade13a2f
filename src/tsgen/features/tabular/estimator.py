"""Training an encoder of tables, without labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import torch

from tsgen.arrays import AnyArray, Integers
from tsgen.data.events import as_table
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.rng import resolve_seed, torch_stream
from tsgen.training import TrainingOptions, build_seeded, train_module

from ..schema import TabularSchema
from ..text import TextFeatures
from .encoder import TabularEncoder
from .network import ColumnTransformer
from .objectives import masked_loss, replaced_loss
from .settings import TabularEncoderSettings

__all__ = ["TabularEncoderEstimator"]

_LOSSES: dict[str, Callable[..., torch.Tensor]] = {"rtd": replaced_loss, "mlm": masked_loss}


class TabularEncoderEstimator(TabularEncoderSettings):
    """Contextual embeddings of a table of users or items, pretrained without labels.

    Example:
        >>> import pandas as pd
        >>> from tsgen import TrainingOptions
        >>> from tsgen.features import TabularEncoderEstimator
        >>> users = pd.DataFrame({"country": ["DE", "AT"] * 20, "plan": ["a", "b", "b", "a"] * 10})
        >>> estimator = TabularEncoderEstimator(num_steps=5, width=16)
        >>> encoder = estimator.train(users, options=TrainingOptions(seed=7, progress=False))
        >>> encoder.transform(users).shape
        (40, 32)
    """

    def train(self, table: Any, *, options: TrainingOptions | None = None) -> TabularEncoder:
        """Learn from a whole table; no labels.

        Args:
            table: A data frame of attributes, without the column of ids.
            options: Seed and progress.

        Raises:
            DataError: No column tells one row from another, or the table has less than two rows.
            SettingsError: The heads do not share the width.

        Warns:
            DataWarning: Columns are missing or the same everywhere, and are left out.
        """
        encoder = self._trained(table, options or TrainingOptions())
        if silent := encoder.schema.silent:
            warnings.warn(
                "Columns that are missing or the same everywhere tell nothing and are left out: "
                f"{', '.join(silent)}.",
                DataWarning,
                stacklevel=2,
            )
        return encoder

    def _trained(self, table: Any, options: TrainingOptions) -> TabularEncoder:
        if self.width % self.num_heads:
            raise SettingsError(
                f"width={self.width} cannot be shared by num_heads={self.num_heads}; use a "
                "multiple of it."
            )
        seed, settings = resolve_seed(options.seed), TabularEncoderSettings(**dict(self))
        frame = as_table(table, "attributes", "to learn from")
        if len(frame) < 2:
            raise DataError(f"The table has {len(frame)} rows; at least 2 are needed to learn.")
        schema = TabularSchema.infer(
            frame, categorical=self.categorical, numeric=self.numeric, text=self.text
        )
        texts = [TextFeatures.fit(column, self.text_rank, seed) for column in schema.texts(frame)]
        sizes = [len(column.categories) + 2 for column in schema.of("category")]
        if not sizes:
            return TabularEncoder(settings, schema, texts, None, seed, [])
        network = build_seeded(
            lambda: ColumnTransformer(sizes, self.width, self.num_layers, self.num_heads), seed
        )
        history = self._pretrain(network, schema.codes(frame), seed, options)
        network.eval()
        return TabularEncoder(settings, schema, texts, network, seed, history)

    @classmethod
    def learnt(cls, table: pd.DataFrame, seed: int) -> TabularEncoder:
        """Return what the default settings learn from a table; see `tsgen.contracts`."""
        return cls()._trained(table, TrainingOptions(seed=seed, progress=False))

    @classmethod
    def restored(cls, facts: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> TabularEncoder:
        """Return the encoder whose `to_json` and `arrays` another model has kept."""
        return TabularEncoder.restored(facts, arrays)

    def _pretrain(
        self, network: Any, codes: Integers, seed: int, options: TrainingOptions
    ) -> list[dict[str, Any]]:
        if self.objective is None:
            return []
        rows, objective = torch.from_numpy(codes), _LOSSES[self.objective]

        def loss(step: int) -> torch.Tensor:
            random = torch_stream(seed, f"rows {step}")
            chosen = torch.randint(len(rows), (self.batch_size,), generator=random)
            return objective(network, rows[chosen], self.share, random)

        fitted = train_module(
            network,
            loss,
            num_steps=self.num_steps,
            learning_rate=self.learning_rate,
            label="table",
            weight_decay=1e-4,
            max_norm=1.0,
            one_cycle=True,
            progress=options.progress,
        )
        return list(fitted.history)
